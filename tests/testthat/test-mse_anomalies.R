test_that("errors are sums of squares over the pixels of the model's input, in input order", {
  x <- few_sheep(70)
  fit <- quick_fit(x, tiny_conv(), epochs = 3)
  a <- mse_anomalies(fit, x)
  by_hand <- apply((as.array(x) - vae_reconstruct(fit, x))^2, 1, sum)
  expect_equal(a$mse, by_hand, tolerance = 1e-5)
  expect_identical(mse_anomalies(fit, x), a)
  expect_equal(mse_anomalies(fit, x[5:1])$mse, a$mse[5:1], tolerance = 1e-5)
})

test_that("the cut-off is given, or median + 5 MAD; the worst come first", {
  x <- simulate_sheep(60, anomalies = 5, seed = 2)
  fit <- quick_fit(x)
  a <- mse_anomalies(fit, x)
  expect_equal(a$cutoff, median(a$mse) + 5 * mad(a$mse))
  given <- mse_anomalies(fit, x, cutoff = sort(a$mse, TRUE)[[4]])
  expect_identical(given$anomalies, order(-a$mse)[1:3])
  expect_identical(mse_anomalies(fit, x, cutoff = 1e9)$anomalies, integer())
})

test_that("anomalies are printed and plotted", {
  one <- structure(
    list(mse = c(10, 12.345, 300, 11, 9), cutoff = 50, anomalies = 3L, rule = "given"), class = "mse_anomalies"
  )
  none <- structure(
    list(mse = c(10, 12.345), cutoff = 50.12345, anomalies = integer(), rule = "median + 5 MAD"), class = "mse_anomalies"
  )
  many <- structure(
    list(mse = as.double(1:2000), cutoff = 988.5, anomalies = 2000:989, rule = "given"), class = "mse_anomalies"
  )
  expect_snapshot({
    one
    none
    many
  })
  withr::local_pdf(NULL)
  x <- few_sheep(5)
  expect_s3_class(plot(one), "ggplot")
  fit <- quick_fit(x)
  expect_s3_class(plot(one, x), "ggplot")
  expect_s3_class(plot(one, x, fit, n = 3), "ggplot")
  expect_snapshot(error = TRUE, plot(one, few_sheep(4)))
})

test_that("arguments are checked", {
  fit <- quick_fit(few_sheep(8))
  expect_snapshot(error = TRUE, {
    mse_anomalies(3, few_sheep(8))
    mse_anomalies(fit, few_sheep(8)[0])
    mse_anomalies(fit, few_sheep(8), cutoff = "high")
    mse_anomalies(fit, few_sheep(8), threads = 1.5)
  })
})
