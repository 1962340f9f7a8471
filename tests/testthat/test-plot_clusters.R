picture <- function(p) as.matrix(p$layers[[1]]$geom_params$raster)
tile <- function(picture, row, column) picture[(row - 1) * 32 + 3:30, (column - 1) * 32 + 3:30]

test_that("a cluster's row is its decoded centre, its mean, then drawings from the centre to the rim", {
  fit <- pretrained_sheep()
  x <- simulate_sheep(30, seed = 1)
  cluster <- rep(c(0, 1, 2), c(3, 7, 20))
  p <- plot_clusters(fit, x, cluster, n = 9)
  expect_equal(dim(picture(p)), c(2, 11) * 32)
  z <- vae_encode(fit, x)
  centre <- apply(z[11:30, ], 2, stats::median)
  shown <- function(drawings) as.matrix(as.raster(drawings))
  expect_identical(tile(picture(p), 2, 1), shown(as_drawings(vae_decode(fit, centre))))
  from_centre <- (11:30)[order(rowSums(sweep(z[11:30, ], 2, centre)^2))]
  expect_identical(tile(picture(p), 2, 2), shown(as_drawings(apply(as.array(x)[11:30, , ], 2:3, mean))))
  expect_identical(tile(picture(p), 2, 3), shown(x[from_centre[[1]]]))
  expect_identical(tile(picture(p), 2, 11), shown(x[from_centre[[20]]]))
  # The small cluster has seven drawings and then paper.
  expect_false(all(tile(picture(p), 1, 9) == "#FFFFFF"))
  expect_true(all(tile(picture(p), 1, 10) == "#FFFFFF"))
  expect_identical(picture(plot_clusters(fit, x, cluster, n = 9, which = 2)), picture(p)[33:64, ])
})

test_that("the summary counts and measures every cluster, noise last", {
  fit <- pretrained_sheep()
  x <- simulate_sheep(30, seed = 1)
  cluster <- rep(c(0L, 1L, 2L), c(3, 7, 20))
  rows <- cluster_summary(fit, x, cluster)
  expect_identical(rows$cluster, c(1L, 2L, 0L))
  expect_equal(rows$drawings, c(7, 20, 3))
  expect_equal(sum(rows$share), 1)
  z <- vae_encode(fit, x)
  expect_equal(rows$z2, c(median(z[4:10, 2]), median(z[11:30, 2]), median(z[1:3, 2])))
  away <- sqrt(rowSums(sweep(z[11:30, ], 2, c(rows$z1[[2]], rows$z2[[2]]))^2))
  expect_equal(rows$spread[[2]], median(away))
  expect_equal(rows$ink, c(mean(as.matrix(x[4:10])), mean(as.matrix(x[11:30])), mean(as.matrix(x[1:3]))))
  mse <- mse_anomalies(fit, x)$mse
  expect_equal(rows$mse, c(median(mse[4:10]), median(mse[11:30]), median(mse[1:3])))
  most <- sort(table(labels(x)[11:30]), decreasing = TRUE)
  expect_equal(rows$label_share[[2]], as.double(most[[1]]) / 20)
  expect_identical(rows$label[[2]], names(most)[[1]])
  clusters <- latent_dbscan(z, eps = 0.5, minPts = 3)
  expect_identical(cluster_summary(fit, x, clusters), cluster_summary(fit, x, clusters$cluster))
  expect_null(cluster_summary(fit, as_drawings(as.array(x)), cluster)$label)
})

test_that("mean drawings stand in the order of the summary", {
  x <- simulate_sheep(30, seed = 1)
  cluster <- rep(c(0L, 1L, 4L), c(3, 1, 26))
  means <- cluster_means(x, cluster)
  expect_identical(dim(means), c(3L, 28L, 28L))
  expect_identical(dimnames(means)[[1]], c("1", "4", "0"))
  expect_equal(means[1, , ], as.array(x[4])[1, , ])
  expect_equal(means["4", , ], apply(as.array(x)[5:30, , ], 2:3, mean))
  # More than are added up at a time.
  many <- x[rep(1:30, 200)]
  expect_equal(cluster_means(many, rep(7L, 6000))[1, , ], apply(as.array(x), 2:3, mean))
  wide <- as_drawings(array(runif(40), c(5, 2, 4)))
  expect_equal(cluster_means(wide, rep(1, 5))[1, , ], apply(as.array(wide), 2:3, mean))
})

test_that("clusters that do not fit the drawings are refused", {
  fit <- pretrained_sheep()
  x <- simulate_sheep(4, seed = 1)
  expect_snapshot(error = TRUE, {
    plot_clusters(1, x, 1:4)
    plot_clusters(fit, x, 1:3)
    plot_clusters(fit, x, c(1, 1, NA, 1))
    plot_clusters(fit, x, c(1, 1, 1.5, 1))
    plot_clusters(fit, x, integer(4))
    plot_clusters(fit, x, 1:4, which = 5)
    cluster_summary(fit, x, "a")
    cluster_means(x, 1:3)
  })
})

test_that("labels are groups", {
  x <- simulate_sheep(12, seed = 1)
  labels(x) <- c(rep(c("cat", "rabbit"), 5), NA, NA)
  fit <- pretrained_sheep()
  expect_identical(plot_clusters(fit, x, labels(x))$labels$title, "Drawings of 2 labels")
  expect_identical(plot_clusters(fit, x, factor(labels(x)), which = "rabbit")$labels$title, "Drawings of 1 of 2 labels")
  expect_identical(cluster_summary(fit, x, labels(x))$cluster, c("cat", "rabbit", NA))
  expect_identical(dimnames(cluster_means(x, labels(x)))[[1]], c("cat", "rabbit", NA))
  expect_error(plot_clusters(fit, x, labels(x), which = "dog"), "labels that are there")
})
