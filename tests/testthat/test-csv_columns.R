# Tables that people bring: R/read_drawings.R over src/engine/data/csv.cpp and csv_columns.cpp.
bytes_of <- function(x) matrix(as.integer(x$pixels), length(x), byrow = TRUE)

# What read_drawings() makes of a table's lines, written as they are.
read_lines <- function(lines, end = "\n", label = NULL, ...) {
  path <- withr::local_tempfile(fileext = ".csv")
  writeBin(charToRaw(paste0(paste(lines, collapse = end), end)), path)
  read_drawings(path, label = label)
}

rows_of <- function(m, sep = ",") apply(m, 1, paste, collapse = sep)

test_that("Kaggle's files keep their labels: first or last, with a header or without, with a mark before it", {
  x <- simulate_sheep(12, seed = 1)
  m <- bytes_of(x)
  digits <- c(5L, 0L, 4L, 1L, 9L, 2L, 1L, 3L, 1L, 4L, 3L, 5L)
  labels(x) <- digits
  header <- paste(c("label", paste0("pixel", 0:783)), collapse = ",")
  kaggle <- c(header, rows_of(cbind(digits, m)))
  expect_identical(read_lines(kaggle), x)
  expect_identical(read_lines(c(paste0("\ufeff", header), kaggle[-1])), x)
  expect_identical(read_lines(kaggle, end = "\r\n"), x)
  expect_identical(read_lines(kaggle, end = "\r"), x)
  expect_identical(read_lines(c(kaggle, "", "  ", "")), x)
  expect_identical(read_lines(kaggle[-1]), x)
  expect_identical(read_lines(rows_of(cbind(m, digits))), x)
  expect_identical(read_lines(c(paste(c(paste0("p", 1:784), "class"), collapse = ","), rows_of(cbind(m, digits)))), x)
  expect_identical(read_lines(c("\"\",\"X1\"", kaggle)[-1], label = "label"), x)
  expect_identical(read_lines(kaggle, label = 1), x)
  # Only one class, 0: the header tells
  zero <- x
  labels(zero) <- integer(12)
  expect_identical(read_lines(c(header, rows_of(cbind(0, m)))), zero)
  # pandas' index before the label
  pandas <- c(paste0(",", header), rows_of(cbind(0:11, digits, m)))
  expect_identical(read_lines(pandas), x)
  # words, with quotes or without
  words <- x
  labels(words) <- rep(c("a, cat", "dog", "cow"), 4)
  expect_identical(read_lines(rows_of(cbind(paste0("\"", labels(words), "\""), m))), words)
  expect_identical(read_lines(rows_of(cbind(m, paste0("\"", labels(words), "\"")))), words)
})

test_that("a table whose label can be either end asks, and never shifts a pixel", {
  m <- matrix(0, 6, 785)
  m[, 300] <- 9L
  expect_error(read_lines(rows_of(m)), "say it \\(label = 1 for the first")
  m[, 1] <- c(3, 1, 2, 2, 1, 3)
  m[, 785] <- c(0, 3, 1, 1, 2, 2)
  expect_error(read_lines(rows_of(m)), "say it \\(label = 1 for the first")
  expect_identical(labels(read_lines(rows_of(m), label = 1)), as.integer(m[, 1]))
  expect_identical(labels(read_lines(rows_of(m), label = 785)), as.integer(m[, 785]))
  expect_identical(bytes_of(read_lines(rows_of(m), label = 785)), matrix(as.integer(m[, -785]), 6))
  expect_error(read_lines(rows_of(m), label = "label"), "no header with a column 'label'")
  expect_error(read_lines(rows_of(m), label = 786), "no column of this number")
  expect_error(read_lines(rows_of(m[, -1]), label = 1), "without the label's there are 783")
  expect_error(read_lines(rows_of(cbind(m, 1:6))), "786 values, and no header says")
  expect_error(read_lines(paste(rep(0, 784 * 3), collapse = ",")), "Each drawing needs a line of its own")
})

