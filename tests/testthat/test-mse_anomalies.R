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

test_that("rules find the cut-off, and their words are kept", {
  x <- simulate_sheep(60, anomalies = 5, seed = 2)
  fit <- quick_fit(x)
  a <- mse_anomalies(fit, x, cutoff_percentile(90))
  expect_identical(a$cutoff, quantile(a$mse, .9, names = FALSE))
  expect_length(a$anomalies, 6)
  expect_identical(a$rule, "percentile 90")
  expect_identical(mse_anomalies(fit, x)$rule, "median + 5 MAD")
  own <- mse_anomalies(fit, x, function(mse) max(mse) / 2)
  expect_identical(own[c("cutoff", "rule")], list(cutoff = max(a$mse) / 2, rule = "own rule"))
  # What ordinary drawings say is used for drawings the model never saw.
  ordinary <- mse_anomalies(fit, simulate_sheep(300, seed = 3), cutoff_tail(p = .01))
  new <- mse_anomalies(fit, x, cutoff = ordinary$cutoff)
  expect_identical(new$anomalies, order(-new$mse)[seq_len(sum(new$mse > ordinary$cutoff))])
})

test_that("a .npy file is scored and encoded as the drawings in it are", {
  x <- few_sheep(70)
  fit <- quick_fit(x)
  path <- withr::local_tempfile(fileext = ".npy")
  write_drawings(x, path)
  a <- mse_anomalies(fit, path)
  x$labels <- NULL
  expect_identical(a, mse_anomalies(fit, x))
  expect_identical(vae_encode(fit, path), vae_encode(fit, x))
  withr::local_pdf(NULL)
  expect_equal(plot(a, path, fit)$layers[[1]], plot(a, x, fit)$layers[[1]])
  # Numbers in another order and of another kind.
  write_npy(path, as.vector(as.matrix(x)), c(70, 784), "<f8", fortran = TRUE, size = 8)
  expect_identical(mse_anomalies(fit, path)$mse, a$mse)
})

test_that("memory does not grow with the file", {
  skip_on_cran()
  skip_if_not(file.exists("/proc/self/clear_refs"), "/proc/self/clear_refs")
  path <- withr::local_tempfile(fileext = ".npy")
  x <- few_sheep(100)
  write_drawings(x[rep(1:100, 1000)], path)
  expect_gt(file.size(path), 78e6)
  extra_mb <- in_fresh_session(function(path) {
    library(sketchvae)
    fit <- vae_fit(simulate_sheep(48, seed = 1), model_binary(2, hidden = 20), epochs = 1, seed = 1, threads = 1)
    mse_anomalies(fit, simulate_sheep(200, seed = 1), threads = 1)
    gc()
    status <- function(field) as.double(gsub("[^0-9]", "", grep(field, readLines("/proc/self/status"), value = TRUE))) / 1024
    writeLines("5", "/proc/self/clear_refs")
    before <- status("VmRSS:")
    mse_anomalies(fit, path, threads = 1)
    status("VmHWM:") - before
  }, list(path))
  expect_lt(extra_mb, 20)
})

test_that("the worst stand above the line, the best below", {
  x <- few_sheep(40)
  fit <- quick_fit(x)
  a <- mse_anomalies(fit, x)
  withr::local_pdf(NULL)
  p <- plot(a, x, fit, n = 3)
  shown <- p$layers[[2]]$data$label
  by_error <- order(-a$mse)
  number <- function(labels) as.integer(sub(":.*", "", labels[seq(1, length(labels), 2)]))
  expect_identical(number(shown[1:6]), by_error[1:3])
  expect_identical(number(shown[7:10]), rev(by_error)[1:2])
  picture <- as.matrix(p$layers[[1]]$geom_params$raster)
  at <- function(row, column) picture[(row - 1) * 32 + 3:30, (column - 1) * 32 + 3:30]
  expect_identical(at(1, 1), as.matrix(as.raster(x[by_error[[1]]])))
  expect_identical(at(2, 4), as.matrix(as.raster(as_drawings(vae_reconstruct(fit, x[rev(by_error)[[2]]])))))
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
    mse_anomalies(fit, few_sheep(8), cutoff = function(mse) NA)
    mse_anomalies(fit, "nowhere.npy")
    mse_anomalies(fit, few_sheep(8), threads = 1.5)
  })
})
