skip_if_not_installed("hdf5r")

test_that("what is exported is imported again, bit for bit, in both layouts", {
  fit <- keras_fit()
  for (ending in c(".h5", ".hdf5", ".weights.h5")) {
    path <- withr::local_tempfile(fileext = ending)
    expect_identical(withVisible(export_keras(fit, path))$visible, FALSE)
    expect_identical(expect_silent(import_keras(path, tiny_model()))$weights, fit$weights)
  }
})

test_that("the legacy layout has Keras' names, attributes and order of sizes", {
  path <- withr::local_tempfile(fileext = ".h5")
  export_keras(keras_fit(), path)
  ours <- hdf5r::H5File$new(path, mode = "r")
  keras <- hdf5r::H5File$new(keras_file("flat.h5"), mode = "r")
  withr::defer({
    ours$close_all()
    keras$close_all()
  })
  expect_identical(hdf5r::h5attr(ours, "layer_names")[1:3], c("conv_2d", "dense", "batch_norm"))
  expect_identical(hdf5r::h5attr(ours[["dense"]], "weight_names"), c("dense/kernel:0", "dense/bias:0"))
  expect_identical(ours[["conv_2d_transpose/conv_2d_transpose/kernel:0"]]$read(),
                   keras[["conv2d_transpose/conv2d_transpose/kernel:0"]]$read())
  expect_identical(ours[["dense/dense/kernel:0"]]$get_type()$to_text(),
                   keras[["dense/dense/kernel:0"]]$get_type()$to_text())
})

test_that("Keras 3's layout counts layers within their class", {
  path <- withr::local_tempfile(fileext = ".weights.h5")
  export_keras(keras_fit(), path)
  paths <- function(path) {
    file <- hdf5r::H5File$new(path, mode = "r")
    on.exit(file$close_all())
    sort(grep("vars/[0-9]+$", file$ls(recursive = TRUE)$name, value = TRUE))
  }
  expect_identical(paths(path), paths(keras_file("flat.weights.h5")))
})

test_that("wrong arguments of an export are refused", {
  expect_snapshot(error = TRUE, transform = hide_paths, {
    export_keras(tiny_model(), "a.h5")
    export_keras(keras_fit(), "a.keras")
    export_keras(keras_fit(), 1)
    export_keras(keras_fit(), "no-such-folder/a.h5")
  })
})
