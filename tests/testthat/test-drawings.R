# A drawing without symmetry: a ramp along the rows, another down the columns.
ramp <- function(n = 3) {
  a <- array(0, c(n, 28, 28))
  for (i in seq_len(n)) {
    a[i, , ] <- round(outer(1:28, 1:28, function(r, c) 3 * r + c + i)) / 255
  }
  a
}

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

test_that("drawings are picked by position, by what to leave out and by a logical vector", {
  x <- as_drawings(ramp(5), labels = letters[1:5])
  expect_identical(labels(x[c(4, 2, 2)]), c("d", "b", "b"))
  expect_identical(as.array(x[c(4, 2, 2)]), ramp(5)[c(4, 2, 2), , ])
  expect_identical(x[-1], x[2:5])
  expect_identical(x[c(TRUE, FALSE, FALSE, FALSE, TRUE)], x[c(1, 5)])
  expect_length(x[0], 0)
  expect_length(x[integer()], 0)
  expect_identical(x[], x)
  expect_identical(head(x, 2), x[1:2])
  expect_identical(c(x[1:2], x[3:5]), x)
  expect_identical(rep(x[1:2], 2), x[c(1, 2, 1, 2)])
  expect_identical(rep(x[1:2], each = 2), x[c(1, 1, 2, 2)])
  expect_identical(rev(x), x[5:1])
})

test_that("labels follow when drawings are put together, missing ones become NA", {
  x <- as_drawings(ramp(2), labels = 7:8)
  y <- as_drawings(ramp(1))
  expect_identical(labels(c(x, y)), c(7L, 8L, NA))
  expect_null(labels(c(y, y)))
  f <- as_drawings(ramp(2), labels = factor(c("u", "v")))
  expect_s3_class(labels(f[2]), "factor")
  expect_identical(labels(c(f, as_drawings(ramp(1), labels = "w"))), c("u", "v", "w"))
  expect_identical(labels(as_drawings(f, labels = 1:2)), 1:2)
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

test_that("drawings are replaced by drawings, their labels with them", {
  x <- as_drawings(ramp(5), labels = letters[1:5])
  y <- x
  y[2:3] <- x[5:4]
  expect_identical(y, x[c(1, 5, 4, 4, 5)])
  y[] <- x[1]
  expect_identical(y, x[rep(1, 5)])
  y <- x
  y[c(TRUE, FALSE, FALSE, FALSE, TRUE)] <- ramp(1)
  expect_identical(labels(y), c(NA, "b", "c", "d", NA))
  y <- x
  y[[2]] <- 1 - x[[2]]
  expect_equal(y[[2]], 1 - x[[2]])
  expect_identical(y[-2], x[-2])
  expect_identical(labels(y), labels(x))
  wide <- as_drawings(array(1:12 / 12, c(2, 2, 3)), size = c(2, 3))
  wide[[1]][2, 3] <- 0
  expect_identical(wide[[1]][2, 3], 0)
  expect_identical(wide[2], as_drawings(array(1:12 / 12, c(2, 2, 3)), size = c(2, 3))[2])
  expect_identical(utils::modifyList(list(x = x), list(x = x[5:1])), list(x = x[5:1]))
  length(x) <- 2
  expect_identical(labels(x), c("a", "b"))
  expect_snapshot(error = TRUE, {
    x[3] <- x[1]
    x[1:2] <- x[c(1, 1, 1)]
    x[1] <- "sheep"
    x[1] <- wide[1]
    x[[1]] <- 1:784
    length(x) <- 3
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

test_that("equal drawings are found, whatever their labels", {
  x <- as_drawings(ramp(4), labels = 1:4)
  y <- x[c(1, 2, 1, 4)]
  expect_identical(x == y, c(TRUE, TRUE, FALSE, TRUE))
  expect_identical(x != y[1], c(FALSE, TRUE, TRUE, TRUE))
  expect_identical(duplicated(y), c(FALSE, FALSE, TRUE, FALSE))
  expect_identical(duplicated(y, fromLast = TRUE), c(TRUE, FALSE, FALSE, FALSE))
  expect_identical(unique(y), x[c(1, 2, 4)])
  expect_identical(match(y, x), c(1L, 2L, 1L, 4L))
  expect_identical(x %in% y, c(TRUE, TRUE, FALSE, TRUE))
  expect_identical(is.na(x), rep(FALSE, 4))
  expect_length(x[0] == x[1], 0)
})

test_that("drawings are no numbers, and say what gives some", {
  x <- as_drawings(ramp(3))
  expect_snapshot(error = TRUE, {
    x + 1
    1 - x
    !x
    x == 1
    x == x[1:2]
    x == as_drawings(array(0, c(1, 2, 3)))
    sum(x)
    sqrt(x)
    sort(x)
    median(x)
    t(x)
    as.numeric(x)
    paste(x)
  })
})

test_that("positions that stand for no drawing are refused", {
  x <- as_drawings(ramp(3))
  expect_snapshot(error = TRUE, {
    x[[0]]
    x[[-1]]
    x[[1.5]]
    x[c(-1, 2)]
    x[[NA]]
    x[factor("a")]
    x[1, 2]
  })
  expect_identical(x[NULL], x[0])
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

test_that("a summary is an object that prints as drawings do", {
  x <- as_drawings(ramp(2))
  expect_silent(s <- summary(x))
  expect_output(print(s), "2 drawings of 28 x 28")
})
