#' Draw from latent codes
#'
#' Sends codes through the decoder of a fit, dropout off.
#'
#' @param fit A fitted `vae`.
#' @param z A matrix with a row a code and a column a latent dimension, or a vector: one code.
#' @param threads Threads; see [vae_fit()].
#' @returns An array of drawings x rows x columns with values from 0 (paper) to 1 (ink); always
#'   three-dimensional. [plot_drawings()] shows it, [as_drawings()] makes drawings of it.
#' @export
#' @examples
#' fit <- vae_fit(simulate_sheep(64, seed = 1), model_binary(hidden = 20), epochs = 1, seed = 1)
#' dim(vae_decode(fit, c(0, 0, 1, 0, 0)))
vae_decode <- function(fit, z, threads = NULL) {
  check_class(fit, "vae", made_by = "vae_fit()")
  d <- fit$model$latent_dim
  z <- codes_matrix(z, d)
  threads <- check_threads(threads)
  size <- fit$model$input[1:2]
  if (nrow(z) == 0) {
    return(array(double(), c(0, size)))
  }
  values <- run_engine(decode_cpp(
    z, fit$model, fit$weights, scoring_on(fit, threads),
    progress_callback("Decoding", show = show_progress(nrow(z)))
  ))
  # The engine's order is column within row within drawing.
  aperm(array(values, c(size[2], size[1], nrow(z))), 3:1)
}

# Codes as a matrix of d columns; a vector is one code.
codes_matrix <- function(z, d, arg = "z", call = rlang::caller_env()) {
  if (!missing(z) && is.numeric(z) && is.null(dim(z))) {
    if (length(z) != d) {
      cli::cli_abort("{.arg {arg}} must have {d} number{?s}, one for each latent dimension, not {length(z)}.", call = call)
    }
    z <- matrix(z, 1)
  }
  check_matrix(z, arg, cols = d, call = call)
}
