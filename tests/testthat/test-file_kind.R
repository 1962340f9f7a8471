# A file of these bytes or this text.
file_of <- function(content, envir = parent.frame()) {
  path <- withr::local_tempfile(.local_envir = envir)
  writeBin(if (is.raw(content)) content else as.raw(if (is.character(content)) utf8ToInt(content) else content), path)
  path
}

test_that("what a file is is told by its bytes", {
  kind <- function(content) as.vector(file_kind(file_of(content)))
  expect_identical(kind(raw()), "empty")
  expect_identical(kind(raw(5000)), "zeros")
  expect_identical(kind(c(0x89, utf8ToInt("HDF\r\n"), 0x1a, 0x0a)), "hdf5")
  expect_identical(kind(c(raw(512), as.raw(c(0x89, utf8ToInt("HDF\r\n"), 0x1a, 0x0a)))), "hdf5")
  expect_identical(kind(c(0x93, utf8ToInt("NUMPY"), 1, 0)), "npy")
  expect_identical(kind(c(0, 0, 8, 3, 0, 0, 0, 1)), "idx")
  expect_identical(kind(c(0, 0, 12, 1, 0, 0, 0, 1)), "idx")
  expect_identical(kind(c(2, 0, 0, 0, 0, 0, 0, 0, utf8ToInt("{}"))), "safetensors")
  expect_identical(kind(c(0x89, utf8ToInt("PNG\r\n"))), "image")
  expect_identical(kind(c(0xff, 0xd8, 0xff, 0xe0)), "image")
  expect_identical(kind(c(0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9)), "torch")
  expect_identical(kind(c(0x80, 4, 0x95, 0)), "pickle")
  expect_identical(kind("%PDF-1.5"), "pdf")
  expect_identical(kind("<!DOCTYPE html><html>"), "html")
  expect_identical(kind(c(0xef, 0xbb, 0xbf, utf8ToInt("\n <html>"))), "html")
  expect_identical(kind("version https://git-lfs.github.com/spec/v1\noid sha256:0\n"), "lfs")
  expect_identical(kind("{\"a\": 1}"), "json")
  expect_identical(kind("{\"word\":\"sheep\",\"countrycode\":\"US\",\"drawing\":[[[0,1],[2,3]]]}"), "strokes")
  # As Quick, Draw!'s example of reading .bin packs it: key, country, recognised, time, strokes
  expect_identical(kind(c(0, 0x50, 0x6f, 0x30, 0x77, 0x15, 0x10, 0x00, utf8ToInt("DE"), 1, 0x2f, 0x4d, 0xc4, 0x58, 5, 0)), "strokes")
  expect_identical(kind(c(0xff, 0xfe, 0x30, 0, 0x2c, 0)), "utf16")
  expect_identical(kind(c(0x30, 0, 0x2c, 0, 0x31, 0)), "utf16")
  expect_identical(kind("0,255,3\n1,2,3\n"), "csv")
  expect_identical(kind("label;pixel0;pixel1\n"), "csv")
  expect_identical(kind("Dear all,\nhere it is\n"), "text")
  expect_identical(kind("PK\003\004 cut"), "zip")
  expect_identical(kind(c(1, 2, 3, 200)), "unknown")
  # Twelve bytes that begin as an RDS file and as the length of a header
  expect_identical(kind(c(0x58, 0x0a, 0, 0, 0, 3, 0, 4, 2, 1, 0, 3)), "rds")
})

test_that("R's own files are known however they are compressed", {
  path <- withr::local_tempfile()
  for (compress in list(TRUE, FALSE, "bzip2", "xz")) {
    saveRDS(1:3, path, compress = compress)
    expect_identical(file_kind(path), "rds")
  }
  saveRDS(1:3, path, ascii = TRUE, compress = FALSE)
  expect_identical(file_kind(path), "rds")
  x <- 1
  save(x, file = path)
  expect_identical(file_kind(path), "rdata")
  save(x, file = path, ascii = TRUE)
  expect_identical(file_kind(path), "rdata")
})

test_that("what is compressed is what is inside", {
  path <- withr::local_tempfile()
  to <- gzfile(path, "wb")
  writeBin(as.raw(c(0, 0, 8, 1, 0, 0, 0, 1, 7)), to)
  close(to)
  expect_identical(file_kind(path), structure("idx", packed = "gzip"))
  expect_error(abort_file(path, "a table"), "MNIST's format, compressed by gzip, not a table")
  # cut, or nothing of ours inside
  writeBin(as.raw(c(0x1f, 0x8b, 8, 0)), path)
  expect_identical(file_kind(path), "gzip")
  to <- xzfile(path, "wb")
  writeBin(as.raw(c(1, 2, 3, 200)), to)
  close(to)
  expect_identical(file_kind(path), "xz")
})

test_that("zip archives are what they hold", {
  expect_identical(file_kind(test_path("fixtures", "kinds", "fit.pt")), "torch")
  expect_identical(file_kind(test_path("fixtures", "kinds", "two.npz")), "npz")
  expect_identical(file_kind(keras_file("flat.keras")), "keras")
})

test_that("every kind makes a sentence", {
  path <- file_of("x")
  for (kind in names(file_kinds)) {
    error <- expect_error(abort_file(path, "a file that {.fn save_vae} wrote", kind))
    expect_match(conditionMessage(error), "`save_vae()` wrote.", fixed = TRUE)
  }
})

test_that("a file is written with an ending that says what it is", {
  expect_identical(check_ending("a/fit-0.5", "safetensors"), "a/fit-0.5")
  expect_identical(check_ending("a.b/fit", "safetensors"), "a.b/fit")
  expect_identical(check_ending("fit.SafeTensors", "safetensors"), "fit.SafeTensors")
  expect_error(check_ending("fit.rds", "safetensors"), "must end in \".safetensors\", not in \".rds\"", fixed = TRUE)
  expect_error(check_ending("a.png", c("html", "htm"), "file"), "`file` must end in \".html\" or \".htm\"", fixed = TRUE)
  x <- few_sheep(8)
  fit <- quick_fit(x)
  expect_error(vae_report(fit, x, "report.pdf"), "must end in")
  expect_error(save_explorer(fit, x, "map.pdf"), "must end in")
  expect_error(animate_walk(fit, rbind(c(0, 0), c(1, 1)), "walk.mp4"), "must end in")
  expect_error(callback_checkpoint("fit-{epoch}.rds"), "must end in")
  expect_error(write_drawings(x, "x.rds"), "ends in")
})
