test_that("an error of the engine arrives in the name of the user's function", {
  as_user <- function() run_engine(pixels_from_values_cpp(-1, TRUE))
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
