test_that("every file keeps the size of drawings", {
  for (size in list(c(32, 32), c(14, 56), c(16, 24), c(1, 784), c(784, 1), c(28, 14), c(4, 4))) {
    for (n in unique(c(3, min(size[[1]], 28)))) {
      x <- as_drawings(array(seq(0, 1, length.out = n * prod(size)), c(n, size)), size = size)
      for (extension in c(".npy", ".csv")) {
        path <- withr::local_tempfile(fileext = extension)
        write_drawings(x, path)
        expect_identical(!!read_drawings(path), x)
        expect_identical(read_drawings(path, size = size), x)
        expect_error(read_drawings(path, size = size + 1:2), "size|not drawings of")
      }
      # R's own readers take the CSV, and its names say the size.
      expect_identical(as_drawings(utils::read.csv(path)), x)
      expect_identical(as_drawings(as.data.frame(x)), x)
      expect_identical(as_drawings(as.array(x), size = size), x)
    }
  }
})

test_that("a size that a file does not say is asked for", {
  x <- as_drawings(array(0:255, c(5, 32, 32)))
  path <- withr::local_tempfile(fileext = ".csv")
  flat <- `dimnames<-`(as.matrix(x), NULL)
  utils::write.csv(flat, path)
  expect_error(read_drawings(path), "size = c(32, 32)", fixed = TRUE)
  expect_identical(read_drawings(path, size = c(32, 32)), x)
  expect_error(read_drawings(path, size = 32), "`size` must be 2 whole numbers")
  npy <- withr::local_tempfile(fileext = ".npy")
  write_npy(npy, as.raw(t(flat) * 255), c(5, 1024))
  expect_error(read_drawings(npy), "size = c(32, 32)", fixed = TRUE)
  expect_identical(read_drawings(npy, size = c(32, 32)), x)
  expect_error(as_drawings(x, size = c(16, 64)), "holds drawings of 32 x 32, not of 16 x 64")
})

test_that("rows x columns x drawings in a file is told as in memory", {
  x <- as_drawings(array(0:255, c(5, 28, 28)))
  turned <- aperm(as.array(x), c(2, 3, 1))
  path <- withr::local_tempfile(fileext = ".npy")
  write_npy(path, as.raw(turned * 255), c(28, 28, 5), fortran = TRUE)
  expect_error(read_drawings(path), "rows x columns x drawings")
  expect_error(load_quickdraw(path = path), "rows x columns x drawings")
  expect_error(mse_anomalies(pretrained_sheep(), path), "rows x columns x drawings")
  # What the error says puts it right.
  expect_identical(as_drawings(aperm(as.array(read_drawings(path, size = c(28, 5))), c(3, 1, 2))), x)
  # One drawing with a channel is one drawing.
  write_npy(path, as.raw(turned[, , 1] * 255), c(28, 28, 1), fortran = TRUE)
  expect_identical(read_drawings(path), x[1])
  expect_identical(as_drawings(turned[, , 1, drop = FALSE]), x[1])
  expect_identical(as_drawings(array(as.array(x), c(5, 1, 28, 28))), x)
  expect_identical(as_drawings(matrix(as.matrix(x)[1, ], ncol = 1)), x[1])
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
