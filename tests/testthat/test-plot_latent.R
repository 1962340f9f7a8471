test_that("codes are coloured by nothing, cluster, label or number", {
  z <- two_blobs()
  n <- nrow(z)
  colours <- function(...) ggplot2::layer_data(plot_latent(z, ...), 1)$colour
  expect_identical(unique(colours()), okabe_ito[[1]])
  cluster <- rep(0:2, length.out = n)
  drawn <- map_order(n)
  # Noise is drawn first.
  expect_identical(colours(colour = cluster), unname(cluster_palette(2)[cluster[drawn[order(cluster[drawn] != 0)]] + 1]))
  expect_identical(colours(colour = list(cluster = cluster)), colours(colour = cluster))
  kind <- rep(c("b", "a", NA), length.out = n)
  expect_identical(colours(colour = kind), rep(c(okabe_ito[[2]], okabe_ito[[1]], "#7F7F7F"), length.out = n)[drawn])
  by_number <- colours(colour = seq(0, 1, length.out = n))
  expect_identical(by_number[order(drawn)][c(1, n)], grDevices::hcl.colors(256, "viridis")[c(1, 256)])
})

test_that("both axes have one scale, whatever colours the points", {
  z <- two_blobs()
  for (colour in list(NULL, rep(1:2, length.out = nrow(z)), seq_len(nrow(z)) / 2, rep("a", nrow(z)))) {
    expect_identical(plot_latent(z, colour = colour)$coordinates$ratio, 1)
    expect_null(plot_latent(z %*% diag(c(1, .01)), colour = colour)$coordinates$ratio)
  }
})

test_that("legends name every label, and show numbers' ends", {
  z <- two_blobs()
  kind <- rep(c("wool", "car"), length.out = nrow(z))
  grob <- ggplot2::ggplotGrob(plot_latent(z, colour = kind))
  expect_true(any(grepl("guide-box", grob$layout$name)))
  p <- plot_latent(z, colour = kind)
  expect_identical(levels(p$layers[[2]]$data$kind), c("car", "wool"))
  expect_identical(plot_latent(z, colour = seq_len(nrow(z)) / 2)$layers[[2]]$data$kind, c(0.5, nrow(z) / 2))
  expect_silent(ggplot2::ggplotGrob(plot_latent(z, colour = rep(1.5, nrow(z)))))
})

test_that("a fit encodes drawings first, and dimensions are chosen", {
  x <- few_sheep(20)
  fit <- quick_fit(x)
  p <- plot_latent(fit, x, dims = 2:1)
  expect_equal(ggplot2::layer_data(p, 1)$x, unname(vae_encode(fit, x)[map_order(20), 2]))
  expect_identical(p$labels$x, "Latent dimension 2")
})

test_that("what cannot be plotted is refused", {
  z <- two_blobs()
  expect_snapshot(error = TRUE, {
    plot_latent("a")
    plot_latent(z[0, ])
    plot_latent(quick_fit(few_sheep(8)))
    plot_latent(z, dims = 3)
    plot_latent(z, colour = 1:3)
  })
})

test_that("a far point does not make the map small, is counted, and is shown on request", {
  z <- rbind(two_blobs(), c(-80, 29))
  for (colour in list(NULL, rep("a", nrow(z)), rep(1L, nrow(z)), seq_len(nrow(z)) / 2)) {
    p <- plot_latent(z, colour = colour)
    expect_gt(min(ggplot2::layer_data(p, 1)$x), -3)
    expect_match(p$labels$caption, "^1 point lies outside this map; outliers = TRUE")
    all <- plot_latent(z, colour = colour, outliers = TRUE)
    expect_equal(min(ggplot2::layer_data(all, 1)$x), -80)
    expect_null(all$labels$caption)
  }
  for (found in list(latent_dbscan(z, .2, 5), latent_hdbscan(z), latent_kmeans(z, 3, seed = 1))) {
    expect_match(plot(found, z)$labels$caption, "1 point lies outside")
    expect_null(plot(found, z, outliers = TRUE)$labels$caption)
  }
})

test_that("drawings' own labels colour the map of a fit", {
  x <- few_sheep(20)
  labels(x) <- rep(c("cat", "rabbit"), 10)
  fit <- quick_fit(x)
  expect_identical(ggplot2::layer_data(plot_latent(fit, x), 1), ggplot2::layer_data(plot_latent(fit, x, colour = labels(x)), 1))
  labels(x) <- rep(1:2, 10)
  expect_identical(levels(plot_latent(fit, x)$layers[[2]]$data$kind), c("1", "2"))
})

test_that("groups are drawn among each other, and R's random numbers stay as they are", {
  z <- matrix(rnorm(400), ncol = 2)
  set.seed(3)
  before <- .Random.seed
  drawn <- ggplot2::layer_data(plot_latent(z, colour = rep(c("a", "b"), each = 100)), 1)$colour
  expect_identical(.Random.seed, before)
  expect_gt(length(unique(drawn[1:10])), 1)
  expect_gt(length(rle(drawn)$lengths), 50)
})
