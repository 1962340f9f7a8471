test_that("a time limit ends a fit and does not lose it", {
  limited <- function(seconds, ...) {
    setTimeLimit(elapsed = seconds, transient = TRUE)
    on.exit(setTimeLimit())
    quick_fit(epochs = 1e6, ...)
  }
  expect_warning(fit <- limited(1.5), "Training stopped .reached elapsed time limit.*first [0-9]+ epochs")
  expect_true(fit$interrupted)
  expect_gt(nrow(fit$history), 1)
  # Before the first epoch's end there is nothing to keep.
  x <- simulate_sheep(2000, seed = 1)
  expect_error(limited(1.5, x = x, model = model_sheep(), batch_size = 8), "reached elapsed time limit, before the end of the first epoch")
  # What is limited afterwards is not the fit's.
  expect_silent(quick_fit())
})
