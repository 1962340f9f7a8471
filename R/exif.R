# How a camera was held, as photographs say it (EXIF's orientation), and the turn that makes them upright.

# The orientation, 1 (upright) to 8, that the bytes of a JPEG or PNG file state; 1 when they state none, or
# nothing that can be read.
exif_orientation <- function(bytes) {
  jpeg <- length(bytes) > 1 && bytes[[1]] == 0xff
  tiff <- if (jpeg) exif_of_jpeg(bytes) else exif_of_png(bytes)
  found <- if (length(tiff) > 0) orientation_of_tiff(tiff)
  if (length(found) == 1 && found %in% 1:8) found else 1L
}

# The unsigned number of the `size` bytes from position `at`; NA beyond the end.
number_at <- function(bytes, at, size, big) {
  if (at < 1 || at + size - 1 > length(bytes)) {
    return(NA_real_)
  }
  digits <- as.integer(bytes[at + seq_len(size) - 1])
  if (!big) digits <- rev(digits)
  sum(digits * 256^(size - seq_len(size)))
}

# A JPEG file is a row of segments, each with a marker and its length, up to the picture's own bytes (0xda).
exif_of_jpeg <- function(bytes) {
  at <- 3
  while (at + 3 <= length(bytes) && bytes[[at]] == 0xff && bytes[[at + 1]] != 0xda) {
    if (bytes[[at + 1]] == 0xff) { # a byte that only fills up
      at <- at + 1
      next
    }
    size <- number_at(bytes, at + 2, 2, big = TRUE)
    end <- at + 1 + size
    if (size < 2 || end > length(bytes)) break
    exif <- bytes[[at + 1]] == 0xe1 && size >= 8 && identical(bytes[at + 4:9], as.raw(c(0x45, 0x78, 0x69, 0x66, 0, 0)))
    if (exif) {
      return(bytes[seq_len(size - 8) + at + 9])
    }
    at <- end + 1
  }
  raw()
}

exif_of_png <- function(bytes) {
  at <- 9
  repeat {
    size <- number_at(bytes, at, 4, big = TRUE)
    if (is.na(size) || at + 11 + size > length(bytes)) {
      return(raw())
    }
    if (identical(bytes[at + 4:7], charToRaw("eXIf"))) {
      return(bytes[seq_len(size) + at + 7])
    }
    at <- at + 12 + size
  }
}

# The first directory of TIFF's layout: entries of twelve bytes, the orientation being tag 0x0112.
orientation_of_tiff <- function(tiff) {
  big <- identical(tiff[1:2], charToRaw("MM"))
  if (length(tiff) < 8 || !(big || identical(tiff[1:2], charToRaw("II")))) {
    return(NULL)
  }
  start <- number_at(tiff, 5, 4, big) + 1
  entries <- number_at(tiff, start, 2, big)
  for (k in seq_len(if (is.na(entries)) 0 else entries)) {
    at <- start + 2 + 12 * (k - 1)
    tag <- number_at(tiff, at, 2, big)
    if (is.na(tag)) {
      return(NULL)
    }
    if (tag == 0x0112) {
      size <- c(`1` = 1, `3` = 2, `4` = 4)[as.character(number_at(tiff, at + 2, 2, big))]
      return(if (!is.na(size)) as.integer(min(number_at(tiff, at + 8, size, big), 9)))
    }
  }
  NULL
}

# A matrix of pixels as it stands in the file, turned and mirrored to what was seen.
upright <- function(image, orientation) {
  rows <- rev(seq_len(nrow(image)))
  columns <- rev(seq_len(ncol(image)))
  switch(orientation,
    image,
    image[, columns, drop = FALSE],
    image[rows, columns, drop = FALSE],
    image[rows, , drop = FALSE],
    t(image),
    t(image[rows, , drop = FALSE]),
    t(image[rows, columns, drop = FALSE]),
    t(image[, columns, drop = FALSE])
  )
}
