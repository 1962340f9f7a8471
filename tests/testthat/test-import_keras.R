skip_if_not_installed("hdf5r")

test_that("files that real Keras wrote give the weights that it had", {
  expected <- hashed_weights(tiny_model())
  for (file in c("flat.h5", "nested.h5", "flat.weights.h5", "nested.weights.h5", "flat.keras")) {
    expect_warning(fit <- import_keras(keras_file(file), tiny_model()), "z_mean = \"dense_2\", z_log_var = \"dense_3\"")
    weights <- vae_weights(fit)
    expect_identical(names(weights), names(expected))
    for (name in names(expected)) {
      # float32 in the file
      expect_equal(as.vector(weights[[name]]), as.vector(expected[[name]]), tolerance = 1e-7,
                   label = paste(file, name))
    }
  }
})

test_that("an imported fit encodes and decodes as Keras does", {
  fit <- keras_fit()
  keras <- json_to_list_cpp(paste(readLines(keras_file("predictions.json")), collapse = ""))
  rows <- function(x) do.call(rbind, lapply(x, as.numeric))
  x <- hashed_drawings(4, c(6, 6))
  expect_equal(unname(vae_encode(fit, x)), rows(keras$mean), tolerance = 1e-5)
  expect_equal(unname(vae_encode(fit, x, "log_var")), rows(keras$log_var), tolerance = 1e-5)
  drawn <- vae_decode(fit, hashed_codes(4, 2))
  expect_equal(t(apply(drawn, 1, function(d) as.vector(t(d)))), rows(keras$decode), tolerance = 1e-5)
})

# What import_keras() says, apart from paths.
said_of <- function(name, ...) {
  said <- character()
  keep <- function(restart) function(e) {
    said <<- c(said, conditionMessage(e))
    invokeRestart(restart)
  }
  fit <- withCallingHandlers(
    import_keras(pair_file(name), pair_model(), ...),
    warning = keep("muffleWarning"), message = keep("muffleMessage")
  )
  list(fit = fit, said = gsub("\n *", " ", gsub("'[^']*/([^/']*)'", "'\\1'", said)))
}

expect_pair <- function(fit, but = character(), tolerance = 1e-6) {
  expected <- hashed_weights(pair_model())
  weights <- vae_weights(fit)
  for (name in setdiff(names(expected), but)) {
    expect_equal(as.vector(weights[[name]]), as.vector(expected[[name]]), tolerance = tolerance, label = name)
  }
}

test_that("layers are matched by their names, whatever their order", {
  # The mean was frozen, which puts it last; heads called mu and log_sigma, the encoder's outputs reversed.
  for (name in c("nested_named_frozen-2.h5", "of_layers-3.weights.h5")) {
    of <- said_of(name)
    expect_pair(of$fit)
    expect_length(of$said, 0)
  }
  of <- said_of("flat_mu_sigma-2.h5")
  expect_pair(of$fit)
})

test_that("where only the order tells heads apart, a warning says how they were taken, and heads = otherwise", {
  of <- said_of("nested_unnamed_reversed-3.keras")
  expect_snapshot(cat(of$said, sep = "\n"))
  expect_pair(said_of("nested_unnamed_reversed-3.keras", heads = c("dense_2", "dense_3"))$fit)
  right <- said_of("nested_unnamed_reversed-3.keras", layers = c(z_log_var = "dense_3", z_mean = "dense_2"))
  expect_pair(right$fit)
  expect_length(right$said, 0)
  # One of two is enough.
  expect_pair(said_of("nested_unnamed_reversed-3.keras", layers = c(z_mean = "dense_2"))$fit)
})

