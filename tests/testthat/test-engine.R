test_that("an error of the engine arrives in the name of the user's function", {
  as_user <- function() run_engine(pixels_from_values_cpp(-1, TRUE, FALSE))
  e <- expect_error(as_user(), "negative", class = "sketchvae_engine_error")
  expect_equal(conditionCall(e), quote(as_user()))
})

test_that("an interrupt of the engine is an interrupt in R", {
  stopped <- structure(
    class = c("sketchvae::Interrupted", "C++Error", "error", "condition"),
    list(message = "interrupted", call = NULL)
  )
  caught <- tryCatch(run_engine(stop(stopped)), interrupt = function(e) "caught")
  expect_identical(caught, "caught")
})

test_that("Ctrl-C ends a long call within a second", {
  skip_if_not_installed("callr")
  skip_on_os("windows")
  child <- callr::r_bg(function(loaded) {
    if (nzchar(loaded)) library(sketchvae, lib.loc = loaded)
    writeLines("ready", stdout())
    tryCatch(
      sketchvae::simulate_sheep(4e5, seed = 1),
      interrupt = function(e) "stopped",
      error = conditionMessage
    )
  }, args = list(loaded = dirname(find.package("sketchvae"))), stdout = "|")
  withr::defer(child$kill())
  child$poll_io(30000)
  Sys.sleep(1)
  before <- Sys.time()
  child$interrupt()
  child$wait(20000)
  expect_false(child$is_alive())
  expect_lt(as.numeric(Sys.time() - before, units = "secs"), 5)
  expect_identical(child$get_result(), "stopped")
})

# Weights and threads of a fit for each of `threads`, or its error.
fits_with <- function(threads) {
  x <- sketchvae::simulate_sheep(48, seed = 1)
  lapply(threads, function(n) {
    tryCatch(
      suppressWarnings(sketchvae::vae_fit(x, sketchvae::model_binary(hidden = 400), epochs = 1, seed = 1, threads = n))[c("weights", "threads")],
      error = function(e) gsub("\n *", " ", conditionMessage(e))
    )
  })
}

test_that("what the environment wants of OpenMP does not change a fit: the same, or an error", {
  here <- fits_with(list(3))
  expect_type(here[[1]]$weights, "raw")
  environment <- c(
    OMP_DYNAMIC = "true", OMP_MAX_ACTIVE_LEVELS = "0", OMP_NUM_THREADS = "3", OMP_THREAD_LIMIT = "3",
    MKL_NUM_THREADS = "1", MKL_DYNAMIC = "true"
  )
  expect_identical(in_fresh_session(fits_with, list(list(3)), env = environment), here)
  limited <- in_fresh_session(fits_with, list(list(3, NULL)), env = c(OMP_THREAD_LIMIT = "1"))
  expect_match(limited[[1]], "`threads` must be at most 1, the limit that OMP_THREAD_LIMIT sets, not 3", fixed = TRUE)
  # Nobody asked for more than there may be: one thread it is, and that is recorded.
  expect_identical(limited[[2]]$threads, 1L)
})

test_that("a checkpoint's threads that cannot be had are an error that says so", {
  folder <- withr::local_tempdir()
  quick_fit(checkpoint = folder, threads = 2)
  said <- in_fresh_session(function(folder) {
    tryCatch(sketchvae::vae_resume(folder, epochs = 3), error = conditionMessage)
  }, list(folder), env = c(OMP_THREAD_LIMIT = "1"))
  expect_match(said, "takes 2 threads (argument `threads`, or what a checkpoint recorded), and no more than 1", fixed = TRUE)
})

test_that("threads that the system refuses do not end R", {
  skip_on_os("mac")
  skip_on_cran()
  script <- withr::local_tempfile(fileext = ".R", lines = c(
    sprintf(".libPaths(%s)", paste(deparse(.libPaths()), collapse = "")), "x <- sketchvae::simulate_sheep(48, seed = 1)",
    "fit <- function(threads) suppressWarnings(sketchvae::vae_fit(x, sketchvae::model_binary(), epochs = 1, threads = threads))",
    "said <- tryCatch(fit(900), error = conditionMessage)", "cat(said, fit(2)$threads, 'alive')"
  ))
  said <- system2("sh", c("-c", shQuote(paste(
    "ulimit -v 4000000 &&", shQuote(file.path(R.home("bin"), "Rscript")), shQuote(script)
  ))), stdout = TRUE, stderr = FALSE, timeout = 60)
  expect_match(paste(said, collapse = " "), "takes 900 threads.*the system starts no more.*2 alive$")
})

test_that("the engine runs R code in one place", {
  sources <- Sys.glob(file.path("../../src", c("*.cpp", "*.h")))
  skip_if(length(sources) == 0, "the sources are not here")
  runs_r <- paste(c("Rcpp::Function\\(", "Rcpp::Function [a-z_]+\\(", "Rcpp::Environment", "Rcpp_(fast_)?eval", "Rf_eval",
    "R_tryEval", "R_ToplevelExec", "R_ProcessEvents", "heckUserInterrupt"), collapse = "|")
  found <- vapply(sources, function(path) sum(grepl(runs_r, sub("//.*", "", readLines(path)))), 0)
  found <- found[found > 0 & basename(sources) != "RcppExports.cpp"]
  expect_identical(basename(names(found)), "rcpp_host.h")
  expect_identical(unname(found), 2)
})