test_that("separators, decimal commas and quotes are read as people's programs write them", {
  x <- simulate_sheep(5, seed = 2)
  labels(x) <- NULL
  m <- as.matrix(x)
  path <- withr::local_tempfile(fileext = ".csv")
  written <- function(write, ...) {
    write(m, path, ...)
    read_drawings(path)
  }
  expect_identical(written(utils::write.csv), x)
  expect_identical(written(utils::write.csv2), x)
  expect_identical(written(utils::write.csv, row.names = FALSE), x)
  expect_identical(written(utils::write.table), x) # spaces, a header without a name for the row names
  expect_identical(written(utils::write.table, sep = "\t"), x)
  expect_identical(written(utils::write.table, sep = "\t", dec = ",", row.names = FALSE, col.names = FALSE), x)
  m[] <- format(m, digits = 15, trim = TRUE)
  expect_identical(written(utils::write.table, sep = ",", row.names = FALSE, col.names = FALSE), x) # all in quotes
  m[] <- sub(".", ",", m, fixed = TRUE)
  expect_identical(written(utils::write.csv, row.names = FALSE), x) # "0,5"
  # A separator at the end of each line
  expect_identical(read_lines(paste0(rows_of(as.matrix(x)), ",")), x)
  to <- gzfile(path, "w")
  writeLines(rows_of(as.matrix(x)), to)
  close(to)
  expect_identical(read_drawings(path), x)
  writeBin(utils::head(readBin(path, "raw", 1e6), -300), path)
  expect_error(read_drawings(path), "is cut off")
})

test_that("missing values and other encodings are named", {
  row <- rep("0", 784)
  for (missing in c("", "NA", "NaN", "null", "?")) {
    expect_error(read_lines(c(paste(row, collapse = ","), paste(replace(row, 9, missing), collapse = ","))),
      paste0("line 2: '", missing, "' is not a number"), fixed = TRUE)
  }
  path <- withr::local_tempfile(fileext = ".csv")
  text <- iconv(paste(row, collapse = ","), "UTF-8", "UTF-16LE", toRaw = TRUE)[[1]]
  for (mark in list(raw(), as.raw(c(0xff, 0xfe)))) {
    writeBin(c(mark, text), path)
    expect_error(read_drawings(path), "UTF-16")
  }
  saveRDS(1, path)
  expect_error(read_drawings(path), "`readRDS\\(\\)` reads it")
  expect_error(read_drawings(tempdir()), "reads a folder of images")
})

test_that("no locale changes what is written or read", {
  x <- simulate_sheep(3, seed = 1)
  path <- withr::local_tempfile(fileext = ".csv")
  write_drawings(x, path)
  before <- readLines(path)
  there <- withr::local_tempfile(fileext = ".csv")
  read <- with_decimal_comma(function(x, path) {
    sketchvae::write_drawings(x, path)
    sketchvae::read_drawings(path)$pixels
  }, x, there)
  expect_identical(read, x$pixels)
  expect_identical(readLines(there), before)
})

test_that("labels that are not UTF-8 are Latin-1, and can be printed, plotted and asked for", {
  x <- simulate_sheep(2, seed = 1)
  names <- c("Sch\u00e4fchen", "\u20ac gr\u00fc\u00df")
  rows <- apply(as.matrix(x), 1, paste, collapse = ",")
  path <- withr::local_tempfile(fileext = ".csv")
  for (encoding in c("UTF-8", "CP1252")) {
    text <- iconv(paste(names, rows, sep = ","), "UTF-8", encoding, toRaw = TRUE)
    writeBin(do.call(c, lapply(text, c, as.raw(10))), path)
    y <- read_drawings(path, label = 1)
    expect_identical(labels(y), names)
    expect_identical(y[names[[1]]]$pixels, x[1]$pixels)
    expect_match(capture.output(print(y)), "Sch", all = FALSE)
  }
  # In a message, too.
  writeBin(c(charToRaw(paste0(rows[[1]], "\n")), as.raw(c(0xe4, 0x62)), charToRaw(substring(rows[[2]], 2))), path)
  expect_error(read_drawings(path), "is not a number")
  for (encoding in c("UTF-16LE", "UTF-16BE")) {
    writeBin(iconv(paste("a", rows[[1]], sep = ","), "UTF-8", encoding, toRaw = TRUE)[[1]], path)
    expect_error(read_drawings(path), "UTF-16")
  }
})