test_that("other layers of the same shape are told apart by sub-models, else by order with a warning", {
  # The decoder was made first, and is called dec.
  of <- said_of("subclass_decoder_first-3.weights.h5")
  expect_length(of$said, 1)
  expect_no_match(of$said, "dense_1")
  expect_pair(of$fit, but = grep("^z_", names(hashed_weights(pair_model())), value = TRUE))
  expect_pair(said_of("subclass_decoder_first-3.weights.h5", heads = c("dense_4", "dense_3"))$fit)
  # A chain of layers of the same shape in one model
  path <- withr::local_tempfile(fileext = ".h5")
  chain <- function(names) {
    layer <- function(i) dense(5, name = names[[i]])
    vae_model(list(flatten(), layer(1), layer(2), layer(3)), 2, list(dense(784, "sigmoid", name = names[[4]])))
  }
  later <- quick_fit(few_sheep(8), chain(paste0("dense_", 4:7)), epochs = 1)
  export_keras(later, path)
  expect_warning(fit <- import_keras(path, chain(list(NULL, NULL, NULL, NULL))), "dense_1 = \"dense_5\", dense_2 = \"dense_6\"", fixed = TRUE)
  expect_identical(unlist(vae_weights(fit), use.names = FALSE), unlist(vae_weights(later), use.names = FALSE))
  fit <- expect_silent(import_keras(path, chain(list(NULL, NULL, NULL, NULL)), layers = c(dense_1 = "dense_6", dense_2 = "dense_5")))
  expect_identical(vae_weights(fit)[["dense_1/kernel"]], vae_weights(later)[["dense_6/kernel"]])
})

test_that("one layer for both heads is cut in two, and that is said", {
  of <- said_of("subclass_nets-3.weights.h5")
  expect_pair(of$fit)
  expect_length(of$said, 1)
  expect_match(of$said, "taken as both heads, its first half as the mean")
})

test_that("what layers were made without is what Keras does without it, and is said", {
  of <- said_of("flat_no_bias-2.h5")
  biases <- grep("bias$", names(hashed_weights(pair_model())), value = TRUE)
  expect_pair(of$fit, but = biases)
  expect_true(all(unlist(vae_weights(of$fit)[biases]) == 0))
  expect_match(of$said, "bias, taken as 0: dense, dense_1, z_mean", fixed = TRUE)
  of <- said_of("flat_no_center-2.keras")
  expect_pair(of$fit, but = "batch_norm/beta")
  expect_match(of$said, "beta, taken as 0: batch_norm", fixed = TRUE)
  # Without a configuration nothing says which of the two is there.
  expect_error(said_of("flat_no_center-3.weights.h5"), "gamma or beta")
})

test_that("bfloat16 is read, with and without Keras' word for it", {
  for (name in c("bfloat16-3.weights.h5", "bfloat16-2.h5")) {
    of <- said_of(name)
    expect_pair(of$fit, tolerance = 1e-2)
    # The lower half of a float is zero.
    values <- writeBin(as.vector(vae_weights(of$fit)[["dense/kernel"]]), raw(), size = 4, endian = "little")
    expect_true(all(matrix(values, 4)[1:2, ] == 0))
    expect_length(of$said, 0)
  }
})

test_that("weights that are not finite are said", {
  path <- damaged("flat.h5", function(f) {
    f$link_delete("dense/dense/bias:0")
    f[["dense/dense"]]$create_dataset("bias:0", c(NaN, Inf, 1, 2, 3))
  })
  expect_warning(import_keras(path, tiny_model(), heads = c("dense_2", "dense_3")), "2 of [0-9]+ weights are NaN or infinite, in\\s\"dense/bias\"")
})

test_that("a configuration of another model is said", {
  other <- pair_model()
  other$encoder[[2]]$activation <- "tanh"
  other$encoder[[4]]$epsilon <- 1e-5
  path <- pair_file("flat_no_center-2.keras")
  warning <- expect_warning(suppressMessages(import_keras(path, other)))
  expect_match(conditionMessage(warning), "activation of 'dense' is relu, here tanh", fixed = TRUE)
  expect_match(conditionMessage(warning), "epsilon of 'batch_normalization' is 0.001, here 1e-05", fixed = TRUE)
})

