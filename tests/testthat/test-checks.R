# What a user would read: the argument, what was given, what is allowed.
message_of <- function(expr) {
  conditionMessage(tryCatch(expr, error = identity))
}

test_that("numbers are checked for type, length, finiteness and range", {
  expect_identical(check_number(3L, "eps"), 3)
  expect_null(check_number(NULL, "eps", null = TRUE))
  expect_identical(check_number(0, "eps", min = 0), 0)
  expect_snapshot(error = TRUE, {
    check_number("a", "eps")
    check_number(c(1, 2), "eps")
    check_number(NA_real_, "eps")
    check_number(Inf, "eps", min = 0)
    check_number(NULL, "eps")
    check_number(2, "rate", min = 0, max = 1)
    check_number(0, "rate", min = 0, open_min = TRUE)
    check_number(0, "rate", min = 0, max = 1, open_min = TRUE)
    check_number(3, "rate", max = 1)
    check_number(list(1), "rate")
    check_number(factor(1), "rate")
  })
})

test_that("counts are whole numbers; a large one stays a double", {
  expect_identical(check_count(3, "n"), 3L)
  expect_identical(check_count(1e12, "n"), 1e12)
  expect_null(check_count(NULL, "n", null = TRUE))
  expect_snapshot(error = TRUE, {
    check_count(2.5, "minPts")
    check_count(0, "minPts")
    check_count(TRUE, "minPts")
    check_count(7, "dim", min = 1, max = 4)
  })
})

test_that("flags, strings and classes are checked", {
  expect_true(check_flag(TRUE, "verbose"))
  expect_identical(check_string("a", "path"), "a")
  expect_null(check_string(NULL, "path", null = TRUE))
  expect_s3_class(check_class(data.frame(), "data.frame", "x"), "data.frame")
  expect_snapshot(error = TRUE, {
    check_flag(NA, "verbose")
    check_flag(1, "verbose")
    check_string(c("a", "b"), "path")
    check_string("", "path")
    check_class(1:3, "vae", "fit", made_by = "vae_fit()")
    check_class(mtcars, "vae", "fit")
  })
})

test_that("paths are expanded, and must exist where asked", {
  file <- withr::local_tempfile(lines = "x")
  expect_identical(check_path(file, "path", exists = TRUE), file)
  expect_identical(check_path("~/x", "path"), path.expand("~/x"))
  expect_match(message_of(check_path("/no/such.npy", "path", exists = TRUE)), "there is no file")
  expect_match(message_of(check_path(tempdir(), "path", exists = TRUE)), "is a folder")
})

test_that("matrices are numeric, finite and of the right width", {
  z <- matrix(1:4, 2)
  expect_type(check_matrix(z, "z"), "double")
  expect_identical(dim(check_matrix(data.frame(a = 1:3, b = 4:6), "z")), c(3L, 2L))
  z_bad <- matrix(c(1, NA, 3, 4), 2)
  expect_snapshot(error = TRUE, {
    check_matrix(1:3, "z")
    check_matrix(z, "z", cols = 3)
    check_matrix(letters, "z", cols = 3)
    check_matrix(z_bad, "z")
  })
})

test_that("threads come from the argument, then the option, then the cores", {
  expect_identical(check_threads(3), 3L)
  withr::local_options(sketchvae.threads = 2)
  expect_identical(check_threads(NULL), 2L)
  withr::local_options(sketchvae.threads = "many")
  expect_error(check_threads(NULL), "sketchvae.threads")
  withr::local_options(sketchvae.threads = NULL)
  expect_gte(check_threads(NULL), 1)
})

test_that("what was given is shown: a few values, and functions without their parentheses", {
  expect_identical(describe(c(1, 9.5)), "c(1, 9.5)")
  expect_identical(describe(c("a", NA)), "c(\"a\", NA)")
  expect_identical(describe(1:6), "a vector of integer, length 6")
  expect_match(describe(mean), "parentheses")
})

