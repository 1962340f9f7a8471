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
