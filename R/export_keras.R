#' Exchange weights with Keras
#'
#' `export_keras()` writes a fit's parameters as an HDF5 file that Keras' `load_weights()` reads into a
#' model of the same layers; `import_keras()` makes a fit of such a file, for example of the sheep
#' post's `Baeh.h5`. A path that ends in `.weights.h5` is written in Keras 3's layout, any other in the legacy
#' one (`save_model_weights_hdf5()`, tf-keras). Files are read by what they hold: both layouts, weights
#' alone or whole models (`.h5`, `.keras`), numbers of 16, 32 or 64 bits, bfloat16 among them. Only weights
#' are taken, and nothing in a file is ever executed.
#'
#' @section Which layer is which:
#' Names count first: a layer of the file that is called as one of the model, and the two heads also where
#' they are called `mu` and `sigma`, `mean` and `logvar` or the like. Names that Keras gives and counts (`dense_5`)
#' say nothing, since they count a session's layers. The other layers are matched by kind and shape, encoder
#' and decoder apart where the file has sub-models. Where layers of the same kind and shape are left, mostly
#' the two heads, their order decides, and a warning says how they were taken; `heads` and `layers` say
#' otherwise.
#'
#' Of layers that were made without bias, `gamma` or `beta` these are 0, 1 and 0, which a message says; one
#' dense layer of twice the latent dimensions is taken as both heads. Weights that are not finite, and a
#' whole model's activations, strides, padding and epsilons that are not the model's, are warned of. An
#' optimizer's state in a file is ignored.
#'
#' For Keras to read an export, its model must hold its layers in the model's order (encoder, `z_mean`,
#' `z_log_var`, decoder; in Keras 3's layout the order within each class counts) and directly, not inside two
#' nested models.
#'
#' @param fit A fitted `vae`.
#' @param path The file. It is written under a temporary name and renamed, and ends in `.h5` or `.hdf5`.
#' @param heads The names, in the file, of the layers that are mean and log-variance, in that order; or `NULL`.
#' @param layers What other layers of the model are in the file: a vector of names in the file that is named as
#'   the model's layers are, such as `c(dense_1 = "dense_7")`; or `NULL`. For layers of the same name in
#'   several sub-models, their path in the file.
#' @param model What the file's weights belong to: a [vae_model()] or a fitted `vae`, whose model is taken.
#' @returns `export_keras()`: the path, invisibly. `import_keras()`: a `vae` with these weights, without a
#'   history. Missing, surplus and wrongly shaped layers and cut files are errors that name the layer.
#' @export
#' @examplesIf requireNamespace("hdf5r", quietly = TRUE)
#' model <- model_binary(hidden = 20)
#' fit <- vae_fit(simulate_sheep(64, seed = 1), model, epochs = 1, seed = 1)
#' path <- tempfile(fileext = ".weights.h5")
#' export_keras(fit, path)
#' identical(import_keras(path, model)$weights, fit$weights)
export_keras <- function(fit, path) {
  check_class(fit, "vae", made_by = "vae_fit()")
  path <- check_h5_path(path)
  if (!dir.exists(dirname(path))) {
    cli::cli_abort("{.arg path}: there is no folder {.file {dirname(path)}}.")
  }
  temporary <- tempfile("export-", dirname(path), ".h5")
  on.exit(unlink(temporary))
  file <- hdf5r::H5File$new(temporary, mode = "w")
  on.exit(if (file$is_valid) file$close_all(), add = TRUE, after = FALSE)
  write <- if (is_keras3_path(path)) write_keras3 else write_legacy
  write(file, keras_layers(fit$model), vae_weights(fit), fit$precision)
  file$close_all()
  if (!file.rename(temporary, path)) cli::cli_abort("{.file {path}} cannot be written.")
  invisible(path)
}

write_legacy <- function(file, layers, weights, precision) {
  names <- vapply(layers, `[[`, "", "name")
  write_strings(file, "layer_names", names)
  # Versions from 2 on need no conversion of kernels when they are read.
  write_strings(file, "keras_version", "2.15.0", scalar = TRUE)
  write_strings(file, "backend", "tensorflow", scalar = TRUE)
  for (layer in layers) {
    group <- file$create_group(layer$name)
    inner <- group$create_group(layer$name)
    short <- paste0(short_name(names(layer$shapes)), ":0")
    write_strings(group, "weight_names", paste0(layer$name, "/", short))
    for (i in seq_along(short)) {
      write_array(inner, short[i], weights[[names(layer$shapes)[i]]], precision)
    }
  }
}

write_keras3 <- function(file, layers, weights, precision) {
  all <- file$create_group("layers")
  paths <- number_within(vapply(layers, `[[`, "", "class"))
  for (i in seq_along(layers)) {
    vars <- all$create_group(paths[i])$create_group("vars")
    write_strings(vars, "name", layers[[i]]$name, scalar = TRUE)
    shapes <- layers[[i]]$shapes
    for (k in seq_along(shapes)) {
      write_array(vars, as.character(k - 1), weights[[names(shapes)[k]]], precision)
    }
  }
}

write_array <- function(group, name, x, precision) {
  type <- if (precision == "float64") hdf5r::h5types$H5T_IEEE_F64LE else hdf5r::h5types$H5T_IEEE_F32LE
  # No compression and no chunks: what Keras writes itself.
  group$create_dataset(name, file_order(x), dtype = type, chunk_dims = NULL, gzip_level = 0)
}

# Strings of fixed length, as h5py writes bytes: every Keras can decode them.
write_strings <- function(object, name, values, scalar = FALSE) {
  type <- hdf5r::H5T_STRING$new(size = max(nchar(values, "bytes")))
  space <- if (scalar) hdf5r::H5S$new("scalar") else hdf5r::H5S$new("simple", dims = length(values))
  object$create_attr(name, values, dtype = type, space = space)
}
