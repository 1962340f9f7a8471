test_that("an array, a matrix in file order and drawings hold the same picture", {
  a <- ramp()
  x <- as_drawings(a)
  expect_length(x, 3)
  expect_equal(x$size, c(28, 28))
  # Row by row: the second byte stands to the right of the first.
  expect_equal(as.integer(x$pixels[1:2]), c(5, 6))
  expect_equal(as.integer(x$pixels[29]), 8)
  expect_identical(as.array(x), a)
  m <- as.matrix(x)
  expect_equal(dim(m), c(3, 784))
  expect_identical(m[2, 28 * 4 + 7], a[2, 5, 7])
  expect_identical(as_drawings(m), x)
  expect_identical(as_drawings(array(a, c(3, 28, 28, 1))), x)
  expect_identical(as_drawings(a[2, , ]), x[2])
  expect_identical(as_drawings(x), x)
})

test_that("numbers mean 0..1 when none is above 1, and 0..255 otherwise", {
  a <- ramp()
  x <- as_drawings(a)
  expect_identical(as_drawings(a * 255), x)
  whole <- array(as.integer(round(a * 255)), dim(a))
  expect_identical(as_drawings(whole), x)
  expect_identical(as_drawings(a > 0.3)$pixels, as_drawings((a > 0.3) * 1)$pixels)
  expect_equal(max(as.integer(as_drawings(a > 0.3)$pixels)), 255L)
  all_bytes <- matrix(rep_len(0:255, 784 * 4), 4, byrow = TRUE)
  expect_identical(as.matrix(as_drawings(all_bytes)) * 255, all_bytes * 1.0)
})

test_that("more drawings than fit in one sweep come back unchanged", {
  withr::local_seed(1)
  m <- matrix(sample(0:255, 784 * 131, TRUE), 131) / 255
  expect_identical(as.matrix(as_drawings(m)), m)
  expect_identical(as_drawings(as.array(as_drawings(m))), as_drawings(m))
})

test_that("a raster is dark ink on light paper, upright", {
  a <- array(0, c(1, 28, 28))
  a[1, 2, 5] <- 1
  r <- as.raster(as_drawings(a))
  expect_equal(dim(r), c(28, 28))
  expect_equal(which(as.matrix(r) == "#000000", arr.ind = TRUE), cbind(row = 2, col = 5),
    ignore_attr = TRUE)
  expect_equal(sum(as.matrix(r) == "#FFFFFF"), 783)
})

test_that("print() counts drawings and labels", {
  expect_snapshot({
    as_drawings(ramp(1))
    simulate_sheep(1200, anomalies = 3, seed = 1)
    as_drawings(ramp(2))[0]
    as_drawings(ramp(2), labels = c(NA, "a"))
    as_drawings(ramp(20), labels = 101:120)
    summary(as_drawings(ramp(2)))
  })
})

test_that("what cannot be drawings is refused in the user's words", {
  a <- ramp()
  x <- as_drawings(a)
  expect_snapshot(error = TRUE, {
    as_drawings("sheep")
    as_drawings(1:784)
    as_drawings(matrix(0, 3, 783))
    as_drawings(array(0, c(3, 28, 0)))
    as_drawings(a - 0.5)
    as_drawings(a * 1000)
    as_drawings(replace(a, 5, NA))
    as_drawings(replace(a, 5, Inf))
    as_drawings(matrix(NA, 1, 784))
    as_drawings(a, labels = 1:2)
    x[4]
    x[NA_integer_]
    x["sheep"]
    x[c(TRUE, FALSE)]
    c(x, 1)
  })
})

test_that("drawings of other sizes go in and out, are indexed, put together, printed and plotted", {
  a <- array(round(seq(0, 255, length.out = 5 * 6 * 9)) / 255, c(5, 6, 9))
  x <- as_drawings(a, labels = letters[1:5])
  expect_identical(c(length(x), x$size), c(5, 6, 9))
  expect_equal(as.array(x), a)
  expect_identical(as.integer(x$pixels[1:9]), as.integer(round(a[1, 1, ] * 255)))
  expect_equal(as.array(x[c(4, 2)]), a[c(4, 2), , ])
  expect_equal(as.matrix(x)[3, ], as.vector(t(a[3, , ])))
  expect_identical(c(x[1:2], x[3:5]), x)
  expect_output(print(x), "5 drawings of 6 x 9")
  expect_identical(dim(as.raster(x[1])), c(6L, 9L))
  expect_identical(dim(as.raster(x)), c(20L, 39L))
  expect_s3_class(plot_drawings(x, labels = labels(x)), "ggplot")
  expect_error(c(x, simulate_sheep(1, seed = 1)), "cannot be put together")
})

test_that("one drawing, or each, is a matrix of numbers", {
  a <- ramp()
  x <- as_drawings(a, labels = c("a", "b", "c"))
  expect_identical(x[[2]], a[2, , ])
  expect_identical(vapply(x, sum, 0), apply(a, 1, sum))
  expect_length(as.list(x[0]), 0)
  expect_identical(x[["labels"]], c("a", "b", "c"))
  expect_output(str(x), "drawings")
  wide <- as_drawings(array(1:6 / 6, c(1, 2, 3)))
  expect_equal(dim(wide[[1]]), c(2, 3))
  expect_snapshot(error = TRUE, {
    x[[4]]
    x[[1:2]]
  })
})

test_that("the mean of drawings is a drawing", {
  x <- simulate_sheep(30, seed = 1)
  expect_s3_class(mean(x), "drawings")
  expect_lt(max(abs(mean(x)[[1]] - apply(as.array(x), 2:3, mean))), 0.51 / 255)
  expect_null(labels(mean(x)))
  wide <- as_drawings(array(c(0, 1, 0, 1, 1, 1), c(2, 1, 3)))
  expect_equal(mean(wide)[[1]], matrix(c(128, 128, 255), 1) / 255)
  expect_snapshot(error = TRUE, mean(x[0]))
})

test_that("a summary is an object that prints as drawings do", {
  x <- as_drawings(ramp(2))
  expect_silent(s <- summary(x))
  expect_output(print(s), "2 drawings of 28 x 28")
})
