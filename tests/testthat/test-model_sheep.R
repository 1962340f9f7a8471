test_that("the sheep model has the post's parameters", {
  expect_identical(plan_model(model_sheep())[-1],
                   setNames(as.list(c(12857845, 12857495, 6511206)), c("total", "trainable", "decoder")))
})

test_that("the sheep model is summarised with its recipe", {
  expect_snapshot(summary(model_sheep()))
})

test_that("the committed wire form of the sheep model is current", {
  expect_current_fixture("sheep", model_sheep())
})

test_that("the sheep model takes its sizes", {
  for (latent_dim in 2:4) {
    plan <- plan_model(model_sheep(latent_dim))
    expect_identical(plan$layers[[13]]$shape, as.numeric(latent_dim))
  }
  model <- model_sheep(filters = 3, intermediate_dim = 42)
  expect_identical(model$encoder[[4]]$filters, 24)
  expect_identical(c(model$encoder[[9]]$units, model$encoder[[12]]$units), c(21, 10))
  expect_snapshot(error = TRUE, {
    model_sheep(0)
    model_sheep(filters = "10")
    model_sheep(intermediate_dim = 3)
  })
})
