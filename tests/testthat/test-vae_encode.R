test_that("codes are a row a drawing and a column a dimension, whatever the batches", {
  x <- few_sheep(130) # more than two of the engine's batches
  fit <- quick_fit(x, tiny_conv(), epochs = 3)
  z <- vae_encode(fit, x)
  expect_identical(dim(z), c(130L, 2L))
  expect_equal(vae_encode(fit, x[100]), z[100, , drop = FALSE], tolerance = 1e-5)
  expect_equal(vae_encode(fit, as.array(x)), z)
  expect_equal(vae_encode(fit, as.matrix(x)), z)
  expect_identical(vae_encode(fit, x[0]), matrix(double(), 0, 2, dimnames = list(NULL, c("z1", "z2"))))
})

test_that("the second head is what the model's dense layer gives", {
  x <- few_sheep(10)
  fit <- quick_fit(x, small_binary())
  w <- vae_weights(fit)
  input <- (as.matrix(x) > .5) + 0
  hidden <- tanh(sweep(input %*% w[["dense/kernel"]], 2, w[["dense/bias"]], `+`))
  head <- function(name) {
    sweep(hidden %*% w[[paste0(name, "/kernel")]], 2, w[[paste0(name, "/bias")]], `+`)
  }
  # float32 against double, sums of 784 terms.
  expect_equal(vae_encode(fit, x), head("z_mean"), tolerance = 1e-5, ignore_attr = TRUE)
  expect_equal(vae_encode(fit, x, "log_var"), head("z_log_var"), tolerance = 1e-5, ignore_attr = TRUE)
})

test_that("samples are drawn around the means, by the seed", {
  x <- few_sheep(10)
  fit <- quick_fit(x)
  mean <- vae_encode(fit, x)
  a <- vae_encode(fit, x, "sample", seed = 1)
  expect_identical(a, vae_encode(fit, x, "sample", seed = 1))
  expect_false(identical(a, vae_encode(fit, x, "sample", seed = 2)))
  set.seed(4)
  b <- vae_encode(fit, x, "sample")
  set.seed(4)
  expect_identical(b, vae_encode(fit, x, "sample"))
  # Standardised by the second head, which is a log standard deviation here, they are normal.
  many <- x[rep(1:10, 100)]
  s <- (vae_encode(fit, many, "sample", seed = 1) - vae_encode(fit, many)) / exp(vae_encode(fit, many, "log_var"))
  expect_lt(abs(mean(s)), .09) # 4 standard errors of 2000 normals
  expect_equal(sd(s), 1, tolerance = .05)
  fit$model$noise <- "log_var"
  t <- (vae_encode(fit, many, "sample", seed = 1) - vae_encode(fit, many)) / exp(vae_encode(fit, many, "log_var") / 2)
  expect_equal(s, t)
})

test_that("arguments are checked", {
  fit <- quick_fit(few_sheep(8))
  expect_snapshot(error = TRUE, {
    vae_encode(3, few_sheep(8))
    vae_encode(fit, 1:10)
    vae_encode(fit, few_sheep(8), type = "median")
    vae_encode(fit, few_sheep(8), threads = -1)
    vae_encode(fit, few_sheep(8), type = "sample", seed = "a")
  })
})
