test_that("drawings come three-dimensional, values in [0, 1], whatever the batches", {
  fit <- quick_fit(few_sheep(), tiny_conv(), epochs = 3)
  z <- matrix(seq(-2, 2, length.out = 260), 130)
  y <- vae_decode(fit, z)
  expect_identical(dim(y), c(130L, 28L, 28L))
  expect_true(all(y >= 0 & y <= 1))
  expect_equal(vae_decode(fit, z[100, ]), y[100, , , drop = FALSE], tolerance = 1e-5)
  expect_identical(dim(vae_decode(fit, z[0, ])), c(0L, 28L, 28L))
  expect_identical(vae_decode(fit, as.data.frame(z[1:2, ])), vae_decode(fit, z[1:2, ]))
})

test_that("pixels are where the decoder's dense layer puts them: row by row", {
  fit <- quick_fit(few_sheep())
  w <- vae_weights(fit)
  z <- c(.5, -1)
  hidden <- tanh(z %*% w[["dense_1/kernel"]] + as.vector(w[["dense_1/bias"]]))
  ink <- stats::plogis(as.vector(hidden %*% w[["dense_2/kernel"]]) + as.vector(w[["dense_2/bias"]]))
  expect_equal(vae_decode(fit, z)[1, , ], matrix(ink, 28, byrow = TRUE), tolerance = 1e-5)
})

test_that("arguments are checked", {
  fit <- quick_fit(few_sheep(8))
  expect_snapshot(error = TRUE, {
    vae_decode("fit", c(0, 0))
    vae_decode(fit, 0)
    vae_decode(fit, matrix(0, 2, 3))
    vae_decode(fit, matrix(c(0, NA), 1))
    vae_decode(fit, "a")
    vae_decode(fit, c(0, 0), threads = 0)
  })
})
