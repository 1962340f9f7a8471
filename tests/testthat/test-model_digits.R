test_that("the digits model has the post's parameters", {
  expect_identical(plan_model(model_digits())[-1],
                   setNames(as.list(c(575689, 575689, 81313)), c("total", "trainable", "decoder")))
})

test_that("the digits model is summarised with its recipe", {
  expect_snapshot(summary(model_digits()))
})

test_that("the committed wire form of the digits model is current", {
  expect_current_fixture("digits", model_digits())
})

test_that("the digits model takes its latent dimension", {
  expect_identical(plan_model(model_digits(2))$layers[[7]]$shape, 2)
  expect_snapshot(model_digits(1.5), error = TRUE)
})
