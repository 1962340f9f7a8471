#' The binary post's model
#'
#' A variational autoencoder of dense layers for black and white drawings of 28 x 28: pixels
#' above .5 become 1, the others 0. The loss is the negative evidence lower bound of Bernoulli
#' pixels, plus .01 times the sum of squares of the decoder's parameters. Its recipe is Adam,
#' batches of 100 in file order, 10 epochs, no annealing.
#'
#' @inheritParams model_sheep
#' @param hidden Units of the hidden layers, a whole number >= 1.
#' @param as_written `TRUE`: the KL term with the post's slip, + s^2 instead of - 2 s, which
#'   pulls the log deviations below 0 (see [losses]). `FALSE`: the KL divergence.
#' @param ... Not used. An argument that is not one of these is an error that says which one is meant.
#' @returns A [vae_model()]. By default it has 793,294 parameters.
#' @source "VAE" (2020), a post on a variational autoencoder in Julia's Flux.
#' @examples
#' model_binary()
#' @export
model_binary <- function(latent_dim = 5, hidden = 500, as_written = FALSE, ...) {
  refuse_unknown(..., own = "model_binary")
  latent_dim <- check_count(latent_dim)
  hidden <- check_count(hidden)
  check_flag(as_written)
  vae_model(
    encoder = list(flatten(), dense(hidden, "tanh")),
    latent_dim = latent_dim,
    decoder = list(dense(hidden, "tanh"), dense(28 * 28, "sigmoid")),
    reconstruction = loss_bernoulli(),
    kl = kl_divergence(if (as_written) "log_sd_squared" else "log_sd"),
    noise = "log_sd",
    regularizer = regularizer_l2(.01, on = "decoder"),
    binarize = .5,
    recipe = list(optimizer = optimizer_adam(epsilon = 1e-8), batch_size = 100, epochs = 10,
                  shuffle = FALSE),
    name = "binary"
  )
}
