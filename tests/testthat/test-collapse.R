# Many steps at a weight that no drawing is worth.
collapsing <- function(epochs = 6, weight = 1e5, latent_dim = 2) {
  model <- model_binary(latent_dim, hidden = 10)
  model$kl$weight <- weight
  model$recipe$batch_size <- 2
  model$recipe$optimizer <- optimizer_adam(.02)
  function(x = simulate_sheep(100, seed = 1), ...) quick_fit(x, model, epochs = epochs, ...)
}

test_that("a fit whose codes say nothing warns, says what to do, and is returned", {
  fit <- collapsing()
  expect_warning(one <- fit(), "uses none of its 2 latent dimensions .the posterior has collapsed.")
  expect_warning(fit(), "kl_start.*free bits")
  expect_true(one$collapsed)
  expect_output(print(one), "No latent dimension is in use")
  expect_output(print(summary(one)), "No latent dimension is in use")
  file <- withr::local_tempfile(fileext = ".safetensors")
  save_vae(one, file)
  expect_true(load_vae(file)$collapsed)
  expect_warning(collapsing(latent_dim = 1)(), "uses none of its 1 latent dimension ")
  # No option turns the warning into an error with which the fit would be lost.
  rlang::local_options(warn = 2)
  expect_warning(strict <- fit(), "collapsed")
  expect_same_fit(strict, one)
})

test_that("fits that learn, that have only begun, or that saw one drawing only, are silent", {
  expect_silent(good <- collapsing(weight = 1)())
  expect_null(good$collapsed)
  expect_silent(collapsing(epochs = 3)())
  # Steps without the full weight do not count.
  expect_silent(collapsing(epochs = 8)(kl_start = 5, kl_steep = 1))
  same <- simulate_sheep(1, seed = 1)[rep(1, 100)]
  expect_silent(collapsing()(same))
})

test_that("dimensions are in use whose codes vary", {
  expect_identical(active_dimensions(cbind(a = c(0, 1), b = c(0, .01))), c(a = TRUE, b = FALSE))
  expect_identical(active_dimensions(matrix(1, 1, 2)), c(NA, NA))
})
