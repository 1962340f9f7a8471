# A drawing of 28 x 28 as a large image: dark on light, k x k pixels each.
enlarged <- function(x, k) {
  1 - as.array(x)[1, rep(1:28, each = k), rep(1:28, each = k)]
}

circle <- function(rows, cols, row, col, radius, line) {
  outer(seq_len(rows), seq_len(cols), function(r, c) {
    (abs(sqrt((r - row)^2 + (c - col)^2) - radius) <= line / 2) * 1
  })
}

test_that("an image of 28 x 28 is taken as it is, dark on light or light on dark", {
  skip_if_not_installed("png")
  x <- simulate_sheep(1, seed = 1)
  path <- withr::local_tempfile(fileext = ".png")
  png::writePNG(enlarged(x, 1), path)
  y <- read_images(path)
  expect_identical(y$pixels, x$pixels)
  expect_identical(labels(y), basename(path))
  png::writePNG(1 - enlarged(x, 1), path)
  expect_identical(read_images(path)$pixels, x$pixels)
  expect_identical(read_images(path, invert = FALSE)$pixels, x$pixels)
  expect_identical(read_images(path, invert = TRUE)$pixels, as_drawings(1 - as.array(x))$pixels)
})

test_that("a large image is cropped to the ink and fitted as Quick, Draw! does", {
  skip_if_not_installed("png")
  path <- withr::local_tempfile(fileext = ".png")
  # Thin and thick, large and small, anywhere on the sheet: the same circle of 255 of 304 units.
  for (p in list(c(200, 150, 90, 1), c(500, 420, 100, 4), c(130, 300, 60, 3))) {
    png::writePNG(1 - circle(700, 800, p[[1]], p[[2]], p[[3]], p[[4]]), path)
    a <- as.array(read_images(path))[1, , ]
    expect_equal(which(rowSums(a) > 1), 2:27)
    expect_equal(which(colSums(a) > 1), 2:27)
    expect_equal(a, a[28:1, ], tolerance = 0.15)
    expect_equal(a, t(a), tolerance = 0.15)
    # A ring of the pen's width and Quick, Draw!'s size
    expect_equal(sum(a), pi * (255 * 28 / 304) * (16 * 28 / 304), tolerance = 0.12)
  }
})

test_that("sheep come back from large images recognisably, from JPEG too", {
  skip_if_not_installed("png")
  skip_if_not_installed("jpeg")
  folder <- withr::local_tempdir()
  x <- simulate_sheep(3, seed = 1)
  png::writePNG(enlarged(x[1], 20), file.path(folder, "a.png"))
  png::writePNG(array(enlarged(x[2], 9), c(252, 252, 3)), file.path(folder, "b.PNG"))
  jpeg::writeJPEG(enlarged(x[3], 12), file.path(folder, "c.jpg"))
  writeLines("no image", file.path(folder, "notes.txt"))
  y <- read_images(folder)
  expect_identical(labels(y), c("a.png", "b.PNG", "c.jpg"))
  expect_lt(mean(abs(as.array(y) - as.array(x))), 0.07)
  expect_gt(cor(c(as.array(y)), c(as.array(x))), 0.85)
})

test_that("transparent paper counts as paper, whatever the ink", {
  skip_if_not_installed("png")
  path <- withr::local_tempfile(fileext = ".png")
  ring <- circle(100, 100, 50, 50, 30, 5)
  png::writePNG(array(c(ring * 0, ring * 0, ring * 0, ring), c(100, 100, 4)), path)
  black <- read_images(path)
  expect_gt(sum(as.array(black)), 80)
  png::writePNG(array(c(ring, ring, ring, ring), c(100, 100, 4)), path)
  expect_identical(read_images(path)$pixels, black$pixels)
  # Grey and alpha
  png::writePNG(array(c(ring * 0, ring), c(100, 100, 2)), path)
  expect_identical(read_images(path)$pixels, black$pixels)
})

test_that("an empty sheet is an empty drawing", {
  skip_if_not_installed("png")
  path <- withr::local_tempfile(fileext = ".png")
  png::writePNG(matrix(0.9, 60, 40), path)
  expect_equal(sum(as.array(read_images(path))), 0)
})

test_that("what is no image is refused", {
  skip_if_not_installed("png")
  dir <- withr::local_tempdir()
  at <- function(name) file.path(dir, name)
  writeLines("sheep", at("text.png"))
  png::writePNG(matrix(0.5, 50, 50), at("good.png"))
  writeBin(readBin(at("good.png"), "raw", 40), at("cut.png"))
  file.create(at("empty.png"))
  dir.create(at("folder"))
  withr::local_dir(dir)
  expect_snapshot(error = TRUE, {
    read_images("text.png")
    read_images("empty.png")
    read_images("nowhere.png")
    read_images("folder")
    read_images(c("good.png", "folder"))
    read_images(7)
    read_images(character())
    read_images("good.png", invert = "yes")
  })
  expect_error(read_images("cut.png"), "cannot be decoded")
})
