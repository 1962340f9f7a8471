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

test_that("arguments are checked", {
  fit <- quick_fit(few_sheep(8))
  expect_snapshot(error = TRUE, {
    vae_generate(3, 1)
    vae_generate(fit, -1)
    vae_generate(fit, 1, seed = "a")
    vae_generate(fit, 1, sample = "poisson")
  })
})
