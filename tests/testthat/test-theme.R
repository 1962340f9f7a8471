# One picture of each plot function, to be looked at with vdiffr when it changes. They are drawn of given
# numbers, so that the last digits of a network don't move a point. Mosaics stand in the SVG as PNG files, which
# another libpng compresses otherwise: what is kept of them is their ink, by ninths, or their size alone.

write_picture <- function(ink) {
  function(plot, file, title) {
    vdiffr::write_svg(plot, file, title)
    rasters <- Filter(Negate(is.null), lapply(plot$layers, function(layer) layer$geom_params$raster))
    words <- vapply(rasters, function(raster) describe_raster(as.matrix(raster), ink), "")
    svg <- gsub("data:image/png;base64,[^'\"]*", "mosaic", readLines(file))
    writeLines(c(svg, sprintf("<!-- %s -->", words)), file)
  }
}

# Rows, columns, and the mean darkness of ninths in percent, as on screen.
describe_raster <- function(raster, ink) {
  size <- paste(dim(raster), collapse = " x ")
  if (!ink) return(size)
  dark <- matrix(1 - colMeans(grDevices::col2rgb(raster)) / 255, nrow(raster))
  ninth <- function(n) ceiling(seq_len(n) / n * 3)
  means <- tapply(dark, list(ninth(nrow(dark))[row(dark)], ninth(ncol(dark))[col(dark)]), mean)
  paste0(size, ", ink ", paste(apply(round(100 * means), 1, paste, collapse = " "), collapse = " / "))
}

expect_picture <- function(name, plot, ink = FALSE) {
  expect_s3_class(plot, "ggplot")
  expect_true(nzchar(plot$labels$title))
  expect_identical((plot + ggplot2::labs(title = "mine"))$labels$title, "mine")
  skip_if_not_installed("vdiffr")
  drawn_with <- "3.4"
  version <- as.character(utils::packageVersion("ggplot2"))
  skip_if_not(startsWith(version, drawn_with), paste("the pictures were drawn with ggplot2", drawn_with))
  vdiffr::expect_doppelganger(name, plot, writer = write_picture(ink))
}

# Two square heaps of points, and one point far off.
heaps <- function() {
  square <- as.matrix(expand.grid(1:6, 1:6)) / 10
  unname(rbind(square, square + 2, c(1.2, 3)))
}

test_that("drawings, and their labels", {
  x <- as_drawings(outer(1:6, 1:784, function(i, j) as.double(j <= 120 * i)), labels = letters[1:6])
  expect_picture("drawings", plot_drawings(x, ncol = 3), ink = TRUE)
  expect_picture("the first drawings with labels", plot_drawings(x, n = 2, labels = TRUE), ink = TRUE)
})

test_that("points, plain and coloured", {
  z <- heaps()
  expect_picture("points", plot_latent(z))
  expect_picture("points by label", plot_latent(z, colour = rep(c("lower", "upper", "far"), c(36, 36, 1))))
  expect_picture("points by number", plot_latent(z, colour = round(z[, 1] * 10) / 2))
  expect_picture("points by cluster", plot_latent(z, colour = rep(c(1L, 2L, 0L), c(36, 36, 1))))
})

test_that("clusterings", {
  z <- heaps()
  expect_picture("dbscan", plot(latent_dbscan(z, 0.15, 4), z))
  expect_picture("hdbscan", plot(latent_hdbscan(z, 4), z))
  expect_picture("k-means", plot(latent_kmeans(z, 2, seed = 1), z))
})

test_that("what helps to choose a clustering", {
  z <- heaps()
  expect_picture("path", plot(latent_dbscan_path(z, 4)))
  expect_picture("search", plot(latent_dbscan_search(z, expand.grid(eps = 1:4 / 10, minPts = c(4, 8, 40)))))
  expect_picture("elbow", plot(latent_elbow(z, 1:3, seed = 1)))
  expect_picture("distances", plot(latent_knn_dist(z, 3)))
})

test_that("what the decoder draws", {
  fit <- pretrained_sheep()
  expect_picture("traversal", plot_traversal(fit, n = 5))
  expect_picture("grid", plot_grid(fit, n = 4))
})

test_that("drawings of clusters", {
  x <- simulate_sheep(30, seed = 1)
  clusters <- rep(0:2, each = 10)
  expect_picture("clusters", plot_clusters(pretrained_sheep(), x, clusters, n = 4))
})

test_that("scores, the odd ones, and where the error is", {
  x <- simulate_sheep(8, seed = 1)
  mse <- c(20, 30, 25, 90, 28, 22, 31, 27)
  odd <- structure(list(mse = mse, cutoff = 60, anomalies = 4L, rule = "own rule"), class = "mse_anomalies")
  expect_picture("scores", plot(odd))
  expect_picture("the worst", plot(odd, x, n = 4))
  expect_picture("the worst and the best", plot(odd, x, pretrained_sheep(), n = 3))
  x$labels <- NULL
  map <- plot_mse_maps(pretrained_sheep(), x, n = 3)
  # The sums above the drawings are a network's: not part of the picture.
  map <- suppressMessages(map + ggplot2::scale_x_continuous(NULL, limits = c(0, 96), breaks = NULL))
  expect_picture("error maps", map)
})

test_that("the history of a fit", {
  history <- data.frame(epoch = 1:4, kl_weight = c(0, 0, 0.5, 1), loss = c(90, 70, 65, 60),
    reconstruction = c(90, 70, 60, 50), kl = c(30, 40, 10, 10), val_loss = c(95, 80, 70, 66))
  expect_picture("history", plot_history(history))
})

test_that("the candidates of a search", {
  found <- structure(
    data.frame(candidate = 1:4, latent_dim = c(2, 3, 4, 8), val_loss = c(60, 50, 45, NA), error = c(NA, NA, NA, "no")),
    tried = "latent_dim", class = c("vae_search", "data.frame")
  )
  expect_picture("candidates", plot(found))
})
