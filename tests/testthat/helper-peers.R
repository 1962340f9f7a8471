# A python that has these modules: SKETCHVAE_PEERS, which tools/test sets, or python3. The test is skipped
# without.
python_with <- function(modules) {
  testthat::skip_on_cran()
  # R's own makes some pythons load another one's library.
  withr::local_envvar(LD_LIBRARY_PATH = NA, .local_envir = parent.frame())
  python <- Sys.getenv("SKETCHVAE_PEERS", Sys.which("python3"))
  there <- nzchar(python) && system2(python, c("-c", shQuote(paste("import", modules))), stdout = FALSE, stderr = FALSE) == 0
  testthat::skip_if_not(there, paste("no python3 or SKETCHVAE_PEERS has", modules))
  python
}
