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

test_that("after twenty batches a fit says what time and memory it will take", {
  x <- simulate_sheep(400, seed = 1)
  told <- character()
  withCallingHandlers(
    quick_fit(x, epochs = 60, batch_size = 4, verbose = TRUE),
    message = function(m) {
      told <<- c(told, conditionMessage(m))
      rlang::cnd_muffle(m)
    }
  )
  about <- grep("60 epochs of 400 drawings: about .* and .*B of memory", told, value = TRUE)
  expect_length(about, 1)
  expect_match(about, "drawings a second")
  # Before the last epoch, not after it.
  expect_lt(match(about, told), length(told))
})
