test_that("a file as Quick, Draw! has it is read, all of it or its beginning", {
  x <- simulate_sheep(5, seed = 1)
  path <- withr::local_tempfile(fileext = ".npy")
  write_npy(path, x$pixels, c(5, 784))
  y <- load_quickdraw(path = path)
  expect_identical(y$pixels, x$pixels)
  expect_identical(labels(y), rep(tools::file_path_sans_ext(basename(path)), length(y)))
  expect_identical(load_quickdraw(path = path, n = 2), y[1:2])
  expect_length(load_quickdraw(path = path, n = 0), 0)
})

test_that("the real files load: sheep, and the apples in three dimensions", {
  sheep <- load_quickdraw(path = real_data("quickdraw", "sheep.npy"))
  expect_length(sheep, 1000)
  # The first sheep's fifth row begins its back.
  expect_equal(round(as.array(sheep[1])[1, 5, 5:9] * 255), c(43, 189, 253, 255, 255))
  expect_length(load_quickdraw(path = real_data("quickdraw", "apple_3000x1x784.npy")), 3000)
})

test_that("all shapes, orders, kinds of numbers and format versions give the same drawings", {
  m <- pixels(3)
  x <- as_drawings(m)
  a <- as.array(x) * 255
  path <- withr::local_tempfile(fileext = ".npy")
  read <- function(...) load_quickdraw(path = write_npy(path, ...))
  expect_identical(read(as.raw(in_c_order(m)), c(3, 784))$pixels, x$pixels)
  for (shape in list(c(3, 28, 28), c(3, 1, 784), c(3, 28, 28, 1))) {
    expect_identical(read(as.raw(in_c_order(m)), shape)$pixels, x$pixels)
  }
  expect_identical(read(as.raw(m), c(3, 784), fortran = TRUE)$pixels, x$pixels)
  expect_identical(read(as.raw(m), c(3, 1, 784), fortran = TRUE)$pixels, x$pixels)
  expect_identical(read(as.raw(a), c(3, 28, 28), fortran = TRUE)$pixels, x$pixels)
  expect_identical(read(as.raw(a), c(3, 28, 28, 1), fortran = TRUE)$pixels, x$pixels)
  for (endian in c("little", "big")) {
    mark <- if (endian == "big") ">" else "<"
    for (size in c(2, 4)) {
      descr <- paste0(mark, "i", size)
      expect_identical(read(in_c_order(m), c(3, 784), descr, size = size, endian = endian)$pixels, x$pixels)
    }
    for (size in c(4, 8)) {
      descr <- paste0(mark, "f", size)
      expect_identical(read(in_c_order(m), c(3, 784), descr, size = size, endian = endian)$pixels, x$pixels)
      expect_identical(read(in_c_order(m) / 255, c(3, 784), descr, size = size, endian = endian)$pixels, x$pixels)
      expect_identical(read(a / 255, c(3, 28, 28), descr, TRUE, size, endian)$pixels, x$pixels)
    }
  }
  expect_identical(read(as.raw(in_c_order(m)), c(3, 784), version = 2)$pixels, x$pixels)
  expect_identical(read(as.raw(in_c_order(m)), c(3, 784), version = 3)$pixels, x$pixels)
})

test_that("several categories give labels", {
  dir <- withr::local_tempdir()
  paths <- file.path(dir, c("cat.npy", "The Eiffel Tower.npy"))
  write_npy(paths[[1]], as.raw(in_c_order(pixels(3))), c(3, 784))
  write_npy(paths[[2]], as.raw(in_c_order(pixels(2))), c(2, 784))
  x <- load_quickdraw(c("cat", "The Eiffel Tower"), path = paths)
  expect_identical(labels(x), rep(c("cat", "The Eiffel Tower"), c(3, 2)))
  expect_identical(x$pixels[1:784], as_drawings(pixels(3))[1]$pixels)
  expect_identical(labels(load_quickdraw(c("cat", "The Eiffel Tower"), paths, n = 1)),
    c("cat", "The Eiffel Tower"))
})

test_that("the header may have its keys in any order, Python 2's integers and other quotes", {
  path <- withr::local_tempfile(fileext = ".npy")
  x <- as_drawings(pixels(2))
  for (header in c(
    "{'shape': (2L, 784L), 'fortran_order': False, 'descr': '|u1'}",
    "{\"fortran_order\":False,\"descr\":\"|u1\",\"shape\":(2,784,)}",
    "  { u'descr' : u'<u1' , 'shape' : ( 2 , 784 ) , 'fortran_order' : False , }   "
  )) {
    write_npy(path, as.raw(in_c_order(pixels(2))), header = header)
    expect_identical(load_quickdraw(path = path)$pixels, x$pixels)
  }
})

