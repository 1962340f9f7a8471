#' The digits post's model
#'
#' A variational autoencoder with a strided convolution, for handwritten digits of 28 x 28. Its
#' recipe is RMSprop, batches of 16, 10 epochs, no annealing. The loss is the mean binary
#' cross-entropy with a KL term of weight 5e-4; in a fit's history `kl` is
#' `-mean(1 + s - m^2 - exp(s))`.
#'
#' As in the post, z = m + exp(s) * noise while the KL term treats s as a log variance; [losses]
#' says what that does. exp(s) is capped at exp(80), which changes nothing but NaN.
#'
#' @inheritParams model_sheep
#' @param ... Not used. An argument that is not one of these is an error that says which one is meant.
#' @returns A [vae_model()]. By default it has 575,689 parameters.
#' @source "Variational Auto Encoder" (2020), <https://www.andreaamico.eu/>.
#' @examples
#' model_digits()
#' @export
model_digits <- function(latent_dim = 4, ...) {
  refuse_unknown(..., own = "model_digits")
  latent_dim <- check_count(latent_dim)
  vae_model(
    encoder = list(
      conv_2d(32, 3, activation = "relu", name = "conv_0"),
      conv_2d(64, 3, strides = 2, activation = "relu", name = "conv_1"),
      conv_2d(64, 3, activation = "relu", name = "conv_2"),
      conv_2d(64, 3, activation = "relu", name = "conv_3"),
      flatten(name = "flatten_0"),
      dense(32, "relu", name = "dense_0")
    ),
    latent_dim = latent_dim,
    decoder = list(
      dense(14 * 14 * 64, "relu", name = "dense_1"),
      reshape(c(14, 14, 64), name = "reshape_0"),
      conv_2d_transpose(32, 3, strides = 2, activation = "relu", name = "cond_2d_transpose_0"),
      conv_2d(1, 2, activation = "sigmoid", name = "conv_4")
    ),
    reconstruction = loss_binary_crossentropy(),
    kl = kl_divergence("log_var", reduction = "mean", scale = 2, weight = 5e-4),
    noise = "log_sd",
    recipe = list(optimizer = optimizer_rmsprop(), batch_size = 16, epochs = 10),
    name = "digits"
  )
}
