# Runs f(...) in an R session whose numbers have a decimal comma, in C's functions too.
with_decimal_comma <- function(f, ...) {
  testthat::skip_on_cran()
  testthat::skip_if_not_installed("callr")
  home <- withr::local_tempdir()
  made <- nzchar(Sys.which("localedef")) && system2("localedef",
    c("-i", "de_DE", "-f", "UTF-8", file.path(home, "de_DE.UTF-8")), stdout = FALSE, stderr = FALSE) == 0
  testthat::skip_if_not(made, "a locale with a decimal comma can be made")
  callr::r(function(f, arguments) {
    suppressWarnings(Sys.setlocale("LC_NUMERIC", "de_DE.UTF-8"))
    stopifnot(sprintf("%g", .5) == "0,5")
    do.call(f, arguments)
  }, list(f, list(...)), libpath = .libPaths(), env = c(callr::rcmd_safe_env(), LOCPATH = home), timeout = 60)
}
