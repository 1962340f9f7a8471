# What export_keras() and import_keras() share: where the two layouts of Keras' HDF5 weight files keep
# a layer's arrays.
#
# Legacy: the attribute `layer_names` of the file, `weight_names` of each layer's group, arrays under
# these names ("dense/kernel:0"). Keras 3: /layers/<class>_<k>/vars/0, 1, ..., the k-th of its class.

# The layers of a model that have weights: name, Keras' class, named shapes.
keras_layers <- function(model) {
  layers <- Filter(function(layer) length(layer$weights) > 0, plan_model(model)$layers)
  lapply(layers, function(layer) {
    list(name = layer$name, part = layer$part, class = snake_case(layer$title), shapes = layer$weights)
  })
}

# "dense", "dense_1", "dense_2" for three of a class.
number_within <- function(classes) {
  before <- stats::ave(seq_along(classes), classes, FUN = seq_along) - 1
  paste0(classes, ifelse(before > 0, paste0("_", before), ""))
}

# What a parameter is called within its layer: "kernel" for "dense/kernel" and "dense/kernel:0".
short_name <- function(path) sub(":[0-9]+$", "", sub("^.*/", "", path))

is_keras3_path <- function(path) grepl("[.]weights[.]h5$", path, ignore.case = TRUE)

check_h5_path <- function(path, call = rlang::caller_env()) {
  path <- check_path(path, call = call)
  if (!grepl("[.](h5|hdf5)$", path, ignore.case = TRUE)) {
    cli::cli_abort(
      "{.arg path} must end in {.val .weights.h5} (Keras 3) or in {.val .h5} or {.val .hdf5} (the legacy layout), not {.file {basename(path)}}.",
      call = call
    )
  }
  rlang::check_installed("hdf5r", "to write Keras' weight files.", call = call)
  path
}

# Files hold the last index fastest, R the first.
file_order <- function(x) if (length(dim(x)) < 2) as.vector(x) else aperm(x, rev(seq_along(dim(x))))
