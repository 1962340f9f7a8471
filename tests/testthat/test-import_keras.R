skip_if_not_installed("hdf5r")

test_that("files that real Keras wrote give the weights that it had", {
  expected <- hashed_weights(tiny_model())
  for (file in c("flat.h5", "nested.h5", "flat.weights.h5", "nested.weights.h5")) {
    weights <- vae_weights(import_keras(keras_file(file), tiny_model()))
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
  expect_identical(import_keras(path, tiny_model())$weights, keras_fit()$weights)
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
    import_keras(damaged("flat.weights.h5", function(f) f$link_delete("layers/dense/vars/1")), tiny_model())
    import_keras(damaged("flat.h5", function(f) f$link_delete("dense")), tiny_model())
    # not numbers
    import_keras(damaged("flat.weights.h5", function(f) {
      f$link_delete("layers/dense/vars/1")
      f[["layers/dense/vars"]][["1"]] <- letters[1:5]
    }), tiny_model())
    # a model with a layer less, a layer more
    less <- tiny_model()
    less$decoder <- less$decoder[-2]
    import_keras(keras_file("flat.h5"), less)
    import_keras(keras_file("flat.weights.h5"), less)
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
    expect_error(import_keras(path, tiny_model()), "cut, or no HDF5 file")
  }
})
