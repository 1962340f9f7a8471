test_that("what is loaded is what was saved", {
  path <- withr::local_tempfile(fileext = ".safetensors")
  x <- few_sheep(16)
  fits <- list(
    quick_fit(x), quick_fit(x, tiny_conv(), epochs = 3), quick_fit(x, epochs = 1, validation = .5),
    quick_fit(x, precision = "float64"), quick_fit(x, epochs = 3, kl_start = 0, kl_steep = 2),
    quick_fit(x, vae_model(list(flatten(), dense(3L)), 2L, list(dense(4L), reshape(4L), dense(784L)), name = "naïve")),
    quick_fit(x, quick_fit(x, validation = .5), epochs = 1, optimizer = optimizer_adam(clipnorm = 1))
  )
  for (fit in fits) {
    expect_identical(save_vae(fit, path), path)
    expect_identical(load_vae(path), fit)
  }
})

test_that("losses that are not finite come back as they were", {
  fit <- suppressWarnings(fit_with_infinite_validation())
  fit$history$loss <- c(-Inf, NA, NaN)
  path <- withr::local_tempfile(fileext = ".safetensors")
  save_vae(fit, path)
  expect_identical(load_vae(path), fit)
  expect_identical(is.nan(load_vae(path)$history$loss), c(FALSE, FALSE, TRUE))
})

test_that("a fit without a finished epoch can be kept too", {
  fit <- quick_fit(few_sheep(16))
  fit["history"] <- list(fit$history[0, ])
  path <- withr::local_tempfile()
  save_vae(fit, path)
  back <- load_vae(path)
  expect_identical(back$weights, fit$weights)
  expect_equal(NROW(back$history), 0)
})

test_that("saved in one process, read in another, by both ways: the same drawings", {
  folder <- withr::local_tempdir()
  x <- few_sheep(16)
  fit <- quick_fit(x, tiny_conv(), epochs = 3)
  z <- vae_encode(fit, x, threads = 1)
  save_vae(fit, file.path(folder, "fit.safetensors"))
  saveRDS(fit, file.path(folder, "fit.rds"))
  there <- in_fresh_session(function(folder, x) {
    a <- sketchvae::load_vae(file.path(folder, "fit.safetensors"))
    b <- readRDS(file.path(folder, "fit.rds"))
    z <- sketchvae::vae_encode(a, x, threads = 1)
    list(a = a, b = b, z = z, y = sketchvae::vae_decode(b, z, threads = 1))
  }, list(folder, x))
  expect_identical(there$a, fit)
  expect_identical(there$b, fit)
  expect_identical(there$z, z)
  expect_identical(there$y, vae_decode(fit, z, threads = 1))
})

test_that("files of format version 1 load and give the drawings they gave", {
  # Written by tests/testthat/fixtures/make-format-1.R, never again.
  for (name in c("binary", "conv")) {
    fit <- load_vae(test_path("fixtures", paste0("format-1-", name, ".safetensors")))
    golden <- readRDS(test_path("fixtures", paste0("format-1-", name, ".rds")))
    expect_identical(fit$weights, golden$fit$weights)
    expect_equal(fit[names(golden$fit)], golden$fit, ignore_attr = TRUE)
    expect_equal(vae_decode(fit, golden$z), golden$y, tolerance = 1e-5)
    expect_equal(unname(vae_encode(fit, golden$x)), golden$codes, tolerance = 1e-5)
  }
})

test_that("python's safetensors reads our file, and we its", {
  python <- python_with("safetensors.numpy")
  folder <- withr::local_tempdir()
  ours <- file.path(folder, "ours.safetensors")
  theirs <- file.path(folder, "theirs.safetensors")
  fit <- quick_fit(few_sheep(16), tiny_conv(), epochs = 3)
  save_vae(fit, ours)
  script <- withr::local_tempfile(fileext = ".py", lines = c(
    "import sys, safetensors, safetensors.numpy",
    "tensors = safetensors.numpy.load_file(sys.argv[1])",
    "with safetensors.safe_open(sys.argv[1], 'np') as f: meta = f.metadata()",
    "for name in sorted(tensors): print(name, '%.9e' % tensors[name].astype('f8').sum(), *tensors[name].shape)",
    # Python writes them in its own order.
    "safetensors.numpy.save_file({n: t * 2 for n, t in tensors.items()}, sys.argv[2], metadata=meta)"
  ))
  lines <- system2(python, shQuote(c(script, ours, theirs)), stdout = TRUE)
  weights <- vae_weights(fit)
  expect_setequal(sub(" .*", "", lines), names(weights))
  for (line in strsplit(lines, " ")) {
    expect_equal(as.double(line[[2]]), sum(weights[[line[[1]]]]), tolerance = 1e-8)
    expect_equal(as.double(line[-(1:2)]), as.double(dim(weights[[line[[1]]]])))
  }
  doubled <- load_vae(theirs)
  expect_identical(vae_weights(doubled)[names(weights)], lapply(weights, `*`, 2))
  expect_identical(dim(vae_decode(doubled, c(0, 0))), c(1L, 28L, 28L))
})

# Other metadata, other tensors: a file as save_vae() writes it, changed.
rewritten <- function(change, path) {
  fit <- quick_fit(few_sheep(8), epochs = 1)
  save_vae(fit, path)
  meta <- weights_header_cpp(path)$meta
  meta <- change(meta)
  save_weights_cpp(fit$weights, names(meta), unlist(meta, use.names = FALSE), path)
}

