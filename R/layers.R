#' Layers of a model
#'
#' The building blocks of [vae_model()]. Each call describes one layer; nothing is computed until
#' the model is made, when the shapes are inferred and checked. All layers mean what the Keras
#' layers of the same name mean, padding of odd and even sizes included.
#'
#' Within a call of [vae_model()] the names below always are these functions, whatever else is attached. `flatten()` and
#' `reshape()` are known there only: `library(sketchvae)` leaves these names to `stats`, `purrr` and `jsonlite`. A list
#' of layers that is made elsewhere has them from `vae_layers`, which holds all builders by name:
#' `vae_layers$flatten()`, or `with(vae_layers, list(flatten(), dense(100)))`.
#'
#' @param filters,units How many channels or values come out, a whole number >= 1.
#' @param kernel_size,strides Rows and columns, whole numbers >= 1; one number stands for both.
#' @param padding `"same"` pads with zeros so that an input of `n` rows becomes
#'   `ceiling(n / stride)` rows (transposed: `n * stride`), the odd pixel after; `"valid"` does
#'   not pad.
#' @param activation `"linear"`, `"relu"`, `"tanh"`, `"sigmoid"`, `"softplus"`, `"leaky_relu"` or
#'   `"elu"`. For another slope than the default, a call of `activation()`.
#' @param name The layer's name, unique in the model; files and errors use it. `NULL`: its kind,
#'   numbered from the second of a kind on (`dense`, `dense_1`, ...).
#' @param rate The share of values that is dropped in training, at least 0 and below 1. What is
#'   kept is divided by `1 - rate`; outside training nothing is dropped.
#' @param momentum How much of the moving mean and variance is kept at each step, from 0 to 1.
#' @param epsilon Added to the variance under the root, above 0.
#' @param target_shape Rows, columns and channels, or a number of units: whole numbers >= 1.
#' @param slope The slope of `leaky_relu` below zero (`NULL`: .2), or the value that `elu`
#'   approaches (`NULL`: 1, that is -1); a number >= 0.
#' @returns An object of class `vae_layer`: a list whose first element is `kind`.
#' @examples
#' conv_2d(10, 4, activation = "relu")
#' dense(100, activation = activation("leaky_relu", slope = .1))
#' encoder <- with(vae_layers, list(flatten(), dense(100, "tanh")))
#' vae_model(encoder, latent_dim = 2, decoder = list(dense(784, "sigmoid")))
#' @name layers
#' @importFrom rlang %||%
NULL

#' @rdname layers
#' @export
conv_2d <- function(filters, kernel_size, strides = 1, padding = "same", activation = "linear",
                    name = NULL) {
  new_convolution("conv_2d", filters, kernel_size, strides, padding, activation, name)
}

#' @rdname layers
#' @export
conv_2d_transpose <- function(filters, kernel_size, strides = 1, padding = "same",
                              activation = "linear", name = NULL) {
  new_convolution("conv_2d_transpose", filters, kernel_size, strides, padding, activation, name)
}

#' @rdname layers
#' @export
dense <- function(units, activation = "linear", name = NULL) {
  units <- check_count(units, max = most)
  new_layer("dense", name, units = units, !!!activation_fields(activation))
}

#' @rdname layers
#' @export
dropout <- function(rate, name = NULL) {
  rate <- check_number(rate, min = 0, max = 1, open_max = TRUE)
  new_layer("dropout", name, rate = rate)
}

#' @rdname layers
#' @export
batch_norm <- function(momentum = .99, epsilon = 1e-3, name = NULL) {
  momentum <- check_number(momentum, min = 0, max = 1)
  epsilon <- check_number(epsilon, min = 0, max = 1e6, open_min = TRUE)
  new_layer("batch_norm", name, momentum = momentum, epsilon = epsilon)
}

#' @rdname layers
#' @export
flatten <- function(name = NULL) {
  new_layer("flatten", name)
}

#' @rdname layers
#' @export
reshape <- function(target_shape, name = NULL) {
  target_shape <- check_counts(target_shape, lengths = 1:3)
  # A list, so that one number stays an array in the wire form.
  new_layer("reshape", name, target_shape = as.list(as.numeric(target_shape)))
}

