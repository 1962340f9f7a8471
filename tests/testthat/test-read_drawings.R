test_that("every byte survives .npy and CSV", {
  x <- as_drawings(matrix(rep_len(0:255, 784 * 5), 5, byrow = TRUE))
  for (extension in c(".npy", ".csv", ".CSV")) {
    path <- withr::local_tempfile(fileext = extension)
    expect_identical(expect_invisible(write_drawings(x, path)), path)
    expect_identical(read_drawings(path), x)
  }
  path <- withr::local_tempfile(fileext = ".npy")
  write_drawings(x[0], path)
  expect_length(read_drawings(path), 0)
  # Arrays are taken as drawings are; nothing but the file is left in the folder.
  folder <- withr::local_tempdir()
  write_drawings(as.array(x), file.path(folder, "x.npy"))
  write_drawings(as.matrix(x), file.path(folder, "x.csv"))
  expect_setequal(list.files(folder, all.files = TRUE, no.. = TRUE), c("x.npy", "x.csv"))
  expect_identical(read_drawings(file.path(folder, "x.csv")), x)
})

test_that("the CSV file is the one that the post's lines write, and its lines read it", {
  x <- simulate_sheep(4, seed = 1)
  ours <- withr::local_tempfile(fileext = ".csv")
  theirs <- withr::local_tempfile(fileext = ".csv")
  write_drawings(x, ours)
  # n x 784 in file order, reshaped as the post does
  df <- array(as.matrix(x), dim = c(4, 28, 28))
  write.csv(df, theirs)
  expect_identical(readLines(ours), readLines(theirs))
  expect_identical(read_drawings(theirs)$pixels, x$pixels)
  df <- read.csv(ours)
  df <- as.matrix(df)
  df <- array(as.numeric(df[, 2:785]), dim = c(nrow(df), 28, 28, 1))
  expect_equal(matrix(df, 4), as.matrix(x), tolerance = 1e-14)
})

test_that("CSV is read without row names, without header, with 0..255 and other line ends", {
  x <- simulate_sheep(3, seed = 1)
  m <- as.matrix(x)
  path <- withr::local_tempfile(fileext = ".csv")
  whole <- function(...) {
    utils::write.table(m, path, sep = ",", ...)
    read_drawings(path)$pixels
  }
  expect_identical(whole(row.names = FALSE), x$pixels)
  expect_identical(whole(row.names = FALSE, col.names = FALSE), x$pixels)
  expect_identical(whole(col.names = FALSE), x$pixels)
  expect_identical(whole(col.names = NA, quote = FALSE), x$pixels)
  expect_identical(whole(col.names = NA, eol = "\r\n"), x$pixels)
  m <- round(m * 255)
  expect_identical(whole(row.names = FALSE), x$pixels)
  m[] <- format(m / 255, scientific = TRUE, digits = 15)
  expect_identical(whole(row.names = FALSE), x$pixels)
  # No line end after the last row
  text <- paste(readLines(path), collapse = "\n")
  cat(text, file = path)
  expect_identical(read_drawings(path)$pixels, x$pixels)
})

test_that("the file of a hundred thousand drawings is written and read in seconds", {
  skip_on_cran()
  x <- simulate_sheep(100, seed = 1)[rep_len(1:100, 20000)]
  path <- withr::local_tempfile(fileext = ".csv")
  expect_lt(system.time(write_drawings(x, path))[["elapsed"]], 6)
  expect_lt(system.time(y <- read_drawings(path))[["elapsed"]], 10)
  expect_identical(y$pixels, x$pixels)
})

test_that("a CSV file that is none is refused, and the line is named", {
  row <- paste(rep("0", 784), collapse = ",")
  path <- withr::local_tempfile(fileext = ".csv")
  read <- function(...) {
    writeLines(c(...), path)
    read_drawings(path)
  }
  any_csv <- function(lines) gsub("'[^']*[.]csv'", "'x.csv'", lines)
  expect_snapshot(error = TRUE, transform = any_csv, {
    read("<html>")
    read("a,b,c", "1,2,3")
    read(row, paste0(row, ",0"))
    read(row, sub("^0", "sheep", row))
    read(row, sub("^0", "NA", row))
    read(row, sub("^0", "-0.5", row))
    read(row, sub("^0", "256", row))
    read(row, sub("^0", "1e400", row))
    read("")
    read("\"\",\"X1\"")
    read(strrep("x", 2e7))
  })
})

test_that("other extensions and places are refused", {
  x <- as_drawings(array(0, c(1, 28, 28)))
  folder <- withr::local_tempdir()
  withr::local_dir(folder)
  expect_snapshot(error = TRUE, {
    write_drawings(x, "sheep.rds")
    write_drawings(x, "nowhere/sheep.npy")
    write_drawings("sheep", "sheep.npy")
    write_drawings(x, 7)
    read_drawings("sheep.npy")
    read_drawings(".")
  })
})
