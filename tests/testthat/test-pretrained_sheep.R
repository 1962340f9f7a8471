test_that("the model that ships is small and redraws sheep better than cars", {
  file <- system.file("extdata", "pretrained_sheep.safetensors", package = "sketchvae")
  expect_lt(file.size(file), 300e3)
  fit <- pretrained_sheep()
  expect_s3_class(fit, "vae")
  # Sheep that it was not trained on.
  x <- simulate_sheep(400, anomalies = 10, seed = 2)
  mse <- mse_anomalies(fit, x)$mse
  # Ten of 400 are cars: by chance less than one would be among the 30 that are redrawn worst.
  expect_gte(sum(labels(x)[order(-mse)[1:30]] == "car"), 4)
  blank <- sum(as.matrix(x)^2) / length(x)
  expect_lt(mean(mse), blank / 2)
})

test_that("its first look at latent space tells left from right", {
  fit <- pretrained_sheep()
  x <- simulate_sheep(400, seed = 3)
  z <- vae_encode(fit, x)
  left <- grepl("left", labels(x))
  right <- grepl("right", labels(x))
  # Of the ten nearest neighbours most look the same way.
  d <- as.matrix(stats::dist(z))
  agree <- vapply(which(left | right), function(i) {
    near <- setdiff(order(d[i, ]), i)[1:10]
    mean(left[near] == left[i])
  }, 1)
  expect_gt(mean(agree), 0.75)
})