#' @rdname layers
#' @export
activation <- function(activation, slope = NULL, name = NULL) {
  activation <- check_choice(activation, activations)
  slope <- check_number(slope, min = 0, max = 1e6, null = TRUE)
  if (!is.null(slope) && !activation %in% names(default_slopes)) {
    cli::cli_abort(
      "{.arg slope} is for {.or {.val {names(default_slopes)}}}, not for {.val {activation}}."
    )
  }
  new_layer("activation", name, activation = activation,
            slope = slope %||% default_slopes[[activation]])
}

#' @format `vae_layers`: a named list of these functions.
#' @rdname layers
#' @export
vae_layers <- list(
  conv_2d = conv_2d, conv_2d_transpose = conv_2d_transpose, dense = dense, dropout = dropout, batch_norm = batch_norm,
  flatten = flatten, reshape = reshape, activation = activation
)

# Builders whose names belong to others where packages are attached (stats; purrr, jsonlite, ...): exported, so that
# sketchvae::flatten() is there, and taken out of what library(sketchvae) attaches, before it is sealed.
unattached <- c("flatten", "reshape")

.onAttach <- function(libname, pkgname) {
  attached <- as.environment(paste0("package:", pkgname))
  rm(list = intersect(unattached, ls(attached)), envir = attached)
}

# What a list of layers was given as, evaluated so that builders' names are the builders: where they would be found as
# those already, or as functions of whoever wrote the list, nothing is changed.
layer_list <- function(given) {
  env <- rlang::quo_get_env(given)
  others <- Filter(function(name) {
    found <- get0(name, env, mode = "function")
    own <- is.function(found) && identical(topenv(environment(found) %||% baseenv()), topenv(env))
    !own && !identical(found, vae_layers[[name]])
  }, names(vae_layers))
  rlang::eval_tidy(given, vae_layers[others])
}

activations <- c("linear", "relu", "tanh", "sigmoid", "softplus", "leaky_relu", "elu")
default_slopes <- list(leaky_relu = .2, elu = 1)

new_layer <- function(kind, name, ..., call = rlang::caller_env()) {
  name <- check_string(name, "name", null = TRUE, call = call)
  if (!is.null(name) && grepl("[/:]", name)) {
    cli::cli_abort(
      "{.arg name} is part of parameter names: it must hold neither {.val /} nor {.val :}, not {.val {name}}.",
      call = call
    )
  }
  fields <- lapply(rlang::list2(kind = kind, name = name, ...), function(v) if (is.integer(v)) as.double(v) else v)
  structure(drop_null(fields), class = "vae_layer")
}

new_convolution <- function(kind, filters, kernel_size, strides, padding, activation, name,
                            call = rlang::caller_env()) {
  filters <- check_count(filters, max = most, call = call)
  kernel_size <- check_counts(kernel_size, lengths = 1:2, call = call)
  strides <- check_counts(strides, lengths = 1:2, call = call)
  padding <- check_choice(padding, c("same", "valid"), call = call)
  new_layer(
    kind, name, filters = filters, kernel_size = rep_len(kernel_size, 2),
    strides = rep_len(strides, 2), padding = padding, !!!activation_fields(activation, call),
    call = call
  )
}

# The fields `activation` and, for kinds that have one, `slope`.
activation_fields <- function(activation, call = rlang::caller_env()) {
  if (inherits(activation, "vae_layer") && identical(activation$kind, "activation")) {
    return(unclass(activation)[intersect(c("activation", "slope"), names(activation))])
  }
  activation <- check_choice(activation, activations, call = call)
  drop_null(list(activation = activation, slope = default_slopes[[activation]]))
}

drop_null <- function(x) x[!vapply(x, is.null, NA)]

#' @export
print.vae_layer <- function(x, ...) {
  cat(format_layer(x), "\n", sep = "")
  invisible(x)
}

# The call that makes the layer, its defaults left out.
format_layer <- function(layer) {
  pair <- function(v) if (length(unique(unlist(v))) == 1) v[[1]] else unlist(v)
  fields <- unclass(layer)[-1]
  if (!is.null(fields$kernel_size)) fields$kernel_size <- pair(fields$kernel_size)
  if (!is.null(fields$strides)) fields$strides <- pair(fields$strides)
  if (!is.null(fields$target_shape)) fields$target_shape <- unlist(fields$target_shape)
  args <- vapply(fields, function(v) paste(deparse(v), collapse = ""), "")
  paste0(layer$kind, "(", paste(names(fields), "=", args, collapse = ", "), ")")
}
