# The bytes of a TIFF directory that says nothing but an orientation, after another tag.
tiff_of <- function(orientation, big = FALSE) {
  number <- function(x, size) writeBin(as.integer(x), raw(), size = size, endian = if (big) "big" else "little")
  entry <- function(tag, value) c(number(tag, 2), number(3, 2), number(1, 4), number(value, 2), raw(2))
  c(charToRaw(if (big) "MM" else "II"), number(42, 2), number(8, 4), number(2, 2),
    entry(0x0100, 640), entry(0x0112, orientation), raw(4))
}

# A JPEG file with such a segment after the one that it has.
with_exif <- function(path, tiff) {
  bytes <- readBin(path, "raw", file.size(path))
  segment <- c(charToRaw("Exif"), raw(2), tiff)
  size <- writeBin(length(segment) + 2L, raw(), size = 2, endian = "big")
  after <- 4 + sum(as.integer(bytes[5:6]) * c(256, 1))
  c(bytes[seq_len(after)], as.raw(c(0xff, 0xe1)), size, segment, bytes[-seq_len(after)])
}

# A picture (row, column) as a camera in this position stores it: EXIF 2.32, table 6, where row 0 and column 0 of
# what is stored are sides of what is seen.
stored <- function(image, orientation) {
  rows <- nrow(image):1
  columns <- ncol(image):1
  switch(orientation,
    image, # top, left
    image[, columns], # top, right
    image[rows, columns], # bottom, right
    image[rows, ], # bottom, left
    t(image), # left, top
    t(image)[columns, ], # right, top
    t(image)[columns, rows], # right, bottom
    t(image)[, rows] # left, bottom
  )
}

test_that("photographs are upright, in all eight orientations and both byte orders", {
  skip_if_not_installed("jpeg")
  skip_if_not_installed("png")
  # No symmetry: each orientation makes another picture of it.
  seen <- matrix(1, 60, 90)
  seen[10:50, 20:24] <- 0
  seen[10:14, 20:70] <- 0
  seen[46:50, 20:40] <- 0
  path <- withr::local_tempfile(fileext = ".jpg")
  jpeg::writeJPEG(seen, path, quality = 1)
  upright <- read_images(path)
  png <- withr::local_tempfile(fileext = ".png")
  different <- list()
  for (orientation in 1:8) {
    jpeg::writeJPEG(stored(seen, orientation), path, quality = 1)
    different[[orientation]] <- as.array(read_images(path))
    for (big in c(FALSE, TRUE)) {
      writeBin(with_exif(path, tiff_of(orientation, big)), path)
      expect_equal(as.array(read_images(path)), as.array(upright), tolerance = 0.02)
      jpeg::writeJPEG(stored(seen, orientation), path, quality = 1)
    }
    # PNG has it as a chunk, here after the first.
    png::writePNG(stored(seen, orientation), png)
    bytes <- readBin(png, "raw", file.size(png))
    tiff <- tiff_of(orientation)
    chunk <- c(writeBin(length(tiff), raw(), endian = "big"), charToRaw("eXIf"), tiff, raw(4))
    expect_identical(exif_orientation(c(bytes[1:33], chunk, bytes[-(1:33)])), orientation)
  }
  expect_false(any(duplicated(different)))
})

test_that("what is no orientation, or cut anywhere, leaves the picture as it is", {
  skip_if_not_installed("jpeg")
  path <- withr::local_tempfile(fileext = ".jpg")
  jpeg::writeJPEG(matrix(0.5, 20, 30), path)
  expect_identical(exif_orientation(readBin(path, "raw", 1e5)), 1L)
  for (wrong in c(0, 9, 300)) expect_identical(exif_orientation(with_exif(path, tiff_of(wrong))), 1L)
  whole <- with_exif(path, tiff_of(6))
  expect_identical(exif_orientation(whole), 6L)
  for (n in 0:120) expect_true(exif_orientation(whole[seq_len(n)]) %in% c(1L, 6L))
  withr::local_seed(1)
  for (k in 1:300) {
    damaged <- whole
    damaged[sample(70, 3)] <- as.raw(sample(0:255, 3, TRUE))
    expect_true(exif_orientation(damaged) %in% 1:8)
  }
})
