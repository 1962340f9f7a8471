test_that("labels are set, and what does not fit is refused", {
  x <- as_drawings(ramp(3))
  labels(x) <- c("a", "b", "a")
  expect_identical(labels(x), c("a", "b", "a"))
  x$labels <- factor(1:3)
  expect_identical(labels(x[2:3]), factor(2:3, 1:3))
  labels(x) <- NULL
  expect_identical(x, as_drawings(ramp(3)))
  expect_snapshot(error = TRUE, {
    labels(x) <- 1:2
    x$labels <- list(1, 2, 3)
    numbers <- 1:3
    labels(numbers) <- 1:3
  })
})

test_that("labels that are dates are what they print as, 64-bit integers the numbers they are", {
  x <- as_drawings(ramp(2), labels = as.Date("2020-01-01") + 0:1)
  expect_identical(labels(x), c("2020-01-01", "2020-01-02"))
  expect_identical(rbind(x[2], x[1]), x[2:1])
  skip_if_not_installed("bit64")
  # Not among the packages that DESCRIPTION names: hdf5r brings it.
  integer64 <- getExportedValue("bit64", "as.integer64")
  two <- integer64(2)
  expect_identical(x[two], x[2])
  labels(x) <- integer64(7:8)
  expect_identical(labels(x), 7:8)
  expect_identical(check_count(two), 2L)
  expect_identical(check_number(two), 2)
})
