#' The parameters of a fit
#'
#' @param fit A fitted `vae`.
#' @param weights A named list as `vae_weights()` gives it.
#' @returns `vae_weights()`: a named list of arrays, in Keras' layouts and with Keras' names
#'   (`"dense/kernel"` is inputs x outputs, `"conv_2d/kernel"` rows x columns x inputs x outputs,
#'   `"conv_2d_transpose/kernel"` rows x columns x outputs x inputs). `vae_set_weights()`: the fit with other
#'   parameters; they must have the same names and sizes.
#' @export
#' @examples
#' fit <- vae_fit(simulate_sheep(64, seed = 1), model_binary(hidden = 20), epochs = 1, seed = 1)
#' vapply(vae_weights(fit), length, 1L)
vae_weights <- function(fit) {
  check_class(fit, "vae", made_by = "vae_fit()")
  lapply(run_engine(weights_to_list_cpp(fit$weights)), function(tensor) {
    shape <- tensor[[2]]
    if (length(shape) < 2) {
      return(array(tensor[[1]], shape))
    }
    # Files hold the last index fastest, R the first.
    aperm(array(tensor[[1]], rev(shape)), rev(seq_along(shape)))
  })
}

#' @rdname vae_weights
#' @export
vae_set_weights <- function(fit, weights) {
  check_class(fit, "vae", made_by = "vae_fit()")
  if (missing(weights) || !is.list(weights) || !rlang::is_named(weights)) {
    abort_argument(weights, "weights", "a named list of numeric arrays", rlang::current_env())
  }
  weights <- lapply(weights, plain_number)
  for (name in names(weights)) {
    if (!is.numeric(weights[[name]])) {
      cli::cli_abort("{.arg weights} must be a named list of numeric arrays; {.field {name}} is {describe(weights[[name]])}.")
    }
  }
  fit$weights <- pack_weights(fit$model, weights, fit$precision)
  fit
}

# A named list of arrays as the bytes of `$weights`, checked against the model.
pack_weights <- function(model, weights, precision = "float32", call = rlang::caller_env()) {
  values <- lapply(weights, function(w) {
    if (length(dim(w)) < 2) as.double(w) else as.double(aperm(w, rev(seq_along(dim(w)))))
  })
  shapes <- lapply(weights, function(w) as.double(dim(w) %||% length(w)))
  bytes <- list_to_weights_cpp(names(weights), values, shapes, precision == "float64")
  run_engine(check_weights_cpp(model, bytes), call = call)
  bytes
}
