#' The sheep post's model
#'
#' A convolutional variational autoencoder for drawings of 28 x 28: four convolutions and three
#' dense layers to the code, and back through four transposed convolutions. Its recipe is
#' RMSprop, batches of 8, 30 epochs, KL without weight for 10 epochs and at full weight 10 later.
#'
#' Its code is as in the post: z = m + exp(s) * noise, but a KL term for which s is a log
#' variance; [losses] says what that does. For the textbook's form, change the model before
#' fitting: `model$noise <- "log_var"`.
#'
#' @param latent_dim The number of latent dimensions, a whole number >= 1.
#' @param filters Channels of the first convolution, a whole number >= 1; the next have 2, 4 and
#'   8 times as many.
#' @param intermediate_dim Units of the widest dense layers around the code, a whole number >= 4;
#'   the next have a half and a quarter (rounded).
#' @param ... Not used. An argument that is not one of these is an error that says which one is meant.
#' @returns A [vae_model()]. By default it has 12,857,845 parameters.
#' @source "Teaching a Computer How to Draw" (2019), <https://garcia-nacho.github.io/>.
#' @examples
#' model_sheep()
#' model_sheep(latent_dim = 3, filters = 4)
#' @export
model_sheep <- function(latent_dim = 2, filters = 10, intermediate_dim = 100, ...) {
  refuse_unknown(..., own = "model_sheep")
  latent_dim <- check_count(latent_dim)
  filters <- check_count(filters)
  intermediate_dim <- check_count(intermediate_dim, min = 4)
  half <- round(intermediate_dim / 2)
  quarter <- round(intermediate_dim / 4)
  vae_model(
    encoder = list(
      conv_2d(filters, 4, activation = "relu"),
      conv_2d(filters * 2, 4, activation = "relu"),
      conv_2d(filters * 4, 4, activation = "relu"),
      conv_2d(filters * 8, 4, activation = "relu"),
      flatten(),
      dense(intermediate_dim, "relu"),
      dropout(.1),
      batch_norm(),
      dense(half, "relu"),
      dropout(.1),
      batch_norm(),
      dense(quarter, "relu")
    ),
    latent_dim = latent_dim,
    decoder = list(
      dense(quarter, "relu"),
      dropout(.1),
      batch_norm(),
      dense(half, "relu"),
      dense(intermediate_dim, "relu"),
      dense(28 * 28 * filters * 8, "relu"),
      reshape(c(28, 28, filters * 8)),
      conv_2d_transpose(filters * 8, 4, activation = "relu"),
      conv_2d_transpose(filters * 4, 4, activation = "relu"),
      conv_2d_transpose(filters * 2, 4, activation = "relu"),
      conv_2d_transpose(filters, 4, strides = 2, activation = "relu"),
      conv_2d(1, 4, strides = 2, activation = "sigmoid")
    ),
    reconstruction = loss_squared_error(scale = 2),
    kl = kl_divergence("log_var", reduction = "mean"),
    noise = "log_sd",
    recipe = list(optimizer = optimizer_rmsprop(), batch_size = 8, epochs = 30, kl_start = 10,
                  kl_steep = 10),
    name = "sheep"
  )
}
