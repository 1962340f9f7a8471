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

# Package reticulate's python in a new session, with a package torch that has this library.
import_torch <- function(library, first, envir = parent.frame()) {
  skip_if_not_installed("callr")
  skip_if_not_installed("reticulate")
  site <- withr::local_tempdir(.local_envir = envir)
  dir.create(file.path(site, "torch", "lib"), recursive = TRUE)
  writeLines("loaded = True", file.path(site, "torch", "__init__.py"))
  file.symlink(library, file.path(site, "torch", "lib", basename(library)))
  out <- callr::r(function(site, first) {
    if (first == "sketchvae") loadNamespace("sketchvae")
    if (!reticulate::py_available(initialize = TRUE)) {
      return(NULL)
    }
    reticulate::py_run_string(sprintf("import sys; sys.path.insert(0, '%s')", site))
    loadNamespace("sketchvae")
    list(
      there = reticulate::py_eval("__import__('importlib.util').util.find_spec('torch') is not None"),
      import = tryCatch(reticulate::import("torch")$loaded, error = conditionMessage)
    )
  }, list(site, first))
  skip_if(is.null(out), "reticulate finds no python here")
  out
}

test_that("python's torch with another LibTorch is refused before it is imported, whoever comes first", {
  other <- file.path(withr::local_tempdir(), "libtorch_cpu.so")
  writeLines("", other)
  for (first in c("sketchvae", "python")) {
    out <- import_torch(other, first)
    expect_match(out$import, "This R session uses sketchvae, which has loaded LibTorch from", fixed = TRUE)
    expect_match(out$import, "Use them in two R sessions, or install sketchvae with LIBTORCH_HOME=", fixed = TRUE)
    # What only asks whether there is a torch, as many packages do, is not disturbed.
    expect_true(out$there)
  }
})

test_that("python's torch with the same LibTorch is imported", {
  installed <- read.dcf(system.file("libtorch.dcf", package = "sketchvae"))[1, ]
  out <- import_torch(list.files(installed[["Library"]], "^libtorch_cpu[.](so|dylib)$", full.names = TRUE), "sketchvae")
  expect_true(out$import)
})
