test_that("a reconstruction is the decoded mean, and predict() the same", {
  x <- few_sheep(20)
  fit <- quick_fit(x, tiny_conv(), epochs = 3)
  y <- vae_reconstruct(fit, x)
  expect_identical(y, vae_decode(fit, vae_encode(fit, x)))
  expect_identical(predict(fit, x), y)
  expect_identical(predict(fit, x, threads = 1), vae_reconstruct(fit, x, threads = 1))
})

test_that("training makes reconstructions better", {
  x <- few_sheep()
  error <- function(epochs) mean((vae_reconstruct(quick_fit(x, epochs = epochs, batch_size = 8), x) - as.array(x))^2)
  expect_lt(error(20), error(1))
})

test_that("arguments are checked", {
  expect_snapshot(error = TRUE, {
    vae_reconstruct(3, few_sheep(8))
    vae_reconstruct(quick_fit(few_sheep(8)), "x")
  })
})
