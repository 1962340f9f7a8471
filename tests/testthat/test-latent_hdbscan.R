# Agreement of two labellings, 1 when they are the same up to names.
adjusted_rand <- function(a, b) {
  counts <- table(a, b)
  pairs <- function(x) sum(choose(x, 2))
  both <- pairs(counts)
  rows <- pairs(rowSums(counts))
  columns <- pairs(colSums(counts))
  expected <- rows * columns / choose(length(a), 2)
  if (rows + columns == 2 * expected) 1 else (both - expected) / ((rows + columns) / 2 - expected)
}

hdbscan_sets <- function() {
  sets <- new.env()
  utils::data("DS3", package = "dbscan", envir = sets)
  utils::data("moons", package = "dbscan", envir = sets)
  withr::local_seed(5)
  blobs <- function(n, d, spread) {
    centres <- matrix(stats::runif(8 * d, -3, 3), 8)
    centres[sample(8, n, replace = TRUE), ] + matrix(stats::rnorm(n * d, sd = spread), n)
  }
  list(
    DS3 = list(as.matrix(sets$DS3), 25), moons = list(as.matrix(sets$moons), 5),
    blobs2 = list(blobs(3000, 2, 0.25), 15), blobs3 = list(blobs(3000, 3, 0.4), 20),
    ties = list(round(blobs(3000, 2, 0.4), 1), 20)
  )
}

test_that("core distances, tree heights and cophenetic heights are the dbscan package's", {
  skip_if_not_installed("dbscan")
  sets <- hdbscan_sets()
  for (name in names(sets)) {
    z <- sets[[name]][[1]]
    minPts <- sets[[name]][[2]]
    expected <- dbscan::hdbscan(z, minPts)
    found <- latent_hdbscan(z, minPts)
    expect_equal(found$coredist, unname(expected$coredist), info = name)
    expect_equal(found$hc$height, expected$hc$height, info = name)
    if (nrow(z) <= 3000) {
      expect_equal(
        as.vector(stats::cophenetic(found$hc)), as.vector(stats::cophenetic(expected$hc)),
        info = name
      )
    }
  }
})

test_that("labels do not change under ten permutations, and agree with the dbscan package's", {
  skip_if_not_installed("dbscan")
  sets <- hdbscan_sets()
  sets$DS3 <- NULL # the package's tree of 8,000 points takes minutes for ten permutations
  withr::local_seed(6)
  for (name in names(sets)) {
    z <- sets[[name]][[1]]
    minPts <- sets[[name]][[2]]
    found <- latent_hdbscan(z, minPts)$cluster
    theirs <- list(dbscan::hdbscan(z, minPts)$cluster)
    for (i in 1:10) {
      order <- sample(nrow(z))
      expect_identical(latent_hdbscan(z[order, ], minPts)$cluster, found[order], info = name)
      if (i <= 4) theirs[[i + 1]] <- dbscan::hdbscan(z[order, ], minPts)$cluster[order(order)]
    }
    # Where distances tie, the package's labels follow the order of the rows and its version: the trees'
    # heights, compared above, are all that two right programs share.
    if (name == "ties") next
    among_themselves <- utils::combn(5, 2, function(pair) adjusted_rand(theirs[[pair[[1]]]], theirs[[pair[[2]]]]))
    nearest <- max(vapply(theirs, adjusted_rand, 0, a = found))
    expect_gte(nearest, min(among_themselves) - 0.002, label = name)
  }
})

test_that("the parts of the object belong together", {
  z <- two_blobs()
  found <- latent_hdbscan(z, 10)
  expect_equal(max(found$cluster), 2)
  expect_length(found$cluster_scores, 2)
  for (i in 1:2) {
    own <- found$cluster == i
    widest <- max(found$coredist[own])
    expect_equal(found$membership_prob[own], (widest - found$coredist[own]) / widest)
  }
  expect_true(all(found$membership_prob[found$cluster == 0] == 0))
  expect_true(all(found$outlier_scores >= 0 & found$outlier_scores <= 1))
  expect_gt(
    mean(found$outlier_scores[found$cluster == 0]), mean(found$outlier_scores[found$cluster > 0])
  )
  # The tree cut at eps gives what DBSCAN's cores are.
  db <- latent_dbscan(z, 0.3, 10)
  pieces <- stats::cutree(found$hc, h = 0.3)
  expect_equal(adjusted_rand(pieces[db$core], db$cluster[db$core]), 1)
  expect_snapshot(print(found))
})

test_that("predict takes the nearest point that is not noise, as the dbscan package does", {
  skip_if_not_installed("dbscan")
  withr::local_seed(3)
  for (d in c(2, 12)) {
    z <- two_blobs(d = d)
    fresh <- z[sample(nrow(z), 100), ] + matrix(stats::rnorm(100 * d, sd = 0.1), ncol = d)
    found <- latent_hdbscan(z, 10, keep = TRUE)
    inside <- which(found$cluster > 0)
    nearest <- dbscan::kNN(z[inside, ], k = 1, query = fresh)
    row <- inside[nearest$id]
    expected <- ifelse(nearest$dist > found$coredist[row], 0L, found$cluster[row])
    expect_identical(predict(found, fresh), as.vector(expected))
    expect_identical(predict(latent_hdbscan(z, 10), fresh, z), as.vector(expected))
  }
  expect_identical(predict(found), found$cluster)
  expect_error(predict(latent_hdbscan(z, 10), fresh), "keep = TRUE")
})

test_that("more than eight dimensions give the tree of the dbscan package", {
  skip_if_not_installed("dbscan")
  z <- two_blobs(d = 14)
  found <- latent_hdbscan(z, 10)
  expected <- dbscan::hdbscan(z, 10)
  expect_equal(found$hc$height, expected$hc$height)
  expect_equal(adjusted_rand(found$cluster, expected$cluster), 1)
  distances <- latent_knn_dist(z, 7)
  expect_equal(as.vector(distances), as.vector(dbscan::kNNdist(z, 7)))
  path <- latent_dbscan_path(z, 10)
  for (eps in stats::quantile(path$core, c(0.1, 0.5, 0.9))) {
    expect_equal(predict(path, eps)$clusters, max(latent_dbscan(z, eps, 10)$cluster))
  }
})

test_that("plot is a ggplot of every point", {
  z <- two_blobs()
  p <- plot(latent_hdbscan(z, 10), z)
  expect_equal(nrow(ggplot2::layer_data(p, 1)), nrow(z))
})

test_that("a minPts that makes no sense is an error", {
  expect_snapshot(error = TRUE, {
    latent_hdbscan(two_blobs(), 1)
    latent_hdbscan(two_blobs(), 441)
    latent_hdbscan(matrix(0, 1, 2), 2)
    plot(latent_hdbscan(two_blobs(), 5))
  })
})
