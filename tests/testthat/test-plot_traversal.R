picture <- function(p) as.matrix(p$layers[[1]]$geom_params$raster)
# Where tile (row, column) of a mosaic has its drawing.
tile <- function(picture, row, column) picture[(row - 1) * 32 + 3:30, (column - 1) * 32 + 3:30]

test_that("a traversal shows what the decoder draws, a row a dimension, low to high", {
  fit <- pretrained_sheep()
  p <- plot_traversal(fit, n = 5, range = c(-1, 1), at = c(0.5, -0.5))
  expect_s3_class(p, "ggplot")
  expect_equal(dim(picture(p)), c(2, 5) * 32)
  shown <- function(code) as.matrix(as.raster(as_drawings(vae_decode(fit, code))))
  expect_identical(tile(picture(p), 1, 1), shown(c(-1, -0.5)))
  expect_identical(tile(picture(p), 1, 4), shown(c(0.5, -0.5)))
  expect_identical(tile(picture(p), 2, 5), shown(c(0.5, 1)))
  one <- plot_traversal(fit, dim = 2, n = 5, range = c(-1, 1), at = c(0.5, -0.5))
  expect_identical(picture(one), picture(p)[33:64, ])
  expect_match(one$labels$title, "dimension 2")
  expect_silent(ggplot2::ggplotGrob(p))
})

test_that("a grid has its codes on its axes: first dimension to the right, second upwards", {
  fit <- pretrained_sheep()
  p <- plot_grid(fit, n = 3, range = c(-1, 1))
  shown <- function(code) as.matrix(as.raster(as_drawings(vae_decode(fit, code))))
  expect_identical(tile(picture(p), 1, 1), shown(c(-1, 1)))
  expect_identical(tile(picture(p), 1, 3), shown(c(1, 1)))
  expect_identical(tile(picture(p), 3, 2), shown(c(0, -1)))
  place <- p$layers[[1]]$geom_params[c("xmin", "xmax", "ymin", "ymax")]
  expect_equal(unlist(place, use.names = FALSE), c(-1.5, 1.5, -1.5, 1.5))
  # The axes have numbers.
  expect_equal(ggplot2::layer_data(p, 2)$x, c(-1.5, 1.5))
  swapped <- plot_grid(fit, dims = 2:1, n = 3, range = c(-1, 1))
  expect_identical(tile(picture(swapped), 1, 3), tile(picture(p), 1, 3))
  expect_identical(tile(picture(swapped), 1, 1), tile(picture(p), 3, 3))
})

test_that("codes give the range of a walk", {
  fit <- pretrained_sheep()
  z <- cbind(seq(-3, 1, length.out = 101), 5)
  place <- plot_grid(fit, n = 2, z = z)$layers[[1]]$geom_params
  ends <- unname(stats::quantile(z[, 1], c(0.02, 0.98)))
  expect_equal(c(place$xmin, place$xmax), ends + c(-1, 1) * diff(ends) / 2)
  # A dimension in which all codes agree is walked around their place.
  expect_equal(c(place$ymin, place$ymax), c(3, 7))
})

test_that("walks that cannot be are refused", {
  fit <- pretrained_sheep()
  expect_snapshot(error = TRUE, {
    plot_traversal(1)
    plot_traversal(fit, dim = 3)
    plot_traversal(fit, dim = c(1, 1))
    plot_traversal(fit, n = 1)
    plot_traversal(fit, range = c(1, -1))
    plot_traversal(fit, at = 0)
    plot_traversal(fit, z = matrix(0, 2, 3))
    plot_grid(fit, dims = 1)
    plot_grid(fit, columns = 3)
  })
})
