test_that("a map opens on where most points lie", {
  withr::local_seed(1)
  bulk <- rnorm(1000)
  expect_equal(map_range(c(bulk, -80)), map_range(bulk))
  expect_equal(map_range(c(bulk, -80, 1e6, 1e300)), map_range(bulk))
  expect_equal(map_range(c(bulk[1:50], 29, 30)), map_range(bulk[1:50]))
  # Nothing is cut off ordinary clouds, or off a group that is no handful.
  for (values in list(bulk, runif(1000), rnorm(126121), rep(c(0, 100), c(970, 30)), rexp(20), c(1, 2, 80))) {
    expect_equal(map_range(values), map_range(values, outliers = TRUE))
    expect_true(all(values >= map_range(values)[[1]] & values <= map_range(values)[[2]]))
  }
  expect_lt(map_range(c(bulk, -80), outliers = TRUE)[[1]], -80)
})

test_that("dimensions without spread, missing values and few points have a map", {
  expect_identical(map_range(rep(3, 100)), c(2, 4))
  expect_identical(map_range(c(rep(0, 100), 80)), c(-1, 1))
  expect_identical(map_range(c(NA, NaN, Inf)), c(-1, 1))
  expect_identical(map_range(5), c(4, 6))
  expect_true(all(is.finite(map_range(c(-1e308, 1e308)))))
  expect_equal(map_range(c(NA, 1:100)), map_range(1:100))
  # Never more than a hundredth, or three, on each side.
  withr::local_seed(2)
  values <- rcauchy(5000)
  ends <- map_range(values)
  expect_lte(sum(values < ends[[1]]), 50)
  expect_lte(sum(values > ends[[2]]), 50)
})

test_that("values that are nearly one have a map whatever their size", {
  withr::local_seed(1)
  for (value in c(0, 3, -1e10, 1e20, 1e100)) {
    for (z in list(cbind(rep(value, 9), rnorm(9)), cbind(value, value * (1 + 1e-15 * 1:9)), cbind(value, rep(value, 9)))) {
      ends <- map_range(z[, 2])
      expect_true(all(ends[[1]] < z[, 2] & z[, 2] < ends[[2]]))
    }
  }
  # Two that grid refused.
  grDevices::png(withr::local_tempfile(fileext = ".png"))
  withr::defer(grDevices::dev.off())
  expect_no_error(print(plot_latent(cbind(3e20, rnorm(9)))))
  expect_no_error(print(plot_clustered_points(cbind(rep(3e20, 9), 3e20), rep(1L, 9), "one")))
})

test_that("what lies outside is counted in words", {
  expect_null(outside_text(0))
  expect_identical(outside_text(1, NULL), "1 point lies outside this map")
  expect_identical(outside_text(1200), "1,200 points lie outside this map; outliers = TRUE shows all")
})