test_that("each kind of bad file is refused with its own sentence", {
  dir <- withr::local_tempdir()
  good <- as.raw(in_c_order(pixels(2)))
  at <- function(name) file.path(dir, name)
  write_npy(at("objects.npy"), raw(2 * 784), c(2, 784), "|O")
  write_npy(at("records.npy"), raw(4), header =
    "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }")
  write_npy(at("text.npy"), raw(4), c(1, 784), "<U7")
  write_npy(at("shape.npy"), raw(200), c(2, 100))
  write_npy(at("cut.npy"), head(good, -1), c(2, 784))
  write_npy(at("long.npy"), c(good, raw(1)), c(2, 784))
  write_npy(at("huge.npy"), good, header =
    "{'descr': '|u1', 'fortran_order': False, 'shape': (9999999999999999, 784), }")
  write_npy(at("overflow.npy"), good, header =
    "{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999999999999, 784), }")
  write_npy(at("negative.npy"), c(-1, rep(0, 783)), c(1, 784), "<i2", size = 2)
  write_npy(at("large.npy"), c(256, rep(0, 783)), c(1, 784), "<i2", size = 2)
  write_npy(at("nan.npy"), c(NaN, rep(0, 783)), c(1, 784), "<f8", size = 8)
  write_npy(at("infinite.npy"), c(Inf, rep(0, 783)), c(1, 784), "<f4", size = 4)
  write_npy(at("below.npy"), c(-0.5, rep(0, 783)), c(1, 784), "<f8", size = 8)
  write_npy(at("header.npy"), good, header = "{'descr': '|u1', 'fortran_order': False}")
  write_npy(at("version.npy"), good, c(2, 784), version = 9)
  writeLines("<!DOCTYPE html><html>Not found</html>", at("page.npy"))
  writeLines("sheep", at("letters.npy"))
  file.create(at("empty.npy"))
  writeBin(memCompress(good, "gzip"), at("zlib.npy"))
  to <- gzfile(at("packed.npy.gz"), "wb")
  writeBin(good, to)
  close(to)
  write_npy(at("two.npy"), good, c(2, 784))
  expect_snapshot(error = TRUE, transform = without_folders, {
    load_quickdraw(path = at("objects.npy"))
    load_quickdraw(path = at("records.npy"))
    load_quickdraw(path = at("text.npy"))
    load_quickdraw(path = at("shape.npy"))
    load_quickdraw(path = at("cut.npy"))
    load_quickdraw(path = at("long.npy"))
    load_quickdraw(path = at("huge.npy"))
    load_quickdraw(path = at("overflow.npy"))
    load_quickdraw(path = at("negative.npy"))
    load_quickdraw(path = at("large.npy"))
    load_quickdraw(path = at("nan.npy"))
    load_quickdraw(path = at("infinite.npy"))
    load_quickdraw(path = at("below.npy"))
    load_quickdraw(path = at("header.npy"))
    load_quickdraw(path = at("version.npy"))
    load_quickdraw(path = at("page.npy"))
    load_quickdraw(path = at("letters.npy"))
    load_quickdraw(path = at("empty.npy"))
    load_quickdraw(path = at("packed.npy.gz"))
    load_quickdraw(path = at("two.npy"), n = 3)
    load_quickdraw(path = at("nowhere.npy"))
  })
})

test_that("a web page saved as .npy is called one", {
  path <- real_data("bad", "html_saved_as.npy")
  expect_error(load_quickdraw(path = path), "is a web page")
})

test_that("more drawings than fit in memory are refused, the first n are not", {
  path <- withr::local_tempfile(fileext = ".npy")
  n <- ceiling(2 * physical_memory_cpp() / 784)
  header <- sprintf("{'descr': '|u1', 'fortran_order': False, 'shape': (%.0f, 784), }", n)
  write_npy(path, raw(), header = header)
  start <- file.size(path)
  # A file with a hole: long, but next to nothing on the disk.
  made <- tryCatch(
    {
      to <- file(path, "r+b")
      seek(to, start + n * 784 - 1, rw = "write")
      writeBin(raw(1), to)
      close(to)
      TRUE
    },
    error = function(e) FALSE
  )
  skip_if_not(made && file.size(path) == start + n * 784, "a file system with holes")
  expect_error(load_quickdraw(path = path), "Ask for fewer with `n`")
  expect_equal(as.array(load_quickdraw(path = path, n = 2)), array(0, c(2, 28, 28)))
})

test_that("arguments outside their ranges are refused", {
  path <- withr::local_tempfile(fileext = ".npy")
  write_npy(path, as.raw(in_c_order(pixels(2))), c(2, 784))
  expect_snapshot(error = TRUE, {
    load_quickdraw(7)
    load_quickdraw("../etc/passwd")
    load_quickdraw(c("cat", "cat"))
    load_quickdraw(path = 7)
    load_quickdraw(path = path, n = -1)
    load_quickdraw(c("cat", "dog"), path = path)
  })
})
