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
