small_model <- function(...) {
  vae_model(
    encoder = list(conv_2d(2, 3, strides = 2, activation = "relu"), flatten()), latent_dim = 3,
    decoder = list(dense(784, "sigmoid")), ...
  )
}

test_that("a model is a plain list of its arguments", {
  model <- small_model(name = "small")
  expect_s3_class(model, "vae_model")
  expect_named(model, c("name", "input", "encoder", "latent_dim", "decoder", "reconstruction",
                        "kl", "noise", "regularizer", "binarize", "recipe"))
  expect_identical(model$noise, "log_sd")
  expect_identical(model$recipe$optimizer, optimizer_rmsprop())
  expect_identical(model$recipe$batch_size, 32)
  expect_identical(unserialize(serialize(model, NULL)), model)
})

test_that("drawings of other sizes work", {
  model <- vae_model(
    list(conv_2d(3, c(5, 2), strides = c(3, 2), padding = "valid"), flatten()), 2,
    list(dense(4 * 7 * 2), reshape(c(4, 7, 2)),
         conv_2d_transpose(1, c(5, 5), strides = c(4, 3), padding = "valid")),
    input = c(17, 23)
  )
  expect_identical(model$input, c(17, 23, 1))
  plan <- plan_model(model)
  expect_identical(plan$layers[[1]]$shape, c(5, 11, 3))
})

test_that("print and summary show Keras' table, the losses, beta and the recipe", {
  expect_snapshot({
    small_model()
    summary(small_model(
      reconstruction = loss_bernoulli(), kl = kl_divergence("log_var"), noise = "log_var",
      regularizer = regularizer_l2(.01), binarize = .5, name = "small",
      recipe = list(optimizer = "sgd", kl_schedule = kl_schedule_cyclical(1, 4, 10))
    ))
  })
})

test_that("beta compares the sum of KL with a drawing's log-likelihood", {
  expect_equal(model_beta(model_sheep()), 1 / 2)
  expect_equal(model_beta(model_sheep(latent_dim = 4)), 1 / 4)
  expect_equal(model_beta(model_digits()), 784 * 5e-4 * 2 / 4)
  expect_equal(model_beta(model_binary()), 1)
})

test_that("layers that do not fit are named", {
  expect_snapshot(error = TRUE, {
    vae_model(list(conv_2d(3, 3), dense(10)), 2, list(dense(784)))
    vae_model(list(conv_2d(3, 3)), 2, list(dense(784)))
    vae_model(list(flatten(), conv_2d(3, 3)), 2, list(dense(784)))
    vae_model(list(flatten()), 2, list(dense(78)))
    vae_model(list(flatten()), 2, list(dense(784), reshape(c(2, 3, 4))))
    vae_model(list(conv_2d(3, 30, padding = "valid"), flatten()), 2, list(dense(784)))
    vae_model(list(flatten(name = "a")), 2, list(dense(784, name = "a")))
    vae_model(list(flatten()), 2, list(dense(784, name = "z_mean")))
    vae_model(list(flatten()), 2, list(dense(784)), reconstruction = loss_bernoulli())
  })
})

test_that("wrong arguments of a model are refused", {
  expect_snapshot(error = TRUE, {
    vae_model(list(), 2, list(dense(784)))
    vae_model(flatten(), 2, list(dense(784)))
    vae_model(list(flatten(), "dense"), 2, list(dense(784)))
    small_model(input = 28)
    small_model(reconstruction = "mse")
    small_model(kl = 1)
    small_model(noise = "sd")
    small_model(regularizer = .01)
    small_model(binarize = 2)
    small_model(name = 1)
    small_model(recipe = list(8))
    small_model(recipe = list(batchsize = 8))
    small_model(recipe = list(batch_size = 0))
    small_model(recipe = list(optimizer = "lion"))
    small_model(recipe = list(kl_start = 10))
    small_model(recipe = list(kl_schedule = 10))
    small_model(recipe = list(kl_start = 1, kl_steep = 1, kl_schedule = kl_schedule_none()))
    small_model(recipe = list(shuffle = NA))
  })
})

test_that("drawings of another size are trained on, encoded and decoded", {
  x <- as_drawings(as.array(simulate_sheep(16, seed = 1))[, 1:17, 3:25])
  model <- vae_model(list(conv_2d(3, 3, strides = 2, activation = "relu"), flatten()), 2,
                     list(dense(17 * 23, "sigmoid")), input = c(17, 23))
  fit <- vae_fit(x, model, epochs = 2, batch_size = 5, seed = 1, threads = 1)
  expect_identical(dim(vae_encode(fit, x)), c(16L, 2L))
  expect_identical(dim(vae_reconstruct(fit, x)), c(16L, 17L, 23L))
  expect_true(all(is.finite(mse_anomalies(fit, x)$mse)))
  expect_error(vae_encode(fit, simulate_sheep(1, seed = 1)), "17 x 23")
})

test_that("the plan names what computes each layer, and LibTorch where that is asked for", {
  withr::local_options(sketchvae.plan = "native")
  shown <- function(model) capture.output(print(summary(model, plan = TRUE)))
  sheep <- shown(model_sheep())
  expect_length(grep("winograd, chain 1", sheep), 3)
  expect_length(grep("direct, chain 1", sheep), 1)
  expect_length(grep("winograd, chain 2", sheep), 3)
  expect_length(grep("direct, chain 2", sheep), 2)
  expect_length(grep(" wide$", sheep), 2)
  expect_match(grep("^Computed in batches of 8", sheep, value = TRUE), "AVX|no vector")
  for (option in list(list(sketchvae.reference = TRUE), list(sketchvae.plan = "libtorch"))) {
    withr::with_options(option, expect_false(any(grepl("winograd|direct|wide", shown(model_sheep())))))
  }
  withr::with_options(list(sketchvae.plan = "intel"), {
    expect_length(grep(" wide$", shown(model_sheep())), 2)
    expect_length(grep(" wide$", shown(model_binary())), 0)
  })
  withr::with_options(list(sketchvae.plan = "fast"), expect_error(shown(model_sheep()), "sketchvae.plan"))
  expect_error(summary(model_sheep(), plan = 3), "plan")
})

test_that("a decoder whose values are no pixels is told which activation fits", {
  expect_output(print(unbounded("relu")), "decoder ends with relu.*\"sigmoid\" fits.*pixels at 0 learn\\s+nothing")
  expect_output(print(unbounded("linear")), "decoder ends with linear")
  expect_null(output_advice(unbounded("sigmoid")))
  expect_null(output_advice(model_sheep()))
  ends <- function(...) output_advice(vae_model(list(flatten(), dense(4)), 2, list(dense(784), ...)))
  expect_null(ends(activation("sigmoid"), reshape(c(28, 28, 1))))
  expect_match(ends(batch_norm()), "ends with linear")
  expect_match(ends(), "ends with linear")
})
