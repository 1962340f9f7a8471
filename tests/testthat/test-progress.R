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

test_that("what a fit will take is said from its recent steps, and again when it changes", {
  now <- 0
  # 1,000 batches of 10 drawings: two seconds to start up, then 100 batches a second, then ten times slower.
  forecast <- fit_forecast(10000, 10, clock = function() now)
  said <- list()
  for (batch in 1:1000) {
    now <- now + if (batch == 1) 2 else if (batch <= 300) .01 else .1
    found <- forecast(batch * 10)
    if (!is.null(found$say)) said <- c(said, list(c(found, batch = batch)))
  }
  expect_identical(said[[1]]$say, "first")
  expect_identical(said[[1]]$batch, 20L)
  expect_equal(said[[1]]$speed, 1000, tolerance = .05)
  expect_equal(said[[1]]$total, 12, tolerance = .05)
  expect_identical(vapply(said[-1], `[[`, "", "say"), rep("again", length(said) - 1))
  expect_true(length(said) %in% 2:4)
  last <- said[[length(said)]]
  expect_equal(last$left, (1000 - last$batch) * .1, tolerance = .2)
})
