#' New drawings
#'
#' Draws codes from the prior (independent standard normals) and decodes them.
#'
#' @param fit A fitted `vae`.
#' @param n How many, a whole number from 0.
#' @param seed A whole number, or `NULL` to use R's own generator as it stands. A given seed leaves R's
#'   generator as it was.
#' @param sample `"mean"`: the decoder's grey values. `"bernoulli"`: every pixel is ink with the
#'   probability that the decoder says, as the binary system draws.
#' @returns Drawings (see [as_drawings()]).
#' @export
#' @examples
#' fit <- vae_fit(simulate_sheep(64, seed = 1), model_binary(hidden = 20), epochs = 1, seed = 1)
#' vae_generate(fit, 4, seed = 1)
vae_generate <- function(fit, n, seed = NULL, sample = c("mean", "bernoulli")) {
  check_class(fit, "vae", made_by = "vae_fit()")
  n <- check_count(n, min = 0)
  sample <- check_choice(sample[[1]], c("mean", "bernoulli"))
  with_seed(seed, {
    y <- vae_decode(fit, matrix(stats::rnorm(n * fit$model$latent_dim), n, fit$model$latent_dim))
    if (sample == "bernoulli") y[] <- as.double(stats::runif(length(y)) < y)
  })
  as_drawings(y)
}
