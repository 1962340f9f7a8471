#' Drawings as a fit redraws them
#'
#' Encodes drawings and decodes their mean codes, dropout off: a deterministic function of fit and
#' drawing. `predict()` is the same.
#'
#' @param fit,object A fitted `vae`.
#' @param x,newdata Drawings: anything [as_drawings()] takes.
#' @param threads Threads; see [vae_fit()].
#' @param ... Not used.
#' @returns An array of drawings x rows x columns with values from 0 (paper) to 1 (ink).
#' @export
#' @examples
#' x <- simulate_sheep(64, seed = 1)
#' fit <- vae_fit(x, model_binary(hidden = 20), epochs = 1, seed = 1)
#' dim(vae_reconstruct(fit, x[1:3]))
vae_reconstruct <- function(fit, x, threads = NULL) {
  vae_decode(fit, vae_encode(fit, x, threads = threads), threads = threads)
}

#' @rdname vae_reconstruct
#' @export
predict.vae <- function(object, newdata, ...) {
  if (missing(newdata)) {
    abort_argument(newdata, "newdata", "drawings; a fit keeps none of those it was trained on", rlang::current_env())
  }
  vae_reconstruct(object, newdata, ...)
}
