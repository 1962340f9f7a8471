# What the page asks and R answers; tests/browser/ drives the page itself.
floats_of <- function(bytes) readBin(bytes, "double", length(bytes) / 4, size = 4, endian = "little")

test_that("the page gets codes, scores and groups as bytes", {
  fit <- pretrained_sheep()
  x <- simulate_sheep(20, anomalies = 2, seed = 1)
  data <- explorer_data(fit, x, rep(c(0, 3), 10), NULL, NULL, "Map", 1:2)
  bytes <- explorer_answer(fit, data, "data", raw())
  expect_length(bytes, 20 * (8 + 4 + 4 + 4))
  expect_equal(matrix(floats_of(bytes[1:160]), ncol = 2, byrow = TRUE), unname(vae_encode(fit, x)), tolerance = 1e-6)
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

# Does all that is left; the shares it told on its way.
finish <- function(work) {
  shares <- list(codes = c(), scores = c())
  while (!work$done()) {
    progress <- work$step()
    shares[[progress$what]] <- c(shares[[progress$what]], progress$share)
  }
  shares
}

test_that("of many drawings a random sample is encoded first, the same each time", {
  fit <- pretrained_sheep()
  x <- simulate_sheep(2500, anomalies = 5, seed = 1)
  set.seed(7)
  before <- .Random.seed
  data <- explorer_data(fit, x, NULL, NULL, NULL, "Map", 1:2, later = TRUE)
  expect_identical(.Random.seed, before)
  expect_identical(sort(data$order), 1:2500)
  first <- data$order[1:2000]
  expect_gt(sum(first > 2000), 300)
  z <- vae_encode(fit, x)
  expect_equal(data$z[first, ], unname(z[first, ]), tolerance = 1e-6)
  expect_identical(which(is.na(data$z[, 1])), sort(data$order[2001:2500]))
  # What the map shows is where the sample lies.
  expect_equal(unclass(data$meta$limits), as.vector(apply(z[first, ], 2, map_range)), tolerance = 1e-6)
  expect_equal(unclass(data$meta$medians), apply(unname(z[first, ]), 2, stats::median), tolerance = 1e-6)
  expect_identical(explorer_data(fit, x, NULL, NULL, NULL, "Map", 1:2, later = TRUE)$order, data$order)
  # The page gets NaN for the others.
  page <- matrix(floats_of(explorer_answer(fit, data, "data", raw())[1:20000]), ncol = 2, byrow = TRUE)
  expect_identical(is.nan(page), is.na(data$z))
})

test_that("codes and scores that come later are those that vae_encode() and mse_anomalies() give", {
  fit <- pretrained_sheep()
  x <- simulate_sheep(2500, anomalies = 5, seed = 1)
  data <- explorer_data(fit, x, NULL, NULL, NULL, "Map", 1:2, later = TRUE)
  expect_false(data$meta$scored)
  data$pixels <- matrix(x$pixels, ncol = 2500)
  work <- gradual_work(keep_network(fit), data)
  first <- work$step()
  expect_identical(first$what, "codes")
  expect_gt(first$share, 2000 / 2500)
  # The page asks for what it has not got.
  fresh <- round(2500 * first$share) - 2000
  bytes <- explorer_answer(fit, work$data(), "codes", little_endian(2000, "integer"))
  expect_length(bytes, fresh * (4 + 8))
  z <- vae_encode(fit, x)
  rows <- readBin(bytes, "integer", fresh, size = 4, endian = "little") + 1
  expect_identical(rows, as.double(data$order[2000 + seq_len(fresh)]))
  expect_equal(matrix(floats_of(bytes[-seq_len(4 * fresh)]), ncol = 2, byrow = TRUE), unname(z[rows, ]), tolerance = 1e-5)
  expect_length(explorer_answer(fit, work$data(), "codes", little_endian(2000 + fresh, "integer")), 0)
  expect_error(explorer_answer(fit, work$data(), "codes", little_endian(2001 + fresh, "integer")), "codes")

  shares <- finish(work)
  for (of in shares) {
    expect_gt(length(of), 1)
    expect_true(all(diff(of) > 0))
    expect_identical(utils::tail(of, 1), 1)
  }
  expect_equal(work$data()$z, unname(z), tolerance = 1e-5)
  expect_equal(work$data()$mse, mse_anomalies(fit, x)$mse, tolerance = 1e-5)
  expect_identical(work$data()$encoded, 2500)
})

test_that("what is given is not computed later", {
  fit <- pretrained_sheep()
  x <- simulate_sheep(2001, seed = 1)
  z <- vae_encode(fit, x)
  shares <- function(...) {
    data <- explorer_data(fit, x, NULL, title = "Map", labels = NULL, dims = 1:2, later = TRUE, ...)
    data$pixels <- matrix(x$pixels, ncol = 2001)
    lengths(finish(gradual_work(fit, data))) > 0
  }
  expect_identical(shares(anomalies = NULL, z = z), c(codes = FALSE, scores = TRUE))
  expect_identical(shares(anomalies = seq_len(2001), z = NULL), c(codes = TRUE, scores = FALSE))
  expect_identical(shares(anomalies = seq_len(2001), z = z), c(codes = FALSE, scores = FALSE))
  few <- explorer_data(fit, x[1:2000], NULL, NULL, NULL, "Map", 1:2, later = TRUE)
  expect_false(anyNA(few$z))
  expect_true(few$meta$scored)
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
