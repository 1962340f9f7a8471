# One latent dimension, so that integrals over it are sums over a fine grid.
line_model <- function(reconstruction, noise = "log_sd", ...) {
  vae_model(
    list(flatten(), dense(20, "tanh")), 1, list(dense(20, "tanh"), dense(784, "sigmoid")),
    reconstruction = reconstruction, kl = kl_divergence(noise), noise = noise, ...,
    recipe = list(optimizer = optimizer_adam(.005), batch_size = 16, epochs = 6)
  )
}

# log p(x|z) for every drawing (rows) and every z, written down once more.
log_p <- function(fit, x, z) {
  y <- vae_decode(fit, matrix(z))
  y <- matrix(aperm(y, c(3, 2, 1)), 784)
  x <- as.matrix(x)
  model <- fit$model
  if (!is.null(model$binarize)) x <- (x > model$binarize) + 0
  if (model$reconstruction$kind == "squared_error") {
    s <- 1 / sqrt(2 * model$reconstruction$scale)
    t(sapply(seq_len(nrow(x)), function(i) colSums(stats::dnorm(x[i, ], y, s, log = TRUE))))
  } else {
    x %*% log(y) + (1 - x) %*% log1p(-y)
  }
}

# Trained, then with wide distributions of codes: narrow ones need far more samples, and finer grids.
wide_fit <- function(x, model) {
  fit <- quick_fit(x, model, epochs = 3)
  weights <- vae_weights(fit)
  weights[["z_log_var/kernel"]] <- weights[["z_log_var/kernel"]] * .1
  weights[["z_log_var/bias"]][] <- .2
  vae_set_weights(fit, weights)
}

by_quadrature <- function(fit, x) {
  step <- .008
  z <- seq(-12, 12, by = step)
  p <- log_p(fit, x, z)
  m <- as.vector(vae_encode(fit, x))
  s <- as.vector(vae_encode(fit, x, "log_var"))
  sd <- exp(if (fit$model$noise == "log_sd") s else s / 2)
  q <- sapply(z, stats::dnorm, m, sd)
  divergence <- rowSums(q * (log(q + 1e-300) - rep(stats::dnorm(z, log = TRUE), each = length(m)))) * step
  joint <- p + rep(stats::dnorm(z, log = TRUE), each = length(m))
  top <- apply(joint, 1, max)
  list(
    kl = divergence, elbo = rowSums(q * p) * step - divergence,
    log_likelihood = top + log(rowSums(exp(joint - top)) * step)
  )
}

test_that("ELBO, likelihood and divergence are what sums over a grid of codes give", {
  x <- few_sheep()
  held <- simulate_sheep(6, seed = 9)
  models <- list(
    line_model(loss_bernoulli(), binarize = .5),
    line_model(loss_binary_crossentropy(), noise = "log_var"),
    line_model(loss_squared_error(.5))
  )
  for (model in models) {
    fit <- wide_fit(x, model)
    exact <- by_quadrature(fit, held)
    ours <- suppressWarnings(vae_evaluate(fit, held, samples = 20000, seed = 1))$drawings
    expect_equal(ours$kl, exact$kl, tolerance = 1e-4)
    # Monte Carlo with 20,000 codes: a few hundredths of a nat.
    expect_lt(max(abs(ours$elbo - exact$elbo)), .1)
    expect_lt(max(abs(ours$log_likelihood - exact$log_likelihood)), .1)
  }
})

test_that("the importance-weighted estimate rises with the samples, from the ELBO on", {
  x <- few_sheep(24)
  fit <- wide_fit(x, line_model(loss_bernoulli(), binarize = .5))
  at <- function(samples) suppressWarnings(vae_evaluate(fit, x, samples, seed = 1))
  exact <- mean(by_quadrature(fit, x)$log_likelihood)
  expect_lt(at(5000)$elbo, exact)
  expect_lt(at(1)$log_likelihood, at(5000)$log_likelihood)
  expect_lt(abs(at(5000)$log_likelihood - exact), .1)
})

test_that("means, errors and the rest follow from the drawings' own numbers", {
  x <- few_sheep(70)
  fit <- quick_fit(x, tiny_conv(), epochs = 4)
  e <- suppressWarnings(vae_evaluate(fit, x, samples = 7, seed = 3))
  expect_s3_class(e, "vae_evaluation")
  for (name in c("elbo", "log_likelihood", "squared_error")) {
    expect_equal(e[[name]], mean(e$drawings[[name]]))
    expect_equal(e$se[[name]], sd(e$drawings[[name]]) / sqrt(70))
  }
  expect_equal(sum(e$kl), mean(e$drawings$kl))
  expect_equal(e$drawings$squared_error, mse_anomalies(fit, x)$mse)
  expect_identical(e$active, apply(vae_encode(fit, x), 2, var) > .01)
  # The same seed gives the same, another seed other codes.
  expect_identical(suppressWarnings(vae_evaluate(fit, x, samples = 7, seed = 3)), e)
  expect_false(identical(suppressWarnings(vae_evaluate(fit, x, samples = 7, seed = 4))$elbo, e$elbo))
  # A drawing's codes don't depend on those that come after it.
  first <- suppressWarnings(vae_evaluate(fit, x[1:5], samples = 7, seed = 3))
  expect_equal(first$drawings, e$drawings[1:5, ], tolerance = 1e-5)
})

