test_that("many points are one picture: a pixel has its last point's colour, the more opaque the more points", {
  x <- c(0, 0, 0, 10, 5)
  y <- c(0, 0, 0, 20, 20)
  p <- raster_of_points(x, y, c("#FF0000", "#FF0000", "#00FF00", "#0000FF", "#000000"), 0.5, width = 11, height = 21)
  p <- as.matrix(p)
  expect_identical(dim(p), c(21L, 11L))
  # Upwards on paper is a smaller row.
  expect_identical(p[21, 1], "#00FF00DF")
  expect_identical(p[1, 11], "#0000FF80")
  expect_identical(p[1, 6], "#00000080")
  expect_equal(sum(p != "#FFFFFF00"), 3)
  expect_equal(sum(as.matrix(raster_of_points(rep(1, 9), rep(2, 9), "#FF0000", 1)) == "#FF0000FF"), 1)
})

test_that("the picture covers the points' range, and one point less are points", {
  withr::local_seed(1)
  z <- matrix(rnorm(2 * many_points), ncol = 2)
  layers <- points_layer(z[, 1], z[, 2], "#FF0000", 1, 1)
  place <- layers[[2]]$geom_params[c("xmin", "xmax", "ymin", "ymax")]
  expect_equal(unlist(place, use.names = FALSE), c(range(z[, 1]), range(z[, 2])))
  few <- points_layer(z[-1, 1], z[-1, 2], "#FF0000", 1, 1)
  expect_s3_class(few$geom, "GeomPoint")
})

test_that("126,121 points in clusters are plotted in under two seconds", {
  skip_on_cran()
  withr::local_seed(1)
  z <- matrix(rnorm(2 * 126121), ncol = 2)
  cluster <- sample(0:9, nrow(z), TRUE)
  path <- withr::local_tempfile(fileext = ".png")
  seconds <- system.time({
    grDevices::png(path, 1200, 900)
    print(plot_latent(z, colour = cluster))
    grDevices::dev.off()
  })[["elapsed"]]
  expect_lt(seconds, 2)
  pdf <- withr::local_tempfile(fileext = ".pdf")
  grDevices::pdf(pdf)
  print(plot_latent(z, colour = cluster))
  grDevices::dev.off()
  expect_lt(file.size(pdf), 2e6)
})

test_that("each printed clustering ends with its sizes, the largest first", {
  expect_output(print_sizes(c(0L, 1L, 2L, 2L)), "^Sizes: 2: 2, 1: 1$")
  expect_output(print_sizes(rep(1:11, 1:11)), "^The ten largest: 11: 11, 10: 10, ")
  expect_silent(print_sizes(c(0L, 0L)))
})

test_that("the numbers of clusters stand beside them and cover none of their points", {
  withr::local_seed(1)
  z <- rbind(matrix(rnorm(600, sd = 0.3), ncol = 2), cbind(rnorm(300, 3, 0.3), rnorm(300)), cbind(rnorm(30, 1.5, 0.05), rnorm(30, 0, 0.05)))
  cluster <- rep(1:3, c(300, 300, 30))
  limits <- map_limits(z)
  labels <- cluster_numbers(z, cluster, limits)$data
  expect_setequal(labels$label, 1:3)
  box <- c(0.022, 0.025) * (limits[2, ] - limits[1, ])
  for (k in 1:3) {
    place <- unlist(labels[labels$label == k, c("x", "y")])
    expect_equal(sum(abs(z[, 1] - place[[1]]) < box[[1]] & abs(z[, 2] - place[[2]]) < box[[2]]), 0)
    # Beside its own cluster: no other one is nearer.
    nearest <- which.min(colSums((t(z) - place)^2))
    expect_identical(cluster[[nearest]], k)
  }
})

test_that("two clusters at one place have their numbers at two", {
  withr::local_seed(1)
  z <- matrix(rnorm(400), ncol = 2)
  labels <- cluster_numbers(z, rep(1:4, 50), map_limits(z))$data
  expect_gt(min(stats::dist(labels[c("x", "y")])), 0.1)
})
