test_that("the binary model has the post's parameters", {
  expect_identical(plan_model(model_binary())[-1],
                   setNames(as.list(c(793294, 793294, 395784)), c("total", "trainable", "decoder")))
})

test_that("the binary model is summarised with its recipe", {
  expect_snapshot(summary(model_binary()))
})

test_that("the committed wire form of the binary model is current", {
  expect_current_fixture("binary", model_binary())
})

test_that("the binary model takes its sizes and the KL term as written", {
  expect_identical(plan_model(model_binary(2, 10))$layers[[2]]$shape, 10)
  expect_identical(model_binary()$kl$form, "log_sd")
  expect_identical(model_binary(as_written = TRUE)$kl$form, "log_sd_squared")
  expect_snapshot(error = TRUE, {
    model_binary(hidden = 0)
    model_binary(as_written = "yes")
  })
})
