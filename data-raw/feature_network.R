# Writes the network whose features drawing_quality() compares:
#   python3 data-raw/feature_network.py && Rscript data-raw/feature_network.R
# The first trains it (see there) and leaves its weights in build/; this makes a model of them that vae_encode()
# runs, in inst/extdata/feature_network.safetensors. Its codes are the features; its decoder is there because a model
# has one, and draws nothing.
library(sketchvae)

read_tensors <- function(path) {
  file <- file(path, "rb")
  on.exit(close(file))
  size <- readBin(file, "integer", 2, size = 4)[[1]]
  header <- jsonlite::fromJSON(readChar(file, size, useBytes = TRUE))
  lapply(header, function(tensor) {
    shape <- tensor$shape
    values <- readBin(file, "double", prod(shape), size = 4)
    if (length(shape) == 1) array(values, shape) else aperm(array(values, rev(shape)), rev(seq_along(shape)))
  })
}

features <- 48
model <- vae_model(
  encoder = list(
    conv_2d(16, 3, activation = "relu"), conv_2d(24, 3, strides = 2, activation = "relu"),
    conv_2d(32, 3, activation = "relu"), conv_2d(40, 3, strides = 2, activation = "relu"),
    conv_2d(32, 3, strides = 2, activation = "relu"), flatten(), dense(features)
  ),
  latent_dim = features,
  decoder = list(dense(1), reshape(c(1, 1, 1)), conv_2d_transpose(1, 28, strides = 28, activation = "sigmoid")),
  name = "features"
)
fit <- vae_fit(simulate_sheep(8, seed = 1), model, epochs = 1, seed = 1)
weights <- lapply(vae_weights(fit), function(w) w * 0)
trained <- read_tensors("build/feature_weights.safetensors")
stopifnot(names(trained) %in% names(weights))
weights[names(trained)] <- trained
weights[["z_mean/kernel"]] <- diag(features)
fit <- vae_set_weights(fit, weights)

path <- "inst/extdata/feature_network.safetensors"
save_vae(fit, path)
stopifnot(file.size(path) < 300e3)
