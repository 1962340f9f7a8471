#' Draw from latent codes
#'
#' Sends codes through the decoder of a fit, dropout off.
#'
#' @param fit A fitted `vae`.
#' @param z A matrix with a row a code and a column a latent dimension, or a vector: one code.
#' @param threads Threads; see [vae_fit()].
#' @returns An array of drawings x rows x columns with values from 0 (paper) to 1 (ink); always
#'   three-dimensional, but for models of several channels, which come last. What a decoder gives below 0 or
#'   above 1, as one may that does not end with a sigmoid, is cut off there; losses are of
#'   what it gives, scores ([mse_anomalies()]) of the picture. [plot_drawings()] shows it, [as_drawings()] makes drawings of it.
#' @export
#' @examples
#' fit <- vae_fit(simulate_sheep(64, seed = 1), model_binary(hidden = 20), epochs = 1, seed = 1)
#' dim(vae_decode(fit, c(0, 0, 1, 0, 0)))
vae_decode <- function(fit, z, threads = NULL) {
  check_class(fit, "vae", made_by = "vae_fit()")
  d <- fit$model$latent_dim
  z <- codes_matrix(z, d)
  threads <- check_team(threads)
  size <- fit$model$input[1:2]
  if (nrow(z) == 0) {
    return(array(double(), c(0, size, if (fit$model$input[[3]] > 1) fit$model$input[[3]])))
  }
  values <- run_engine(decode_cpp(
    z, fit$model, fit$weights, scoring_on(fit, threads),
    progress_callback("Decoding")
  ))
  if (anyNA(values)) {
    wrong <- which(colSums(is.na(matrix(values, ncol = nrow(z)))) > 0)[[1]]
    cli::cli_abort(c(
      "{.arg z}: the decoder makes no numbers of row {wrong}, ({paste(format(z[wrong, ], digits = 3), collapse = ', ')}).",
      i = "Codes of drawings lie within some units of 0."
    ))
  }
  clamped <- pmin(pmax(values, 0), 1)
  # The engine's order is channel within column within row within drawing.
  channels <- fit$model$input[[3]]
  if (channels > 1) {
    return(aperm(array(clamped, c(channels, rev(size), nrow(z))), 4:1))
  }
  aperm(array(clamped, c(rev(size), nrow(z))), 3:1)
}

# Codes as a matrix of d columns; a vector is one code.
codes_matrix <- function(z, d, arg = "z", call = rlang::caller_env()) {
  if (!missing(z)) z <- plain_number(z)
  if (!missing(z) && is.numeric(z) && is.null(dim(z))) {
    if (length(z) != d) {
      cli::cli_abort("{.arg {arg}} must have {d} number{?s}, one for each latent dimension, not {length(z)}.", call = call)
    }
    z <- matrix(z, 1)
  }
  check_matrix(z, arg, cols = d, call = call)
}
