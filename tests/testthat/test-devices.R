test_that("a GPU that is not there is refused with the reason, and auto does without", {
  skip_if(gpu_status_cpp()$available, "there is a GPU")
  x <- simulate_sheep(16, seed = 1)
  expect_error(vae_fit(x, device = "cuda"), gpu_status_cpp()$reason, fixed = TRUE)
  expect_equal(check_device("auto"), "cpu")
  expect_equal(sketchvae_sitrep()$gpu, FALSE)
})

test_that("precisions of a GPU are refused on the CPU", {
  expect_error(check_precision("bf16", "cpu"), "for a GPU")
  expect_error(check_precision("tf32", "cpu"), "for a GPU")
  expect_equal(check_precision("bf16", "cuda"), "bf16")
  expect_equal(check_precision("float64", "cpu"), "float64")
})

test_that("scoring goes where option sketchvae.device says", {
  fit <- list(precision = "tf32")
  withr::local_options(sketchvae.device = "cpu")
  expect_equal(scoring_on(fit, 2L), list(threads = 2L, device = "cpu", precision = "float32"))
  withr::local_options(sketchvae.device = "tpu")
  expect_error(scoring_on(fit, 2L), "device")
})

test_that("a GPU's fit starts as the CPU's does, and is scored on either", {
  skip_if_not(gpu_status_cpp()$available, "no GPU")
  x <- simulate_sheep(100, seed = 1)
  cpu <- vae_fit(x, epochs = 1, seed = 1, device = "cpu")
  gpu <- vae_fit(x, epochs = 1, seed = 1, device = "cuda")
  expect_equal(gpu$device, "cuda")
  expect_equal(gpu$history$loss, cpu$history$loss, tolerance = .01)
  here <- withr::with_options(list(sketchvae.device = "cpu"), vae_encode(gpu, x))
  there <- withr::with_options(list(sketchvae.device = "cuda"), vae_encode(gpu, x))
  expect_equal(there, here, tolerance = 1e-3)
})

test_that("a network that is kept gives what one made for the call gives", {
  fit <- pretrained_sheep()
  x <- simulate_sheep(70, seed = 1)
  kept <- keep_network(fit)
  expect_null(fit$kept)
  z <- vae_encode(fit, x)
  for (threads in c(1, 2, 1)) {
    expect_equal(vae_encode(kept, x, threads = threads), z, tolerance = 1e-6)
    expect_equal(vae_decode(kept, z, threads = threads), vae_decode(fit, z), tolerance = 1e-6)
    expect_equal(mse_anomalies(kept, x, threads = threads)$mse, mse_anomalies(fit, x)$mse, tolerance = 1e-6)
  }
  # Which weights it computes with is its own matter.
  kept$weights <- raw()
  expect_equal(vae_encode(kept, x), z, tolerance = 1e-6)
})
