picture <- function(p) p$layers[[1]]$geom_params$raster

test_that("the mosaic is upright, dark on light, in reading order", {
  a <- array(0, c(5, 28, 28))
  a[2, 1, 28] <- 1
  a[4, 28, 1] <- 1
  p <- plot_drawings(a, ncol = 3)
  expect_s3_class(p, "ggplot")
  r <- as.matrix(picture(p))
  expect_equal(dim(r), c(2 * 32, 3 * 32))
  # Drawing 2: first row, second tile; drawing 4: second row, first tile.
  expect_equal(which(r == "#000000", arr.ind = TRUE), rbind(c(32 + 30, 3), c(3, 32 + 30)),
    ignore_attr = TRUE)
  expect_silent(ggplot2::ggplotGrob(p))
})

test_that("of labelled drawings a sample of every label is shown", {
  x <- simulate_sheep(300, seed = 1)
  labels(x) <- c(rep("cat", 150), rep("rabbit", 140), rep(NA, 10))
  rows <- first_of_each(labels(x), 30, 300)
  expect_identical(rows, c(1:10, 151:160, 291:300))
  expect_identical(picture(plot_drawings(x, n = 30)), picture(plot_drawings(x[rows])))
  expect_match(plot_drawings(x, n = 30)$labels$title, "A sample by label: 30 of 300")
  expect_identical(first_of_each(labels(x), 300, 300), 1:300)
  # Few of one label leave more room for the others; more labels than room: the most frequent ones.
  expect_identical(first_of_each(c(rep("a", 50), "b"), 10, 51), c(1:9, 51L))
  expect_identical(first_of_each(c(1, 2, 2, 3, 3, 3), 2, 6), c(4L, 2L))
  expect_identical(first_of_each(1:9, 4, 9), 1:4)
  expect_identical(plot_drawings(x, n = 3, labels = TRUE)$layers[[2]]$data$label, c("cat", "rabbit", NA))
})

test_that("drawings, arrays and matrices give the same mosaic, of the first n", {
  x <- simulate_sheep(7, seed = 1)
  labels(x) <- NULL
  p <- plot_drawings(x, n = 4)
  expect_identical(picture(plot_drawings(as.array(x), n = 4)), picture(p))
  expect_identical(picture(plot_drawings(as.matrix(x), n = 4)), picture(p))
  expect_identical(picture(plot_drawings(x[1:4])), picture(p))
  expect_equal(p$labels$title, "The first 4 of 7 drawings")
  expect_equal(plot_drawings(x)$labels$title, "7 drawings")
  expect_identical(picture(p), as.raster(x[1:4]))
})

test_that("labels stand above their drawings", {
  x <- simulate_sheep(5, seed = 1)
  words <- ggplot2::layer_data(plot_drawings(x, labels = TRUE, ncol = 2), 2)
  expect_identical(words$label, labels(x))
  expect_equal(words$x, c(16, 48, 16, 48, 16))
  expect_equal(words$y, c(0, 0, -32, -32, -64))
  words <- ggplot2::layer_data(plot_drawings(x, n = 2, labels = 11:15), 2)
  expect_identical(words$label, c("11", "12"))
  expect_length(plot_drawings(x, labels = FALSE)$layers, 1)
})

test_that("plot() of drawings is the mosaic", {
  x <- simulate_sheep(3, seed = 1)
  expect_identical(picture(plot(x, ncol = 1)), picture(plot_drawings(x, ncol = 1)))
})

test_that("ten thousand drawings are one picture, made quickly", {
  skip_on_cran()
  x <- simulate_sheep(100, seed = 1)[rep(1:100, 100)]
  expect_lt(system.time(plot_drawings(x, n = 1e4))[["elapsed"]], 10)
})

test_that("what cannot be shown is refused", {
  x <- as_drawings(array(0, c(2, 28, 28)))
  expect_snapshot(error = TRUE, {
    plot_drawings(x[0])
    plot_drawings(1:3)
    plot_drawings(x, n = 0)
    plot_drawings(x, ncol = 1.5)
    plot_drawings(x, labels = TRUE)
    plot_drawings(x, labels = c("a", "b", "c"))
    plot_drawings(x, colour = "red")
  })
})
