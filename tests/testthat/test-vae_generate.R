test_that("new drawings are decoded normals, by the seed, and R's stream stays where it was", {
  fit <- quick_fit()
  set.seed(9)
  before <- .Random.seed
  a <- vae_generate(fit, 5, seed = 1)
  expect_identical(.Random.seed, before)
  expect_s3_class(a, "drawings")
  expect_length(a, 5)
  expect_identical(a, vae_generate(fit, 5, seed = 1))
  expect_false(identical(a, vae_generate(fit, 5, seed = 2)))
  set.seed(1)
  expect_identical(a, as_drawings(vae_decode(fit, matrix(rnorm(10), 5))))
  expect_length(vae_generate(fit, 0), 0)
})

test_that("Bernoulli sampling draws ink with the decoder's probability", {
  fit <- quick_fit()
  ink <- as.array(vae_generate(fit, 300, seed = 1, sample = "bernoulli"))
  expect_true(all(ink %in% 0:1))
  grey <- as.array(vae_generate(fit, 300, seed = 1))
  # 235,200 draws: the standard error of their mean is about 1e-3.
  expect_equal(mean(ink), mean(grey), tolerance = .05)
})

test_that("near given codes, drawings are decoded from their density", {
  fit <- quick_fit()
  withr::local_seed(4)
  near <- cbind(rnorm(400, 5, 2), -3)
  z <- with_seed(1, codes_near(near, 5000))
  # Silverman's bandwidth adds its variance; a dimension without spread keeps its value.
  width <- (4 / (4 * 400))^(1 / 6) * mad(near[, 1])
  expect_equal(mean(z[, 1]), mean(near[, 1]), tolerance = .02)
  expect_equal(sd(z[, 1]), sqrt(mean((near[, 1] - mean(near[, 1]))^2) + width^2), tolerance = .03)
  expect_identical(unique(z[, 2]), -3)
  drawn <- vae_generate(fit, 6, seed = 1, near = near)
  expect_identical(drawn, as_drawings(vae_decode(fit, with_seed(1, codes_near(near, 6)))))
  # One code, which vae_decode() takes as a vector, has no spread of its own.
  expect_equal(apply(with_seed(1, codes_near(near[1, , drop = FALSE], 5000)), 2, sd), c(.1, .1), tolerance = .05)
  expect_identical(
    vae_generate(fit, 3, seed = 1, near = near[1, ]), vae_generate(fit, 3, seed = 1, near = near[1, , drop = FALSE])
  )
  expect_error(vae_generate(fit, 3, near = 1:3), "`near` must have 2 numbers")
  expect_length(vae_generate(fit, 0, near = near), 0)
})

test_that("a value beyond ink changes no other drawing, whatever the decoder ends with", {
  x <- few_sheep(16)
  for (activation in c("relu", "linear", "tanh", "softplus", "leaky_relu", "elu")) {
    fit <- quick_fit(x, unbounded(activation))
    # Some pixels far above 1, and, where there are such values, below 0.
    weights <- vae_weights(fit)
    weights[["dense_2/bias"]][] <- seq(-2, 3, length.out = 784)
    fit <- vae_set_weights(fit, weights)
    many <- vae_generate(fit, 100, seed = 1, near = vae_encode(fit, x))
    values <- vae_decode(fit, with_seed(1, codes_near(vae_encode(fit, x), 100)))
    expect_true(min(values) >= 0 && max(values) == 1 || activation == "tanh")
    expect_identical(many$pixels, as.raw(floor(255 * as.vector(aperm(values, 3:1)) + 0.5)))
    # Twenty of them are the same twenty.
    codes <- with_seed(1, matrix(rnorm(200), 100))
    expect_identical(drawings_of(vae_decode(fit, codes))[1:20], drawings_of(vae_decode(fit, codes[1:20, ])))
  }
})

test_that("arguments are checked", {
  fit <- quick_fit(few_sheep(8))
  expect_snapshot(error = TRUE, {
    vae_generate(3, 1)
    vae_generate(fit, -1)
    vae_generate(fit, 1, seed = "a")
    vae_generate(fit, 1, sample = "poisson")
    vae_generate(fit, 1, near = matrix(0, 2, 3))
    vae_generate(fit, 1, near = matrix(0, 0, 2))
  })
})
