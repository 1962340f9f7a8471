# Small drawings and models that train in a fraction of a second.
few_sheep <- function(n = 48) simulate_sheep(n, seed = 1)

small_binary <- function() model_binary(latent_dim = 2, hidden = 20)

# Convolutions, dropout, batch norm, annealing, shuffling: everything that a checkpoint has to keep.
tiny_conv <- function(...) {
  vae_model(
    encoder = list(conv_2d(4, 3, strides = 2, activation = "relu"), flatten(), dense(8, "relu"), dropout(.2), batch_norm()),
    latent_dim = 2,
    decoder = list(
      dense(8, "relu"), dropout(.1), batch_norm(), dense(14 * 14 * 4, "relu"), reshape(c(14, 14, 4)),
      conv_2d_transpose(4, 3, strides = 2, activation = "relu"), conv_2d(1, 3, activation = "sigmoid")
    ),
    recipe = list(kl_start = 1, kl_steep = 2, epochs = 3, batch_size = 8, ...), name = "tiny"
  )
}

quick_fit <- function(x = few_sheep(), model = small_binary(), epochs = 2, seed = 1, ..., threads = 1) {
  vae_fit(x, model, epochs = epochs, seed = seed, threads = threads, ...)
}

without_seconds <- function(history) history[setdiff(names(history), "seconds")]

# Same parameters, same history: bit for bit, but for the time it took.
expect_same_fit <- function(a, b) {
  testthat::expect_identical(a$weights, b$weights)
  testthat::expect_identical(without_seconds(a$history), without_seconds(b$history))
}

# An R session that has the package as this one has it.
fresh_session <- function() {
  testthat::skip_if_not_installed("callr")
  session <- callr::r_session$new()
  session$run(function(libs) {
    .libPaths(libs)
    library(sketchvae)
    NULL
  }, list(.libPaths()))
  session
}

in_fresh_session <- function(f, args = list(), timeout = 60) {
  testthat::skip_on_cran()
  testthat::skip_if_not_installed("callr")
  callr::r(f, args, libpath = .libPaths(), timeout = timeout)
}
