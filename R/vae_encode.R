#' Where drawings lie in latent space
#'
#' Sends drawings through the encoder of a fit, dropout off.
#'
#' @param fit A fitted `vae`.
#' @param x Drawings: anything [as_drawings()] takes, or the path of a `.npy` file, which is encoded as it
#'   is read: it may be larger than memory (but `.npy.gz`, and `.npz` with deflated arrays, are unpacked into it).
#' @param type `"mean"`: the codes' means (what plots and clusters use); `"log_var"`: the second head, as
#'   the model means it (a log standard deviation for models with `noise = "log_sd"`); `"sample"`: codes
#'   drawn from each drawing's own distribution.
#' @param threads Threads; see [vae_fit()].
#' @param seed For `type = "sample"`: a whole number, or `NULL` to draw one from R's generator.
#' @returns A matrix with a row a drawing and a column a latent dimension, named `z1`, `z2` and so on.
#' @export
#' @examples
#' x <- simulate_sheep(64, seed = 1)
#' fit <- vae_fit(x, model_binary(hidden = 20), epochs = 1, seed = 1)
#' head(vae_encode(fit, x))
vae_encode <- function(fit, x, type = c("mean", "log_var", "sample"), threads = NULL, seed = NULL) {
  check_class(fit, "vae", made_by = "vae_fit()")
  if (missing(x) || !is.character(x)) x <- to_drawings(x)
  type <- check_choice(type[[1]], c("mean", "log_var", "sample"), "type")
  threads <- check_team(threads)
  if (length(x) == 0) {
    return(named_codes(matrix(double(), 0, fit$model$latent_dim)))
  }
  source <- scored_source(x, fit$model)
  both <- run_engine(encode_cpp(
    source$x, fit$model, fit$weights, scoring_on(fit, threads),
    progress_callback("Encoding")
  ))
  if (type != "sample") {
    return(named_codes(both[[type]]))
  }
  named_codes(sample_codes_cpp(both$mean, both$log_var, fit$model$noise == "log_sd", check_seed(seed)))
}

named_codes <- function(z) {
  colnames(z) <- paste0("z", seq_len(ncol(z)))
  z
}
