test_that("progress is NULL when it should be silent, and a function that counts when not", {
  expect_null(progress_callback("Training", show = FALSE))
  callback <- progress_callback("Training", show = TRUE)
  expect_type(callback, "closure")
  expect_silent(callback(1, 3))
  expect_silent(callback(3, 3))
})
