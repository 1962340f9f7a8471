# What export_keras() and import_keras() share: where the two layouts of Keras' HDF5 weight files keep
# a layer's arrays. Both layouts know layers by their order; names are used where they agree.
#
# Legacy: the attribute `layer_names` of the file, `weight_names` of each layer's group, arrays under
# these names ("dense/kernel:0"). Keras 3: /layers/<class>_<k>/vars/0, 1, ..., the k-th of its class.

# The layers of a model that have weights: name, Keras' class, named shapes.
keras_layers <- function(model) {
  layers <- Filter(function(layer) length(layer$weights) > 0, plan_model(model)$layers)
  lapply(layers, function(layer) {
    list(name = layer$name, class = keras_class(layer$title), shapes = layer$weights)
  })
}

# "Conv2DTranspose" as Keras 3 spells it in paths: "conv2d_transpose".
keras_class <- function(title) {
  tolower(gsub("([a-z])([A-Z])", "\\1_\\2", sub("Conv2DT", "Conv2d_T", title)))
}

# "dense", "dense_1", "dense_2" for three of a class.
number_within <- function(classes) {
  before <- stats::ave(seq_along(classes), classes, FUN = seq_along) - 1
  paste0(classes, ifelse(before > 0, paste0("_", before), ""))
}

# What a parameter is called within its layer: "kernel" for "dense/kernel" and "dense/kernel:0".
short_name <- function(path) sub(":[0-9]+$", "", sub("^.*/", "", path))

is_keras3_path <- function(path) grepl("[.]weights[.]h5$", path)

check_h5_path <- function(path, exists, call = rlang::caller_env()) {
  path <- check_path(path, exists = exists, call = call)
  if (!grepl("[.](h5|hdf5)$", path)) {
    cli::cli_abort(
      "{.arg path} must end in {.val .weights.h5} (Keras 3) or in {.val .h5} or {.val .hdf5} (the legacy layout), not {.file {basename(path)}}.",
      call = call
    )
  }
  rlang::check_installed("hdf5r", "to read and write Keras' weight files.", call = call)
  path
}

# Files hold the last index fastest, R the first.
file_order <- function(x) if (length(dim(x)) < 2) as.vector(x) else aperm(x, rev(seq_along(dim(x))))
