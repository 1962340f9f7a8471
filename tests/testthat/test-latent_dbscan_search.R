test_that("pairs are drawn as the post draws them, and counted as latent_dbscan labels them", {
  z <- two_blobs()
  found <- latent_dbscan_search(z, draws = 30, eps = c(0.05, 0.5), minPts = c(5, 30), seed = 7)
  withr::local_seed(7)
  for (i in 1:30) {
    expect_identical(found$eps[[i]], stats::runif(1, 0.05, 0.5))
    expect_equal(found$minPts[[i]], round(stats::runif(1, 5, 30)))
    one <- latent_dbscan(z, found$eps[[i]], found$minPts[[i]])$cluster
    expect_equal(found$clusters[[i]], max(one))
    expect_equal(found$noise[[i]], sum(one == 0))
    expect_equal(found$largest[[i]], max(0, tabulate(one)))
  }
})

test_that("a seed leaves R's random numbers alone, and without one set.seed() counts", {
  z <- two_blobs(40)
  withr::local_seed(3)
  before <- .Random.seed
  latent_dbscan_search(z, draws = 3, seed = 1)
  expect_identical(.Random.seed, before)
  a <- latent_dbscan_search(z, draws = 3)
  set.seed(3)
  expect_identical(latent_dbscan_search(z, draws = 3), a)
})

test_that("pairs may be given, and threads don't change counts", {
  z <- two_blobs()
  pairs <- data.frame(minPts = c(5, 10, 5), eps = c(0.1, 0.3, 0.3))
  found <- latent_dbscan_search(z, pairs)
  expect_equal(found$eps, pairs$eps)
  expect_equal(found$minPts, pairs$minPts)
  for (threads in c(1, 7)) {
    expect_identical(latent_dbscan_search(z, pairs, threads = threads), found)
  }
  expect_identical(latent_dbscan_search(z, unname(as.matrix(pairs[2:1]))), found)
  expect_equal(nrow(latent_dbscan_search(z, pairs[0, ])), 0)
})

test_that("labels are kept when they are asked for, and are latent_dbscan's", {
  z <- two_blobs()
  found <- latent_dbscan_search(z, draws = 12, eps = c(0.05, 0.5), minPts = c(5, 30), seed = 7, labels = TRUE, threads = 2)
  labels <- attr(found, "labels")
  expect_identical(dim(labels), c(nrow(z), 12L))
  for (i in 1:12) expect_identical(labels[, i], latent_dbscan(z, found$eps[[i]], found$minPts[[i]])$cluster)
  attr(found, "labels") <- NULL
  expect_identical(found, latent_dbscan_search(z, draws = 12, eps = c(0.05, 0.5), minPts = c(5, 30), seed = 7))
})

test_that("on 126,121 points the counts are the dbscan package's where that is quick", {
  skip_if_not_installed("dbscan")
  z <- latent_126k()
  pairs <- utils::read.table(data_file("latent", "draws.txt"))
  found <- latent_dbscan_search(z, pairs)
  narrow <- utils::head(order(found$eps), 4)
  for (i in narrow) {
    expected <- dbscan::dbscan(z, found$eps[[i]], found$minPts[[i]])$cluster
    expect_equal(found$clusters[[i]], max(expected))
    expect_equal(found$noise[[i]], sum(expected == 0))
    expect_equal(found$largest[[i]], max(tabulate(expected)))
  }
})

test_that("plot is a ggplot of every pair", {
  found <- latent_dbscan_search(two_blobs(), draws = 20, seed = 1)
  p <- plot(found)
  expect_s3_class(p, "ggplot")
  expect_equal(nrow(ggplot2::layer_data(p, 1)), 20)
  expect_silent(ggplot2::ggplotGrob(p))
})

test_that("wrong ranges and pairs are errors in the user's words", {
  z <- two_blobs(40)
  expect_snapshot(error = TRUE, {
    latent_dbscan_search(z, draws = 0)
    latent_dbscan_search(z, eps = c(0.5, 0.1))
    latent_dbscan_search(z, minPts = 5)
    latent_dbscan_search(z, labels = NA)
    latent_dbscan_search(z, data.frame(eps = 1))
    latent_dbscan_search(z, data.frame(eps = 1, minPts = 2.5))
  })
})
