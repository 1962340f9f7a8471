test_that("the terms of the loss are classed lists", {
  expect_identical(unclass(loss_squared_error(2)), list(kind = "squared_error", scale = 2))
  expect_identical(unclass(loss_bernoulli()), list(kind = "bernoulli"))
  expect_identical(
    unclass(kl_divergence("log_sd")),
    list(form = "log_sd", reduction = "sum", scale = 1, weight = 1, free_bits = 0)
  )
  expect_identical(unclass(regularizer_l2(.1, "all")), list(l2 = .1, on = "all"))
})

test_that("printing a term of the loss says what it is", {
  expect_snapshot({
    loss_squared_error(2)
    loss_binary_crossentropy()
    loss_bernoulli()
    kl_divergence("log_var", "mean", scale = 2, weight = 5e-4, free_bits = .1)
    kl_divergence("log_sd_squared")
    regularizer_l2()
  })
})

test_that("wrong terms of the loss are refused", {
  expect_snapshot(error = TRUE, {
    loss_squared_error(0)
    kl_divergence("log")
    kl_divergence(reduction = "max")
    kl_divergence(weight = -1)
    kl_divergence(free_bits = NA)
    regularizer_l2(-1)
    regularizer_l2(on = "encoder")
  })
})
