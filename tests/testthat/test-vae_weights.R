test_that("weights have Keras' names and shapes", {
  fit <- quick_fit(few_sheep(8), tiny_conv(), epochs = 3)
  w <- vae_weights(fit)
  expect_identical(sum(lengths(w)), as.integer(model_plan_cpp(fit$model)$total))
  expect_snapshot(cat(paste(names(w), vapply(w, function(a) paste(dim(a), collapse = " x "), "")), sep = "\n"))
})

test_that("what was read can be set again, bit for bit", {
  x <- few_sheep(8)
  for (fit in list(quick_fit(x, tiny_conv(), epochs = 3), quick_fit(x, precision = "float64"))) {
    expect_identical(vae_set_weights(fit, vae_weights(fit)), fit)
    expect_identical(vae_set_weights(fit, rev(vae_weights(fit)))[-2], fit[-2])
  }
})

test_that("weights that are set are used", {
  fit <- quick_fit(few_sheep(8))
  w <- vae_weights(fit)
  w[["dense_2/kernel"]][] <- 0
  w[["dense_2/bias"]] <- stats::qlogis(seq(.1, .9, length.out = 784))
  y <- vae_decode(vae_set_weights(fit, w), c(0, 0))
  expect_equal(as.vector(t(y[1, , ])), seq(.1, .9, length.out = 784), tolerance = 1e-6)
})

test_that("weights that do not fit are refused", {
  fit <- quick_fit(few_sheep(8))
  w <- vae_weights(fit)
  expect_snapshot(error = TRUE, {
    vae_weights(3)
    vae_set_weights(fit, 3)
    vae_set_weights(fit, unname(w))
    vae_set_weights(fit, w[-1])
    vae_set_weights(fit, c(w, list(extra = 1)))
    vae_set_weights(fit, replace(w, 1, list(1:3)))
    vae_set_weights(fit, replace(w, 1, list("a")))
  })
})
