# Trains the small model that pretrained_sheep() loads, on simulated sheep that are not black:
#   Rscript data-raw/pretrained_sheep.R
# With the package installed; writes inst/extdata/pretrained_sheep.safetensors.
library(sketchvae)

model <- vae_model(
  encoder = list(
    conv_2d(8, 3, strides = 2, activation = "relu"),
    conv_2d(16, 3, strides = 2, activation = "relu"),
    flatten(),
    dense(32, "relu")
  ),
  latent_dim = 2,
  decoder = list(
    dense(32, "relu"),
    dense(7 * 7 * 12, "relu"),
    reshape(c(7, 7, 12)),
    conv_2d_transpose(12, 3, strides = 2, activation = "relu"),
    conv_2d_transpose(8, 3, strides = 2, activation = "relu"),
    conv_2d(1, 3, activation = "sigmoid")
  ),
  reconstruction = loss_bernoulli(),
  kl = kl_divergence("log_var"),
  noise = "log_var",
  recipe = list(
    optimizer = optimizer_adam(), batch_size = 32, epochs = 60, kl_start = 5, kl_steep = 10
  ),
  name = "small sheep"
)
sheep <- simulate_sheep(4200, seed = 1)
sheep <- sheep[labels(sheep) != "black sheep"][1:4000]
fit <- vae_fit(sheep, model, seed = 1, threads = 1)
print(fit)

path <- "inst/extdata/pretrained_sheep.safetensors"
save_vae(fit, path)
stopifnot(file.size(path) < 300e3)
