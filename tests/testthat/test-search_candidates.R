test_that("models may be a list, grids data frames, values schedules and optimizers", {
  models <- list(small = model_binary(2, 5), model_binary(2, 10))
  found <- small_search(list(learning_rate = list(.001, lr_schedule_cosine()), optimizer = c("adam", "sgd")), models = models)
  expect_identical(found$model, rep(c("small", "binary"), each = 4))
  expect_identical(unique(found$learning_rate), c("0.001", "along a cosine to 0 in the last epoch"))
  expect_length(unique(found$val_loss), 6) # with one epoch, the cosine has not moved: as .001 where that is Adam's own
  frame <- small_search(data.frame(latent_dim = c(3, 1), epochs = c(1, 2)))
  expect_identical(frame$epochs, c(1, 2))
  expect_identical(frame$latent_dim, c(3, 1))
  # Nothing to vary is one candidate.
  one <- vae_search(few_sheep(), model_binary(2, 5), epochs = 1, seed = 1)
  expect_identical(nrow(one), 1L)
})

test_that("random draws follow the seed: of the grid without repeats, of functions as they give", {
  grid <- list(latent_dim = 1:5, batch_size = c(8, 16))
  a <- small_search(grid, draws = 4)
  expect_identical(but_seconds(small_search(grid, draws = 4)), but_seconds(a))
  expect_identical(anyDuplicated(a[c("latent_dim", "batch_size")]), 0L)
  expect_false(identical(small_search(grid, draws = 4, seed = 2)$latent_dim, a$latent_dim))
  rates <- small_search(list(latent_dim = 1:2, learning_rate = function(n) 10^stats::runif(n, -4, -2)), draws = 5)
  expect_length(unique(rates$learning_rate), 5)
  expect_true(all(rates$learning_rate > 1e-4 & rates$learning_rate < 1e-2))
  # R's own generator stays where it was.
  set.seed(1)
  before <- .Random.seed
  small_search(grid, draws = 1)
  expect_identical(.Random.seed, before)
})
