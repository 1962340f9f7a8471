test_that("epochs that end before the recipe's annealing shorten it, and a message says so", {
  short <- function(its, start, steep, epochs) {
    suppressMessages(shorten_annealing(list(kl_start = start, kl_steep = steep), its, epochs))
  }
  # The sheep post's: a third without, a third on the way, a third in full.
  expect_equal(short(30, 10, 10, 15), list(kl_start = 5, kl_steep = 5))
  expect_equal(short(30, 10, 10, 3), list(kl_start = 1, kl_steep = 1))
  # The full weight always comes within the epochs, even where the recipe's own would not.
  for (epochs in 1:40) for (its in c(12, 30)) {
    recipe <- short(its, 10, 10, epochs)
    expect_lte(recipe$kl_start + recipe$kl_steep, max(epochs, 20 * (epochs >= 20)))
    expect_gt(recipe$kl_steep, 0)
  }
  # What fits is kept to the letter.
  for (epochs in c(20, 25, 30, 60)) expect_silent(expect_equal(short(30, 10, 10, epochs), list(kl_start = 10, kl_steep = 10)))
  expect_message(shorten_annealing(list(kl_start = 10, kl_steep = 10), 30, 2), "shortened to fit 2 epochs.*from epoch 1 on")
  expect_identical(shorten_annealing(list(), 10, 1), list())
})

test_that("a fit of few epochs warns of no epoch that it does not have", {
  x <- few_sheep(16)
  model <- model_sheep(filters = 1, intermediate_dim = 4)
  expect_warning(expect_message(fit <- vae_fit(x, model, epochs = 2, seed = 1, threads = 1), "annealing is shortened to fit 2 epochs"), NA)
  expect_identical(fit$history$kl_weight, c(1, 1))
  expect_message(fit <- vae_fit(x, model, epochs = 3, seed = 1, threads = 1), "counts from epoch 2 on, and in full from epoch 2 on")
  expect_identical(fit$history$kl_weight, c(0, 1, 1))
  # A schedule that is given is kept as given, and said to be cut.
  expect_warning(expect_message(fit <- vae_fit(x, model, epochs = 2, kl_start = 10, seed = 1, threads = 1), NA), "full weight in epoch 20")
  expect_identical(fit$history$kl_weight, c(0, 0))
  mine <- model
  mine$recipe$kl_start <- 11
  expect_warning(expect_message(fit <- vae_fit(x, mine, epochs = 2, seed = 1, threads = 1), NA), "full weight in epoch 21")
  expect_warning(expect_message(quick_fit(x, tiny_conv(), epochs = 2), NA), "full weight in epoch 3")
  # Trained further, and prolonged from a folder, a fit keeps its schedule.
  folder <- withr::local_tempdir()
  suppressMessages(a <- vae_fit(x, model, epochs = 4, seed = 1, threads = 1, checkpoint = folder))
  suppressMessages(b <- vae_fit(x, model, epochs = 5, seed = 1, threads = 1, checkpoint = folder))
  expect_identical(b$history$kl_weight, c(a$history$kl_weight, 1))
  expect_identical(vae_resume(folder, epochs = 6)$history$kl_weight, c(b$history$kl_weight, 1))
  expect_silent(more <- vae_fit(x, a, epochs = 1, seed = 1, threads = 1))
  expect_identical(more$history$kl_weight[[5]], 1)
  expect_silent(vae_search(x, list(model), validation = .25, epochs = 2, seed = 1, threads = 1))
})
