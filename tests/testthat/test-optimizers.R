test_that("optimizers have Keras' defaults", {
  expect_identical(
    unclass(optimizer_rmsprop()),
    list(kind = "rmsprop", learning_rate = 1e-3, rho = .9, momentum = 0, epsilon = 1e-7,
         epsilon_inside = TRUE)
  )
  expect_identical(optimizer_adam()$beta_2, .999)
  expect_identical(optimizer_adamw()$weight_decay, 4e-3)
  expect_identical(optimizer_sgd()$learning_rate, 1e-2)
  expect_identical(optimizer_sgd(clipnorm = 1)$clipnorm, 1)
})

test_that("an optimizer may be given by name", {
  expect_identical(as_optimizer("adam"), optimizer_adam())
  expect_identical(as_optimizer(optimizer_sgd()), optimizer_sgd())
  optimizer <- "adamax"
  expect_snapshot(as_optimizer(optimizer), error = TRUE)
})

test_that("printing an optimizer shows its settings", {
  expect_snapshot(optimizer_rmsprop(clipnorm = 1))
})

test_that("wrong settings of optimizers are refused", {
  expect_snapshot(error = TRUE, {
    optimizer_rmsprop(0)
    optimizer_rmsprop(rho = 1)
    optimizer_rmsprop(epsilon_inside = NA)
    optimizer_adam(epsilon = 0)
    optimizer_adamw(weight_decay = -1)
    optimizer_sgd(momentum = 1)
    optimizer_sgd(clipnorm = 0)
    optimizer_sgd(clipvalue = -1)
  })
})
