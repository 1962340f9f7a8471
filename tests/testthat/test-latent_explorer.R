# What the page asks and R answers; tests/browser/ drives the page itself.
floats_of <- function(bytes) readBin(bytes, "double", length(bytes) / 4, size = 4, endian = "little")

test_that("the page gets codes, scores and groups as bytes", {
  fit <- pretrained_sheep()
  x <- simulate_sheep(20, anomalies = 2, seed = 1)
  data <- explorer_data(fit, x, rep(c(0, 3), 10), NULL, NULL, "Map", 1:2)
  bytes <- explorer_answer(fit, data, "data", raw())
  expect_length(bytes, 20 * (8 + 4 + 4 + 4))
  expect_equal(matrix(floats_of(bytes[1:160]), ncol = 2, byrow = TRUE), vae_encode(fit, x), tolerance = 1e-6)
  anomalies <- mse_anomalies(fit, x)
  expect_equal(floats_of(bytes[161:240]), anomalies$mse, tolerance = 1e-6)
  expect_equal(data$meta$cutoff, anomalies$cutoff)
  group <- readBin(bytes[241:320], "integer", 20, size = 4, endian = "little")
  expect_identical(data$meta$groups$cluster[group + 1], I(rep(c("noise", "3"), 10)))
  label <- readBin(bytes[321:400], "integer", 20, size = 4, endian = "little")
  expect_identical(unclass(data$meta$groups$label)[label + 1], labels(x))
})

test_that("codes, scores and labels that are given are taken as they are", {
  fit <- pretrained_sheep()
  x <- simulate_sheep(6, seed = 1)
  z <- matrix(seq_len(12) / 10, 6)
  data <- explorer_data(fit, x, NULL, 6:1, c("a", NA, "b", "b", NA, "b"), "Map", 1:2, z)
  expect_identical(data$z, z)
  expect_equal(data$mse, 6:1)
  expect_null(data$meta$cutoff)
  expect_identical(unclass(data$meta$groups$label)[data$groups$label + 1], c("a", "no label", "b", "b", "no label", "b"))
  expect_identical(nlevels(few_levels(1:1000)), 200L)
})

test_that("it answers with decoded drawings, thumbnails, and where a drawing lands", {
  fit <- pretrained_sheep()
  x <- simulate_sheep(5, seed = 1)
  data <- explorer_data(fit, x, NULL, NULL, NULL, "Map", 1:2)
  data$pixels <- matrix(x$pixels, ncol = 5)
  code <- rbind(c(0.25, -0.5), c(1, 1))
  expect_identical(
    explorer_answer(fit, data, "decode", little_endian(t(code), "double")), as_drawings(vae_decode(fit, code))$pixels
  )
  expect_error(explorer_answer(fit, data, "decode", raw(12)), "2 numbers each")
  expect_identical(explorer_answer(fit, data, "thumbs", little_endian(c(4, 0), "integer")), x[c(5, 1)]$pixels)
  placed <- explorer_answer(fit, data, "place", x[3]$pixels)
  expect_equal(floats_of(placed[1:12]), c(vae_encode(fit, x[3]), mse_anomalies(fit, x[3])$mse), tolerance = 1e-6)
  expect_identical(placed[-(1:12)], as_drawings(vae_reconstruct(fit, x[3]))$pixels)
  expect_error(explorer_answer(fit, data, "place", raw(3)), "784 bytes, not 3")
  expect_error(explorer_answer(fit, data, "thumbs", little_endian(5, "integer")), "no such drawing")
  expect_error(explorer_answer(fit, data, "?", raw()), "cannot answer")
})

test_that("explorers that cannot open are refused", {
  fit <- pretrained_sheep()
  x <- simulate_sheep(4, seed = 1)
  expect_snapshot(error = TRUE, {
    latent_explorer("fit", x)
    latent_explorer(fit, "x")
    latent_explorer(fit, x, clusters = 1:3)
    latent_explorer(fit, x, anomalies = c(1, NA, 1, 1))
    latent_explorer(fit, x, viewer = "browser")
  })
})

test_that("scores that come later are those that mse_anomalies() gives", {
  fit <- pretrained_sheep()
  x <- simulate_sheep(2001, anomalies = 5, seed = 1)
  data <- explorer_data(fit, x, NULL, NULL, NULL, "Map", 1:2, scores_later = TRUE)
  expect_false(data$meta$scored)
  expect_length(explorer_answer(fit, data, "data", raw()), 2001 * (8 + 4))
  data$pixels <- matrix(x$pixels, ncol = 2001)
  scoring <- gradual_scores(fit, data)
  shares <- c()
  while (utils::tail(c(0, shares), 1) < 1) shares <- c(shares, scoring$step())
  expect_gt(length(shares), 2)
  expect_true(all(diff(shares) > 0))
  expect_equal(scoring$mse(), mse_anomalies(fit, x)$mse)
})

test_that("the page is one piece, and its title is text", {
  skip_if_not_installed("shiny")
  ui <- explorer_ui("<b>Map</b>")
  # What belongs into the head is not printed with the rest.
  page <- paste(c(vapply(ui[[1]]$children, as.character, ""), as.character(ui)), collapse = "")
  expect_match(page, "<title>&lt;b&gt;Map&lt;/b&gt;</title>", fixed = TRUE)
  expect_match(page, "id=\"pad\"", fixed = TRUE)
  expect_no_match(page, "<(script|link)[^>]* (src|href)=")
})
