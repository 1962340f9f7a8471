#' A small fitted model to play with at once
#'
#' A small convolutional VAE of two latent dimensions, trained on 4,000 sheep of
#' [simulate_sheep()], none of them black and no car among them, so that examples and first looks need no
#' training. To it, cars and black sheep are odd. The model of the sheep post is [model_sheep()].
#'
#' @returns A fitted `vae`; see [vae_fit()].
#' @source Made by `data-raw/pretrained_sheep.R` in the package's sources.
#' @export
#' @examples
#' fit <- pretrained_sheep()
#' fit
#' x <- simulate_sheep(100, anomalies = 3, seed = 2)
#' mse_anomalies(fit, x)
#' plot_drawings(vae_generate(fit, 16, seed = 1))
pretrained_sheep <- function() shipped_vae("pretrained_sheep.safetensors")

# A fit that comes with the package.
shipped_vae <- function(file) load_vae(system.file("extdata", file, package = "sketchvae", mustWork = TRUE))