test_that("files that hold no fit, or a newer one, say so", {
  folder <- withr::local_tempdir()
  withr::local_dir(folder)
  rewritten(function(meta) replace(meta, "format_version", "2"), "newer.safetensors")
  rewritten(function(meta) replace(meta, "format", "pt"), "other.safetensors")
  rewritten(function(meta) replace(meta, "vae", "{"), "json.safetensors")
  rewritten(function(meta) {
    replace(meta, "vae", sub("\"units\":20", "\"units\":21", meta$vae, fixed = TRUE))
  }, "units.safetensors")
  rewritten(function(meta) meta[names(meta) != "vae"], "nothing.safetensors")
  writeLines("PK", "words.safetensors")
  bytes <- readBin("newer.safetensors", "raw", 1e6)
  writeBin(bytes[1:5000], "cut.safetensors")
  expect_snapshot(error = TRUE, {
    load_vae("newer.safetensors")
    load_vae("other.safetensors")
    load_vae("json.safetensors")
    load_vae("units.safetensors")
    load_vae("nothing.safetensors")
    load_vae("words.safetensors")
    load_vae("cut.safetensors")
    load_vae("nowhere.safetensors")
    load_vae(".")
    load_vae(3)
    save_vae(3, "x")
    save_vae(quick_fit(few_sheep(8)), "cats.rds")
    save_vae(quick_fit(few_sheep(8)), "cats.safetensors.H5")
    save_vae(quick_fit(few_sheep(8)), "no/such/folder/x.safetensors")
  })
})

test_that("a file that cannot be written leaves the old one", {
  path <- withr::local_tempfile()
  fit <- quick_fit(few_sheep(8))
  save_vae(fit, path)
  dir.create(paste0(path, ".part", Sys.getpid()))
  on.exit(unlink(paste0(path, ".part", Sys.getpid()), recursive = TRUE))
  expect_error(save_vae(fit, path), "is a folder, not a file")
  expect_identical(load_vae(path), fit)
})

test_that("files of other programs are named, with what reads them", {
  folder <- withr::local_tempdir()
  file.copy(c(keras_file(c("flat.h5", "flat.keras")), test_path("fixtures", "kinds", "fit.pt")), folder)
  withr::local_dir(folder)
  saveRDS(1:3, "fit.rds")
  expect_snapshot(error = TRUE, {
    load_vae("fit.rds")
    load_vae("flat.h5")
    load_vae("flat.keras")
    load_vae("fit.pt")
  })
})

test_that("of a large file that is no fit of ours only the header is read", {
  skip_if_not(file.exists("/proc/self/status"), "this system has no /proc")
  skip_if_not_installed("callr")
  path <- withr::local_tempfile(fileext = ".safetensors")
  peak <- function(path) {
    loadNamespace("sketchvae")
    before <- as.numeric(gsub("[^0-9]", "", grep("^VmHWM", readLines("/proc/self/status"), value = TRUE)))
    error <- tryCatch(sketchvae::load_vae(path), error = conditionMessage)
    after <- as.numeric(gsub("[^0-9]", "", grep("^VmHWM", readLines("/proc/self/status"), value = TRUE)))
    list(error = error, megabytes = (after - before) / 1024)
  }
  sparse <- function(meta) {
    size <- 3 * 2^30
    header <- sprintf('{%s"a":{"dtype":"U8","shape":[%.0f],"data_offsets":[0,%.0f]}}', meta, size, size)
    to <- file(path, "wb")
    writeBin(c(nchar(header), 0L), to)
    writeChar(header, to, eos = NULL)
    seek(to, 8 + nchar(header) + size - 1, rw = "write")
    writeBin(as.raw(0), to)
    close(to)
  }
  sparse("")
  of <- callr::r(peak, list(path))
  expect_match(of$error, "did not write it")
  expect_lt(of$megabytes, 50)
  fit <- quick_fit(few_sheep(8))
  save_vae(fit, small <- withr::local_tempfile())
  meta <- weights_header_cpp(small)$meta
  sparse(paste0("\"__metadata__\":", list_to_json_cpp(meta, own = FALSE), ","))
  of <- callr::r(peak, list(path))
  expect_match(of$error, "the weights hold no tensor 'dense/kernel'", fixed = TRUE)
  expect_lt(of$megabytes, 50)
})

test_that("weights that Python made half as long are read", {
  python <- python_with("safetensors.numpy, ml_dtypes")
  fit <- quick_fit(few_sheep(16), tiny_conv(), epochs = 3)
  ours <- withr::local_tempfile(fileext = ".safetensors")
  save_vae(fit, ours)
  theirs <- withr::local_tempfile(fileext = ".safetensors")
  script <- withr::local_tempfile(fileext = ".py", lines = c(
    "import sys, safetensors, safetensors.numpy, ml_dtypes",
    "tensors = safetensors.numpy.load_file(sys.argv[1])",
    "with safetensors.safe_open(sys.argv[1], 'np') as f: meta = f.metadata()",
    "kind = {'half': 'float16', 'brain': ml_dtypes.bfloat16}[sys.argv[3]]",
    "safetensors.numpy.save_file({n: t.astype(kind) for n, t in tensors.items()}, sys.argv[2], metadata=meta)"
  ))
  for (kind in c("half", "brain")) {
    expect_identical(system2(python, shQuote(c(script, ours, theirs, kind))), 0L)
    back <- load_vae(theirs)
    expect_identical(names(vae_weights(back)), names(vae_weights(fit)))
    expect_equal(unlist(vae_weights(back)), unlist(vae_weights(fit)), tolerance = if (kind == "half") 1e-3 else 1e-2)
    expect_false(identical(back$weights, fit$weights))
    expect_identical(dim(vae_decode(back, c(0, 0))), c(1L, 28L, 28L))
  }
})