test_that("heads and layers that cannot be are refused", {
  path <- pair_file("nested_unnamed_reversed-3.keras")
  expect_snapshot(error = TRUE, transform = hide_paths, {
    import_keras(path, pair_model(), heads = "dense_2")
    import_keras(path, pair_model(), heads = c("dense_2", "dense_2"))
    import_keras(path, pair_model(), heads = c("dense_2", "dense_9"))
    import_keras(path, pair_model(), heads = c("dense_2", "dense"))
    import_keras(path, pair_model(), layers = "dense_2")
    import_keras(path, pair_model(), layers = c(hidden = "dense_2"))
    import_keras(path, pair_model(), heads = c("dense_2", "dense_3"), layers = c(z_mean = "dense_3"))
  })
})

test_that("archives that are cut, or unpack to far more than a model, are refused", {
  path <- withr::local_tempfile(fileext = ".keras")
  bytes <- readBin(keras_file("flat.keras"), "raw", 1e6)
  for (length in c(100, length(bytes) %/% 2, length(bytes) - 100)) {
    writeBin(bytes[seq_len(length)], path)
    expect_error(import_keras(path, tiny_model()), "is a zip archive|cannot be unpacked")
  }
  # The length of the weights in the archive's directory
  at <- utils::tail(grepRaw("model.weights.h5", bytes, fixed = TRUE, all = TRUE), 1) - 46 + 24
  bytes[at + 0:3] <- as.raw(c(0, 0, 0, 64))
  writeBin(bytes, path)
  expect_error(import_keras(path, tiny_model()), "far more than weights of this model")
})

test_that("an imported fit can be printed and trained further", {
  fit <- keras_fit()
  expect_s3_class(fit, "vae")
  expect_output(print(fit), "imported")
  more <- vae_fit(hashed_drawings(4, c(6, 6)), fit, epochs = 1, seed = 1, threads = 1)
  expect_identical(nrow(more$history), 1L)
})

test_that("the optimizer's state in a file is ignored", {
  path <- damaged("flat.weights.h5", function(file) {
    vars <- file$create_group("optimizer")$create_group("vars")
    vars[["0"]] <- 1:3
  })
  expect_identical(import_keras(path, tiny_model(), heads = c("dense_2", "dense_3"))$weights, keras_fit()$weights)
})

test_that("wrong, missing and surplus layers are errors that name the layer", {
  expect_snapshot(error = TRUE, transform = hide_paths, {
    # a wrong shape, by order and by class
    import_keras(damaged("flat.h5", function(f) {
      f$link_delete("dense/dense/kernel:0")
      f[["dense/dense"]]$create_dataset("kernel:0", matrix(0, 4, 18))
    }), tiny_model())
    import_keras(damaged("flat.weights.h5", function(f) {
      f$link_delete("layers/conv2d_transpose/vars/0")
      f[["layers/conv2d_transpose/vars"]][["0"]] <- array(0, c(3, 2, 2, 3))
    }), tiny_model())
    # a missing array, a missing layer
    import_keras(damaged("flat.h5", function(f) f$link_delete("dense/dense/bias:0")), tiny_model())
    import_keras(damaged("flat.weights.h5", function(f) f$link_delete("layers/dense_3")), tiny_model())
    import_keras(damaged("flat.weights.h5", function(f) f$link_delete("layers/batch_normalization/vars/3")), tiny_model())
    import_keras(damaged("flat.h5", function(f) f$link_delete("dense")), tiny_model())
  })
})

test_that("text for numbers, and models of fewer or more layers, are errors that name the layer", {
  expect_snapshot(error = TRUE, transform = hide_paths, {
    # not numbers
    import_keras(damaged("flat.weights.h5", function(f) {
      f$link_delete("layers/dense/vars/1")
      f[["layers/dense/vars"]][["1"]] <- letters[1:5]
    }), tiny_model())
    # a model with a layer less, a layer more
    less <- tiny_model()
    less$decoder <- less$decoder[-2]
    import_keras(keras_file("flat.h5"), less)
    more <- tiny_model()
    more$encoder <- c(more$encoder, list(dense(4)))
    import_keras(keras_file("flat.weights.h5"), more)
  })
})

