test_that("an argument that is not there is an error that says which one is meant", {
  x <- few_sheep(4)
  expect_snapshot(error = TRUE, {
    vae_fit(x, lr = .01)
    vae_fit(x, latent_dim = 3)
    vae_fit(x, hidden = 4)
    vae_fit(x, validation_split = .2)
    vae_fit(x, batchsize = 3)
    vae_fit(x, bathc_size = 3)
    vae_fit(x, nonsense = 3)
    model_sheep(epochs = 3)
    model_binary(filters = 2)
    model_digits(latent.dim = 2)
    model_binary(5, 10, 2)
  })
})

test_that("abbreviated arguments still are what they begin", {
  expect_identical(nrow(quick_fit(few_sheep(8), epochs = 1, val = .25)$history), 1L)
  expect_identical(model_sheep(latent = 3)$latent_dim, model_sheep(3)$latent_dim)
})
