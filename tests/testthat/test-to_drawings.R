test_that(".npy keeps the size of drawings; CSV has no place for it", {
  for (size in list(c(32, 32), c(14, 56), c(16, 16))) {
    x <- as_drawings(array(seq(0, 1, length.out = 3 * prod(size)), c(3, size)))
    path <- withr::local_tempfile(fileext = ".npy")
    write_drawings(x, path)
    expect_identical(read_drawings(path)$pixels, x$pixels)
    expect_identical(read_drawings(path)$size, size)
    expect_error(write_drawings(x, withr::local_tempfile(fileext = ".csv")), "CSV")
  }
})

test_that("sizes are compared, not their products", {
  x <- as_drawings(array(0.5, c(4, 14, 56)))
  fit <- vae_fit(simulate_sheep(8, seed = 1), model_binary(hidden = 5), epochs = 1, seed = 1, verbose = FALSE)
  expect_error(vae_fit(x, model_binary(hidden = 5), epochs = 1, verbose = FALSE), "14 x 56")
  expect_error(vae_encode(fit, x), "14 x 56")
  path <- withr::local_tempfile(fileext = ".npy")
  write_drawings(x, path)
  expect_error(mse_anomalies(fit, path), "14 x 56")
})

test_that("what numbers mean is one rule at every door", {
  ones <- matrix(c(0, 1), 2, 784)
  near <- matrix(c(0.25, 1.0000001), 2, 784, byrow = TRUE)
  ink <- as.raw(c(0, 255))
  path <- withr::local_tempfile(fileext = ".csv")
  through_csv <- function(values) {
    utils::write.csv(values, path)
    read_drawings(path)
  }
  expect_setequal(as_drawings(ones)$pixels, ink)
  expect_setequal(as_drawings(matrix(0:1, 2, 784))$pixels, ink)
  expect_setequal(as_drawings(matrix(as.raw(0:1), 2, 784))$pixels, ink)
  expect_setequal(through_csv(ones)$pixels, ink)
  for (read in list(as_drawings, through_csv)) {
    expect_setequal(as.integer(read(near)$pixels), c(64, 255))
    expect_error(read(near * 2), "not whole")
    expect_equal(max(as.integer(read(near * 11)$pixels)), 11)
  }
})

test_that("integers of 64 bits are the numbers they are", {
  # bit64's own layout: the bits of integers in what R takes for doubles
  as_integer64 <- function(x) {
    bytes <- unlist(lapply(x, function(v) {
      high <- if (v < 0) -1L else 0L
      both <- c(as.integer(v), high)
      writeBin(if (.Platform$endian == "little") both else rev(both), raw())
    }))
    structure(readBin(bytes, "double", length(x)), class = "integer64")
  }
  expect_identical(plain_number(as_integer64(c(-3, 0, 7))), c(-3, 0, 7))
  expect_equal(check_count(as_integer64(5)), 5)
  values <- rep(c(0, 255), 392)
  expect_identical(as_drawings(as_integer64(values))$pixels, as.raw(values))
  expect_identical(simulate_sheep(5, seed = 1)[as_integer64(2)]$pixels, simulate_sheep(5, seed = 1)[2]$pixels)
})

test_that("data frames, lists and vectors are taken; R's own order is named", {
  values <- matrix(seq(0, 255, length.out = 3 * 784), 3)
  x <- as_drawings(values)
  expect_identical(as_drawings(as.data.frame(values))$pixels, x$pixels)
  expect_identical(as_drawings(cbind(label = c("a", "b", "c"), as.data.frame(values)))$labels, c("a", "b", "c"))
  expect_identical(as_drawings(as.list(x))$pixels, x$pixels)
  expect_identical(as_drawings(values[2, ])$pixels, x[2]$pixels)
  expect_error(as_drawings(array(0, c(28, 28, 5))), "aperm(x, c(3, 1, 2))", fixed = TRUE)
  expect_identical(as_drawings(array(0, c(28, 28, 5)), size = c(28, 5))$size, c(28, 5))
})

test_that("labels come from names, are recycled, and pick drawings", {
  x <- simulate_sheep(4, seed = 1)
  both <- c(cat = x[1:2], rabbit = x[3:4])
  expect_identical(labels(both), c("cat", "cat", "rabbit", "rabbit"))
  expect_identical(both["rabbit"]$pixels, x[3:4]$pixels)
  labels(x) <- "sheep"
  expect_identical(labels(x), rep("sheep", 4))
  paths <- file.path(withr::local_tempdir(), c("cat.npy", "rabbit.npy"))
  for (path in paths) write_drawings(x[1:2], path)
  expect_identical(labels(load_quickdraw(path = paths)), labels(both))
})