test_that("files that are no weights of Keras are errors", {
  cut <- withr::local_tempfile(fileext = ".h5")
  bytes <- readBin(keras_file("flat.h5"), "raw", 1e6)
  writeBin(bytes[1:20000], cut)
  text <- withr::local_tempfile(fileext = ".h5")
  writeLines("<html>", text)
  empty <- withr::local_tempfile(fileext = ".weights.h5")
  hdf5r::H5File$new(empty, mode = "w")$close_all()
  expect_snapshot(error = TRUE, transform = hide_paths, {
    import_keras(cut, tiny_model())
    import_keras(text, tiny_model())
    import_keras(empty, tiny_model())
    import_keras("nowhere.h5", tiny_model())
    import_keras(keras_file("tiny.json"), tiny_model())
    import_keras(keras_file("flat.h5"), "tiny")
  })
})

test_that("a cut file is an error wherever it is cut", {
  path <- withr::local_tempfile(fileext = ".weights.h5")
  bytes <- readBin(keras_file("flat.weights.h5"), "raw", 1e6)
  for (length in c(0, 7, 8, 100, 2000, length(bytes) %/% 2, length(bytes) - 1)) {
    writeBin(bytes[seq_len(length)], path)
    expect_error(import_keras(path, tiny_model()), "cut, or no HDF5 file|is empty|not known here")
  }
})

test_that("damages that end the process that reads never end the session", {
  # Bytes, found at random, that hdf5r does not survive.
  damages <- list(
    flat.h5 = rbind(c(1079, 6261, 10194, 12091, 19966, 21839, 22212, 22707, 29870, 35127, 37518), c(96, 113, 197, 178, 211, 99, 18, 240, 213, 20, 255)),
    flat.h5 = rbind(c(11975, 12847, 22585, 35339, 38626), c(234, 123, 64, 41, 162)),
    flat.weights.h5 = rbind(c(2275, 5886, 11260, 15656), c(236, 186, 199, 69))
  )
  for (k in seq_along(damages)) {
    bytes <- readBin(keras_file(names(damages)[[k]]), "raw", 1e6)
    bytes[damages[[k]][1, ]] <- as.raw(damages[[k]][2, ])
    path <- withr::local_tempfile(fileext = ".weights.h5")
    writeBin(bytes, path)
    # Another version of libhdf5 may find these damages: an error all the same.
    expect_error(import_keras(path, tiny_model()), "is damaged: the process that was to read it ended|cannot be read|missing|is not")
  }
  # R's handler of crashes removes the temporary folder, which both processes share.
  expect_true(dir.exists(tempdir()))
  expect_true(file.exists(path))
})

test_that("two hundred damaged files are errors or read, none ends the session", {
  skip_if_not(nzchar(Sys.getenv("SKETCHVAE_LONG")), "long: SKETCHVAE_LONG is not set")
  withr::local_seed(1)
  for (k in 1:200) {
    name <- c("flat.h5", "flat.weights.h5")[[k %% 2 + 1]]
    bytes <- readBin(keras_file(name), "raw", 1e6)
    many <- sample(32, 1)
    at <- if (k %% 4 < 2) sample(length(bytes), many) else sample(length(bytes) - many, 1) + seq_len(many)
    bytes[at] <- as.raw(sample(0:255, many, TRUE))
    path <- withr::local_tempfile(fileext = sub("^[^.]*", "", name))
    writeBin(bytes, path)
    read <- tryCatch(suppressMessages(suppressWarnings(import_keras(path, tiny_model()))), error = identity)
    expect_true(inherits(read, c("vae", "error")))
    unlink(path)
  }
})
