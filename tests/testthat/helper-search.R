# Searches over small models.
small_search <- function(grid = list(latent_dim = 1:2, batch_size = c(8, 16)), ..., x = few_sheep(), models = model_binary,
                   epochs = 1, seed = 1) {
  if (is.function(models)) {
    vae_search(x, models, grid, hidden = 10, epochs = epochs, seed = seed, threads = 1, ...)
  } else {
    vae_search(x, models, grid, epochs = epochs, seed = seed, threads = 1, ...)
  }
}

but_seconds <- function(found) as.data.frame(found)[setdiff(names(found), c("seconds", "file"))]
