test_that("progress is NULL when it should be silent, and a function that counts when not", {
  expect_null(progress_callback("Training", show = FALSE))
  callback <- progress_callback("Training", show = TRUE)
  expect_type(callback, "closure")
  expect_silent(callback(1, 3))
  expect_silent(callback(3, 3))
})

test_that("in knitr there are no bars, and a fit says nothing", {
  x <- few_sheep()
  expect_message(quick_fit(x, verbose = TRUE), "Epoch 1/2")
  expect_type(progress_callback("Looking", show = TRUE), "closure")
  skip_if_not_installed("knitr")
  document <- c(
    "```{r}", "fit <- quick_fit(x, verbose = TRUE)", "is.null(progress_callback('Looking', show = TRUE))",
    "nrow(fit$history)", "```"
  )
  shown <- strsplit(knitr::knit(text = document, quiet = TRUE, envir = rlang::current_env()), "\n")[[1]]
  expect_identical(grep("^##", shown, value = TRUE), c("## [1] TRUE", "## [1] 2"))
})
