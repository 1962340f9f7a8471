test_that("a drawing's map adds up to its score", {
  x <- few_sheep(5)
  for (model in list(small_binary(), tiny_conv())) {
    fit <- suppressWarnings(quick_fit(x, model))
    maps <- mse_maps(fit, x)
    expect_identical(dim(maps), c(5L, 28L, 28L))
    expect_equal(apply(maps, 1, sum), mse_anomalies(fit, x)$mse, tolerance = 1e-5)
    expect_true(all(maps >= 0 & maps <= 1))
  }
  expect_identical(dim(mse_maps(fit, x[2])), c(1L, 28L, 28L))
})

test_that("the plot shows drawing, reconstruction and error; orange is missing ink, blue is too much", {
  x <- few_sheep(3)
  fit <- suppressWarnings(quick_fit(x, tiny_conv()))
  p <- plot_mse_maps(fit, x, n = 2)
  picture <- as.matrix(p$layers[[1]]$geom_params$raster)
  expect_identical(dim(picture), c(96L, 64L))
  tile <- function(row, column) picture[(row - 1) * 32 + 3:30, (column - 1) * 32 + 3:30]
  expect_identical(tile(1, 2), as.matrix(as.raster(x[2])))
  difference <- as.array(x[2])[1, , ] - vae_reconstruct(fit, x[2])[1, , ]
  rgb <- grDevices::col2rgb(tile(3, 2))
  redder <- matrix(rgb[1, ] - rgb[3, ], 28)
  # One grey of 255 cannot be seen.
  expect_true(all(redder[difference > .05] > 0))
  expect_true(all(redder[difference < -.05] < 0))
  expect_identical(tile(3, 2)[which.max(difference)], grDevices::rgb(t(round(
    255 - max(difference) * (255 - grDevices::col2rgb("#D55E00"))
  )), maxColorValue = 255))
  expect_identical(p$scales$get_scales("x")$labels, format(mse_anomalies(fit, x[1:2])$mse, digits = 3))
})

test_that("errors sum to the score whatever the decoder ends with, and drawings of another size are shown", {
  x <- few_sheep(12)
  for (activation in c("relu", "linear", "tanh")) {
    fit <- quick_fit(x, unbounded(activation))
    weights <- vae_weights(fit)
    weights[["dense_2/bias"]][] <- seq(-2, 3, length.out = 784)
    fit <- vae_set_weights(fit, weights)
    expect_equal(rowSums(mse_maps(fit, x)), mse_anomalies(fit, x)$mse, tolerance = 1e-5)
    expect_s3_class(plot_mse_maps(fit, x), "ggplot")
  }
  for (size in list(c(16, 16), c(32, 20))) {
    x <- sized_drawings(16, size)
    fit <- quick_fit(x, unbounded("sigmoid", size))
    expect_equal(rowSums(mse_maps(fit, x)), mse_anomalies(fit, x)$mse, tolerance = 1e-5)
    expect_equal(dim(as.matrix(plot_mse_maps(fit, x, n = 3)$layers[[1]]$geom_params$raster)), c(3, 3) * (size + 4))
  }
})

test_that("arguments are checked", {
  fit <- quick_fit(few_sheep(8))
  expect_snapshot(error = TRUE, {
    mse_maps(3, few_sheep(8))
    plot_mse_maps(fit, few_sheep(8)[0])
    plot_mse_maps(fit, few_sheep(8), n = 0)
  })
})