test_that("of many drawings some are drawn by the seed, and the result says so", {
  x <- few_sheep(40)
  fit <- quick_fit(x, epochs = 1)
  evaluate <- function(...) suppressWarnings(vae_evaluate(fit, x, samples = 2, ...))
  e <- evaluate(n = 10, seed = 3)
  rows <- e$drawings$drawing
  expect_length(unique(rows), 10)
  expect_false(identical(rows, 1:10))
  expect_identical(e$of, 40L)
  expect_match(capture.output(print(e))[[1]], "on 10 of 40 drawings (drawn by the seed; n = NULL takes all), 2 codes each", fixed = TRUE)
  expect_identical(evaluate(n = 10, seed = 3), e)
  expect_false(identical(evaluate(n = 10, seed = 4)$drawings$drawing, rows))
  expect_equal(e$drawings$squared_error, mse_anomalies(fit, x)$mse[rows], tolerance = 1e-6)
  expect_equal(evaluate(n = NULL, seed = 3), evaluate(n = 40, seed = 3))
  expect_identical(evaluate(n = NULL, seed = 3)$drawings$drawing, 1:40)
  # Unless told otherwise no more than 25,000 codes are decoded.
  expect_identical(formals(vae_evaluate)$samples * formals(vae_evaluate)$n, 25000)
  set.seed(1)
  before <- .Random.seed
  evaluate(n = 10, seed = 3)
  expect_identical(.Random.seed, before)
})

test_that("what an evaluation will do is said in words", {
  x <- few_sheep(40)
  fit <- quick_fit(x, epochs = 1)
  said <- NULL
  local_binding("progress_callback", function(name, what = name, ...) {
    if (name == "Evaluating") said <<- what
    NULL
  })
  suppressWarnings(vae_evaluate(fit, x, samples = 1, n = 30, seed = 1))
  expect_identical(said, "Evaluating 30 of 40 drawings with 1 code each")
})

test_that("a collapsed posterior is warned of, all of it or a part", {
  x <- few_sheep()
  fit <- quick_fit(x, small_binary(), epochs = 3)
  weights <- vae_weights(fit)
  weights[["z_mean/kernel"]][, 2] <- weights[["z_log_var/kernel"]][, 2] <- 0
  weights[["z_mean/bias"]][2] <- weights[["z_log_var/bias"]][2] <- 0
  half <- vae_set_weights(fit, weights)
  expect_warning(e <- vae_evaluate(half, x, samples = 2, seed = 1), "collapsed in 1 of 2 latent dimensions: 2")
  expect_identical(unname(e$active), c(TRUE, FALSE))
  expect_identical(e$kl[[2]], 0)
  weights[["z_mean/kernel"]][] <- weights[["z_log_var/kernel"]][] <- 0
  weights[["z_mean/bias"]][] <- weights[["z_log_var/bias"]][] <- 0
  all <- vae_set_weights(fit, weights)
  expect_warning(e <- vae_evaluate(all, x, samples = 2, seed = 1), "collapsed in all 2 of 2 latent dimensions")
  expect_identical(e$kl, c(0, 0))
  # The prior itself: every weight is 1, and the estimate of one sample is the ELBO's.
  one <- suppressWarnings(vae_evaluate(all, x, samples = 1, seed = 1))
  expect_equal(one$drawings$log_likelihood, one$drawings$elbo, tolerance = 1e-6)
  expect_silent(vae_evaluate(fit, x, samples = 2, seed = 1))
})

test_that("an evaluation is printed with its density and its errors", {
  fit <- quick_fit(few_sheep(), small_binary(), epochs = 3)
  shown <- capture.output(e <- print(vae_evaluate(fit, few_sheep(), samples = 5, seed = 1)))
  expect_match(shown[[1]], "48 drawings, 5 codes each \\(nats a drawing; Bernoulli pixels\\)")
  expect_match(shown[[2]], "^ELBO +-[0-9.]+ \\+- ")
  expect_match(shown[[6]], "Active dimensions +2 of 2")
  one <- capture.output(print(vae_evaluate(fit, few_sheep(1), samples = 1, seed = 1)))
  expect_match(one[[1]], "1 drawing, 1 code each")
  expect_false(any(grepl("+-", one, fixed = TRUE) | grepl("Active", one)))
  expect_identical(format_density(model_sheep()), "normal pixels of variance 0.25")
  expect_identical(format_density(model_digits()), "Bernoulli pixels, not normalised for grey pixels")
})

test_that("wrong arguments are refused", {
  fit <- quick_fit(few_sheep(), epochs = 1)
  expect_snapshot(error = TRUE, {
    vae_evaluate(1, few_sheep())
    vae_evaluate(fit, few_sheep()[0])
    vae_evaluate(fit, few_sheep(), samples = 0)
    vae_evaluate(fit, few_sheep(), n = 0)
    vae_evaluate(fit, few_sheep(), seed = -1)
  })
})
