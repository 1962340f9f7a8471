cloud <- function(n, x = 0, sd = 1, d = 2) {
  z <- matrix(rnorm(n * d, sd = sd), n, d)
  z[, 1] <- z[, 1] + x
  z
}

test_that("clusters are clear where a gap parts them, whatever the share of noise", {
  withr::local_seed(1)
  expect_parted <- function(z, groups) {
    found <- find_clusters(z, 1)
    expect_identical(parted_groups(z, found$cluster, found$minPts), groups)
    clusters_verdict(z, found)
  }
  expect_null(expect_parted(rbind(cloud(500), cloud(500, 6)), 2L))
  expect_null(expect_parted(rbind(cloud(200), cloud(200, 4, 0.3), cloud(200, 9)), 3L))
  # Two dense ones in a wide cloud of noise.
  two <- rbind(cloud(300, sd = 0.2), cloud(300, 3, sd = 0.2), matrix(runif(1600, -6, 6), ncol = 2))
  noise <- rep(c(1L, 2L, 0L), c(300, 300, 800))
  expect_identical(parted_groups(two, noise, 14), 2L)
  expect_match(clusters_verdict(two, list(cluster = noise, minPts = 14)), "^At this setting most .*\\(57 % noise\\), but between the clusters there is a gap")
  for (z in list(cloud(1000), matrix(runif(2000), ncol = 2), cloud(400, d = 3))) {
    expect_match(expect_parted(z, 1L), "^No clear clusters at this setting \\([0-9.]+ % noise\\): .* Try latent_hdbscan")
  }
})

test_that("of one cluster, and of clusters that were given, no more is said than is known", {
  withr::local_seed(1)
  z <- cloud(400)
  expect_match(clusters_verdict(z, list(cluster = rep(1:0, c(390, 10)), minPts = 10)), "\\(one cluster, 2.5 % noise\\): all lie together")
  # k-means divides a cloud because it was told to.
  expect_null(clusters_verdict(z, list(cluster = latent_kmeans(z, 3, seed = 1)$cluster)))
  expect_match(clusters_verdict(z, list(cluster = latent_dbscan(z, 0.12, 6)$cluster)), "^No clear clusters")
})

test_that("clusters are looked for in more than two dimensions, and far points are counted in words", {
  withr::local_seed(1)
  for (d in c(1, 5, 10)) {
    z <- rbind(cloud(200, d = d), cloud(200, 12, d = d))
    expect_gt(mean(find_clusters(z, 1)$cluster == rep(1:2, each = 200)), 0.9)
  }
  z <- cloud(200)
  z[42, ] <- c(-80, 29)
  found <- find_clusters(z, 1)
  expect_match(found$how, "1 drawing far out was left aside")
  expect_identical(found$cluster[[42]], 0L)
  z[43, ] <- c(80, 29)
  expect_match(find_clusters(z, 1)$how, "2 drawings far out were left aside")
  expect_no_match(find_clusters(matrix(runif(400), ncol = 2), 1)$how, "left aside")
})