test_that("every exported function names an argument that is missing, and what it must be", {
  given <- list(
    fit = pretrained_sheep(), x = few_sheep(5), z = matrix(1:20 / 10, 10), clusters = rep(1, 5), scores = 1:5,
    file = tempfile(), path = tempfile(), kernel_size = 3, filters = 3, start = 1, steep = 1, middle = 2, eps = 1,
    encoder = list(flatten()), codes = list(matrix(1:20, 10)), latent_dim = 2
  )
  asked <- 0
  for (name in getNamespaceExports("sketchvae")) {
    f <- getExportedValue("sketchvae", name)
    arguments <- formals(f)
    required <- setdiff(names(arguments)[vapply(arguments, identical, NA, quote(expr = ))], "...")
    required <- setdiff(required, if (name == "labels<-") "value")
    for (k in seq_along(required)) {
      before <- required[seq_len(k - 1)]
      # A file to import must be there before its model is looked at.
      if (name == "import_keras" && k > 1) next
      problem <- tryCatch(do.call(f, given[before]), error = identity)
      label <- paste0(name, "(", required[[k]], ")")
      expect_match(conditionMessage(problem), paste0("^`", required[[k]], "` is missing: it must be "), label = label)
      expect_false(grepl("^check_|_drawings$", deparse(conditionCall(problem)[[1]])[[1]]) && name != "as_drawings", label = label)
      asked <- asked + 1
    }
  }
  expect_gt(asked, 70)
  expect_snapshot(error = TRUE, {
    vae_fit()
    vae_decode(pretrained_sheep())
    latent_dbscan(matrix(1:4, 2))
    mse_anomalies(pretrained_sheep())
    plot_latent()
    predict(pretrained_sheep())
    read_images()
  })
})

test_that("pipes, devices and sockets are refused wherever a path is taken, before anything waits for them", {
  folder <- withr::local_tempdir()
  withr::local_dir(folder)
  skip_if(system2("mkfifo", shQuote("pipe")) != 0, "no mkfifo")
  setTimeLimit(elapsed = 20)
  on.exit(setTimeLimit())
  x <- few_sheep(8)
  fit <- quick_fit(x)
  for (path in c("pipe", "/dev/zero", "/dev/null")) {
    refused <- function(expr) expect_error(expr, "(named pipe|device).*, neither a file nor a folder")
    refused(read_drawings(path))
    refused(load_quickdraw(path = path))
    refused(load_mnist(path))
    refused(read_images(path))
    refused(vae_encode(fit, path))
    refused(mse_anomalies(fit, path))
    refused(load_vae(path))
    refused(import_keras(path, fit$model))
    refused(save_vae(fit, path))
    refused(export_keras(fit, path))
    refused(vae_report(fit, x, path))
    refused(save_explorer(fit, x, path))
    refused(vae_fit(x, model_binary(hidden = 5), log_dir = path))
    refused(vae_fit(x, model_binary(hidden = 5), checkpoint = path))
    refused(vae_resume(path))
  }
  system2("mkfifo", c("x.npy", "x.csv", "fit.safetensors"))
  expect_error(write_drawings(x, "x.npy"), "named pipe")
  expect_error(write_drawings(x, "x.csv"), "named pipe")
  expect_error(save_vae(fit, "fit.safetensors"), "named pipe")
  # Those that the engine opens by itself
  expect_error(run_engine(npy_shape_cpp("pipe", "")), "'pipe' is a named pipe (FIFO), not a file", fixed = TRUE)
  expect_error(run_engine(append_events_cpp("pipe", 0, 1, c(a = 1), list())), "named pipe")
  expect_error(run_engine(file_start_cpp("/dev/zero", 4L)), "is a device")
  # Nothing took their place.
  expect_identical(other_than_file_cpp("x.npy"), "a named pipe (FIFO)")
  expect_identical(other_than_file_cpp("/dev/null"), "a device")
  expect_identical(other_than_file_cpp("."), "a folder")
  expect_identical(other_than_file_cpp("nowhere"), "")
  expect_setequal(list.files(), c("pipe", "x.npy", "x.csv", "fit.safetensors"))
})
