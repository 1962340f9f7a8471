# What the page's script unpacks.
page_data <- function(file) {
  text <- paste(readLines(file, encoding = "UTF-8"), collapse = "\n")
  json <- sub(".*<script id=\"explorer-data\" type=\"application/json\">", "", text)
  json_to_list_cpp(sub("</script>.*", "", json))
}
unpacked <- function(text) {
  code <- c(LETTERS, letters, 0:9, "+", "/")
  six <- match(strsplit(gsub("=", "", text), "")[[1]], code) - 1L
  bits <- matrix(as.integer(intToBits(six)), 32)[6:1, ]
  bits <- bits[seq_len(length(bits) %/% 8 * 8)]
  bytes <- packBits(as.integer(matrix(bits, 8)[8:1, ]), "raw")
  memDecompress(bytes, "gzip")
}
floats <- function(text) readBin(unpacked(text), "double", 1e6, size = 4, endian = "little")
integers <- function(text) readBin(unpacked(text), "integer", 1e6, size = 4, endian = "little")

test_that("the page holds codes, errors, drawings, groups and decoded drawings", {
  fit <- pretrained_sheep()
  x <- simulate_sheep(30, anomalies = 2, seed = 1)
  cluster <- rep(c(2, 0, 1), 10)
  file <- withr::local_tempfile(fileext = ".html")
  expect_identical(expect_invisible(save_explorer(fit, x, file, cluster, grid = 3)), file)
  data <- page_data(file)
  z <- vae_encode(fit, x)
  expect_equal(matrix(floats(data$z), ncol = 2, byrow = TRUE), unname(z), tolerance = 1e-6)
  expect_equal(floats(data$mse), mse_anomalies(fit, x)$mse, tolerance = 1e-6)
  expect_identical(unpacked(data$pixels), x$pixels)
  expect_identical(unlist(data$groups$cluster), c("1", "2", "noise"))
  expect_identical(integers(data$cluster), rep(c(1L, 2L, 0L), 10))
  expect_identical(unlist(data$groups$label)[integers(data$label) + 1], labels(x))
  limits <- unlist(data$limits)
  corner <- vae_decode(fit, rbind(limits[c(1, 3)], limits[c(2, 3)], limits[c(2, 4)]))
  expect_identical(unpacked(data$baked$planes)[c(1:784, 784 * 2 + 1:784, 784 * 8 + 1:784)],
    as_drawings(corner)$pixels)
})

test_that("each dimension that the map does not show has planes along it", {
  x <- few_sheep()
  fit <- quick_fit(x, model_binary(latent_dim = 4, hidden = 20), epochs = 1)
  file <- withr::local_tempfile(fileext = ".html")
  save_explorer(fit, x, file, dims = c(4, 2), grid = 2)
  data <- page_data(file)
  expect_equal(unlist(data$dims), c(3, 1))
  others <- data$baked$others
  expect_equal(vapply(others, `[[`, 0, "dim"), c(0, 2))
  expect_equal(lapply(others, function(other) unlist(other$plane)), list(c(1, 2, 0, 3, 4), c(5, 6, 0, 7, 8)))
  # Plane 8 is that of the third dimension's largest value; its last drawing lies at the upper right.
  limits <- matrix(unlist(data$limits), 2)
  code <- unlist(data$medians)
  expect_equal(unlist(others[[2]]$values)[3], code[[3]])
  code[c(4, 2, 3)] <- limits[2, c(4, 2, 3)]
  planes <- unpacked(data$baked$planes)
  expect_length(planes, 9 * 4 * 784)
  expect_identical(utils::tail(planes, 784), as_drawings(vae_decode(fit, code))$pixels)
})

test_that("titles and labels are text, never markup, and the page loads nothing", {
  x <- simulate_sheep(10, seed = 1)
  x$labels <- rep("</script><script>alert(1)</script>", 10)
  file <- withr::local_tempfile(fileext = ".html")
  save_explorer(pretrained_sheep(), x, file, title = "<b>{{data}}</b>", grid = 2)
  text <- paste(readLines(file, encoding = "UTF-8"), collapse = "\n")
  expect_no_match(text, "<script>alert", fixed = TRUE)
  expect_match(text, "<title>&lt;b&gt;{{data}}&lt;/b&gt;</title>", fixed = TRUE)
  expect_identical(unlist(page_data(file)$groups$label), "</script><script>alert(1)</script>")
  expect_no_match(text, "https?://")
})

test_that("explorers that cannot be are refused", {
  fit <- pretrained_sheep()
  x <- simulate_sheep(4, seed = 1)
  line <- fit
  line$model$latent_dim <- 1
  expect_snapshot(error = TRUE, {
    save_explorer(1, x, "a.html")
    save_explorer(fit, x[0], "a.html")
    save_explorer(fit, x, "a.html", clusters = 1:3)
    save_explorer(fit, x, "a.html", anomalies = 1:3)
    save_explorer(fit, x, "a.html", labels = 1:3)
    save_explorer(fit, x, "a.html", z = matrix(0, 3, 2))
    save_explorer(fit, x, "a.html", z = matrix(0, 4, 3))
    save_explorer(fit, x, "a.html", grid = 1)
    save_explorer(fit, x, "a.html", dims = 1)
    save_explorer(line, x, "a.html")
  })
})

test_that("the page's script holds every file of its folder once", {
  files <- list.files(system.file("explorer", "page", package = "sketchvae"), full.names = TRUE)
  expect_gt(length(files), 10)
  script <- explorer_script()
  for (file in files) {
    text <- paste(readLines(file, encoding = "UTF-8"), collapse = "\n")
    expect_length(gregexpr(text, script, fixed = TRUE)[[1]], 1)
    expect_match(script, text, fixed = TRUE)
  }
})
