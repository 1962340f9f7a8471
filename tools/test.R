# Runs tests/testthat against the installed package and prints a line that tools/test adds up.
# With SKETCHVAE_DATA set, a test that was skipped for lack of it counts as failed; so does, with
# SKETCHVAE_PARITY=required, one that was skipped for lack of SKETCHVAE_PEERS (Python packages).
library(testthat)
library(sketchvae)

arguments <- commandArgs(TRUE)
results <- as.data.frame(test_dir(
  "tests/testthat",
  package = "sketchvae", load_package = "installed", stop_on_failure = FALSE,
  reporter = "check", filter = if (length(arguments) > 0) arguments[[1]]
))
skip_text <- function(result) {
  unlist(lapply(result, function(r) if (inherits(r, "expectation_skip")) conditionMessage(r)))
}
lacks <- function(name) vapply(results$result, function(r) any(grepl(name, skip_text(r))), NA)
lacking <- (nzchar(Sys.getenv("SKETCHVAE_DATA")) & lacks("SKETCHVAE_DATA")) |
  (Sys.getenv("SKETCHVAE_PARITY") == "required" & lacks("SKETCHVAE_PEERS"))
if (any(lacking)) {
  cat("Skipped for lack of what should be there:\n")
  cat(paste0("  ", results$file, ": ", results$test)[lacking], sep = "\n")
}
failed <- results$failed > 0 | results$error | lacking
skipped <- results$skipped & !failed
slow <- utils::head(results[order(-results$real), c("file", "test", "real")], 8)
cat("Slowest tests:\n", sprintf("  %5.1f s  %s: %s\n", slow$real, slow$file, slow$test), sep = "")
cat(sprintf(
  "%d passed, %d failed, %d skipped\n", sum(!failed & !skipped), sum(failed), sum(skipped)
))
