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
    encoder = list(flatten()), new = few_sheep(5), codes = list(matrix(1:20, 10)), latent_dim = 2
  )
  asked <- 0
  for (name in getNamespaceExports("sketchvae")) {
    f <- getExportedValue("sketchvae", name)
    if (!is.function(f)) next
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

# bit64's own layout, without bit64: the bits of integers in what R takes for doubles.
as_integer64 <- function(x) {
  bits <- unlist(lapply(x, function(v) {
    both <- c(as.integer(v), if (v < 0) -1L else 0L)
    writeBin(if (.Platform$endian == "little") both else rev(both), raw())
  }))
  structure(readBin(bits, "double", length(x)), class = "integer64", dim = dim(x))
}

test_that("64-bit integers are the numbers they are, whatever they are given for", {
  expect_identical(plain_number(as_integer64(c(-3, 0, 7))), c(-3, 0, 7))
  x <- simulate_sheep(12, seed = 1)
  i <- as_integer64
  few <- function(...) quick_fit(x, ...)
  expect_same_fit(
    few(epochs = i(2), seed = i(3), batch_size = i(4), kl_start = i(1), kl_steep = i(1)),
    few(epochs = 2, seed = 3, batch_size = 4, kl_start = 1, kl_steep = 1)
  )
  fit <- pretrained_sheep()
  z <- round(unname(vae_encode(fit, x)) * 10)
  w <- rep(1:3, 4)
  cluster <- latent_dbscan(z, 9, 4, weights = w)$cluster
  frame <- data.frame(a = z[, 1], b = z[, 2])
  frame$a <- i(z[, 1])
  for (of in list(i(z), frame)) expect_identical(latent_dbscan(of, i(9), i(4), weights = i(w))$cluster, cluster)
  expect_identical(latent_hdbscan(i(z), i(3))$cluster, latent_hdbscan(z, 3)$cluster)
  expect_identical(latent_kmeans(i(z), i(2), seed = i(1))$cluster, latent_kmeans(z, 2, seed = 1)$cluster)
  expect_identical(latent_elbow(z, i(1:2), seed = 1), latent_elbow(z, 1:2, seed = 1))
  path <- latent_dbscan_path(z, i(4))
  expect_identical(predict(path, i(c(2, 9))), predict(path, c(2, 9)))
  pairs <- data.frame(eps = c(1, 2), minPts = c(3, 4))
  expected <- latent_dbscan_search(z, pairs)
  pairs$minPts <- i(3:4)
  expect_identical(latent_dbscan_search(z, pairs), expected)
  expect_identical(cluster_means(x, i(w)), cluster_means(x, w))
  expect_equal(anomaly_quality(i(12:1), w == 1, k = i(3)), anomaly_quality(12:1, w == 1, k = 3))
  expect_identical(vae_decode(fit, i(c(1, 2))), vae_decode(fit, c(1, 2)))
  expect_identical(vae_generate(fit, i(2), seed = i(1), near = i(c(1, 2))), vae_generate(fit, 2, seed = 1, near = c(1, 2)))
  weights <- lapply(vae_weights(fit), function(w) round(abs(w)))
  expect_identical(vae_set_weights(fit, lapply(weights, i)), vae_set_weights(fit, weights))
  expect_identical(as_drawings(i(rep(c(0, 255), 392)))$pixels, as.raw(rep(c(0, 255), 392)))
  expect_identical(labels(as_drawings(x, labels = i(w))), w)
  expect_identical(x[i(2)], x[2])
  expect_identical(optimizer_rmsprop(rho = i(0), momentum = i(0)), optimizer_rmsprop(rho = 0, momentum = 0))
})

test_that("tables and matrices of other packages are taken as what they hold", {
  x <- simulate_sheep(12, seed = 1)
  z <- round(unname(vae_encode(pretrained_sheep(), x)) * 10)
  cluster <- latent_dbscan(z, 9, 4)$cluster
  pixels <- as.matrix(x)
  makers <- list(data.table = "as.data.table", tibble = "as_tibble", Matrix = "Matrix")
  for (package in names(makers)) {
    if (!requireNamespace(package, quietly = TRUE)) next
    make <- function(m) getExportedValue(package, makers[[package]])(if (package == "tibble") as.data.frame(m) else m)
    expect_identical(latent_dbscan(make(z), 9, 4)$cluster, cluster)
    expect_identical(as_drawings(make(pixels))$pixels, x$pixels)
  }
  expect_identical(latent_dbscan(as.table(z), 9, 4)$cluster, cluster)
  named <- as.array(x)
  dimnames(named) <- list(letters[1:12], NULL, NULL)
  expect_identical(as_drawings(named)$pixels, x$pixels)
})

test_that("what is no plain number is refused by the argument's name", {
  z <- matrix(c(1:20, 20:1), 20)
  some <- list(
    as.Date("2020-01-01") + 0:19, as.difftime(1:20, units = "secs"), factor(1:20), 1:20 + 0i, as.character(1:20),
    as.list(1:20), as.POSIXct("2020-01-01", tz = "UTC") + 1:20, as.raw(1:20)
  )
  for (odd in some) {
    expect_error(latent_dbscan(z, 2, 3, weights = odd), "`weights` must be")
    expect_error(latent_dbscan(z, odd[2], 3), "`eps` must be")
    expect_error(latent_dbscan(z, 2, odd[2]), "`minPts` must be")
    expect_error(latent_kmeans(z, 2, seed = odd[2]), "`seed` must be")
    expect_error(latent_elbow(z, odd), "`k` must be")
    expect_error(latent_dbscan(odd, 2, 3), "`z` must be")
    expect_error(predict(latent_dbscan_path(z, 3), odd), "`eps` must be")
    if (is.list(odd)) next
    expect_error(latent_dbscan(data.frame(1:20, odd), 2, 3), "`z` must")
    expect_error(simulate_sheep(20, seed = 1)[odd], "`i` must be|no drawings with the label")
  }
  fit <- pretrained_sheep()
  weights <- vae_weights(fit)
  weights[[2]] <- weights[[2]] + 0i
  expect_error(vae_set_weights(fit, weights), names(weights)[[2]], fixed = TRUE)
})
