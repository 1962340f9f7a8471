test_that("a LibTorch of another package in the session is refused with a sentence", {
  ours <- withr::local_tempdir()
  other <- withr::local_tempdir()
  maps <- withr::local_tempfile(lines = c(
    "7f00-7f01 r-xp 00000000 fe:00 123   /usr/lib/libc.so.6",
    paste0("7f02-7f03 r-xp 00000000 fe:00 124   ", other, "/libtorch_cpu.so"),
    paste0("7f03-7f04 rw-p 00000000 fe:00 124   ", other, "/libtorch_cpu.so")
  ))
  loaded <- loaded_libtorch_files(maps)
  expect_equal(loaded, file.path(other, "libtorch_cpu.so"))
  expect_error(refuse_other_libtorch(ours, loaded), "already holds another LibTorch", fixed = TRUE)
  expect_no_error(refuse_other_libtorch(other, loaded))
  expect_no_error(refuse_other_libtorch(ours, character()))
})

test_that("without /proc nothing is known and nothing is refused", {
  expect_identical(loaded_libtorch_files(tempfile()), character())
})

test_that("this very session holds one LibTorch, the one sketchvae was installed with", {
  skip_if_not(file.exists("/proc/self/maps"), "this system has no /proc")
  installed <- read.dcf(system.file("libtorch.dcf", package = "sketchvae"))[1, ]
  loaded <- loaded_libtorch_files()
  expect_length(loaded, 1)
  expect_equal(normalizePath(dirname(loaded)), normalizePath(installed[["Library"]]))
})

test_that("loading after another LibTorch is an error with a sentence, in a real session", {
  skip_if_not_installed("callr")
  skip_if_not(file.exists("/proc/self/maps"), "this system has no /proc")
  # Any shared library will do: what counts is its name in the list of mapped files.
  other <- file.path(withr::local_tempdir(), "libtorch_cpu.so")
  file.copy(file.path(R.home("modules"), "internet.so"), other)
  skip_if_not(file.exists(other), "R has no internet.so here")
  expect_error(
    callr::r(function(other) {
      dyn.load(other)
      loadNamespace("sketchvae")
    }, list(other)),
    "already holds another LibTorch"
  )
})

test_that("a LibTorch that was removed is named", {
  skip_if_not_installed("callr")
  copy <- withr::local_tempdir()
  file.copy(find.package("sketchvae"), copy, recursive = TRUE)
  record <- file.path(copy, "sketchvae", "libtorch.dcf")
  lines <- sub("^Library: .*", "Library: /nowhere/lib", readLines(record))
  Sys.chmod(record, "644")
  writeLines(lines, record)
  expect_error(
    callr::r(function(copy) loadNamespace("sketchvae", lib.loc = copy), list(copy)),
    "is gone: /nowhere/lib"
  )
})
