test_that("the path counts what latent_dbscan finds, at each step and just below it", {
  for (number in c(1:40)) {
    set <- edge_set(number)
    keep <- seq_len(min(60, nrow(set$z)))
    z <- set$z[keep, , drop = FALSE]
    path <- latent_dbscan_path(z, set$minPts)
    at <- path$steps$eps
    for (eps in c(at, at * (1 - .Machine$double.eps), set$eps)) {
      one <- latent_dbscan(z, eps, set$minPts)
      got <- predict(path, eps)
      expect_identical(
        c(got$clusters, got$noise, got$core),
        c(max(one$cluster), sum(one$cluster == 0L), sum(one$core))
      )
    }
    expect_equal(path$steps$clusters, predict(path, at)$clusters)
  }
})

test_that("cut gives the labels of latent_dbscan", {
  z <- two_blobs()
  path <- latent_dbscan_path(z, 10)
  expect_identical(cut(path, 0.3), latent_dbscan(z, 0.3, 10, keep = TRUE))
})

test_that("on 126,121 points the counts are latent_dbscan's at 200 random eps", {
  z <- latent_126k()
  path <- latent_dbscan_path(z, 50)
  withr::local_seed(1)
  eps <- exp(stats::runif(200, log(0.005), log(0.5)))
  found <- latent_dbscan_search(z, data.frame(eps = eps, minPts = 50))
  got <- predict(path, eps)
  expect_equal(got$clusters, found$clusters)
  expect_equal(got$noise, found$noise)
})

test_that("the longest stretches are level and come longest first", {
  path <- latent_dbscan_path(two_blobs(), 10)
  s <- path$stretches
  expect_equal(s$clusters[[1]], 2)
  expect_false(is.unsorted(-s$to / s$from))
  expect_equal(predict(path, s$from)$clusters, s$clusters)
  expect_equal(predict(path, s$to * (1 - 1e-12))$clusters, s$clusters)
})

test_that("one point far from all others does not push the curve to the left", {
  ends <- function(p) range(p$data$eps)
  near <- two_blobs()
  z <- rbind(near, c(-80, 29))
  path <- latent_dbscan_path(z, 10)
  expect_lt(ends(plot(path))[[2]], 2 * ends(plot(latent_dbscan_path(near, 10)))[[2]])
  expect_match(plot(path)$labels$caption, "1 point joins at a larger eps; outliers = TRUE shows all")
  expect_gt(ends(plot(path, outliers = TRUE))[[2]], 80)
  expect_null(plot(path, outliers = TRUE)$labels$caption)
  expect_null(plot(latent_dbscan_path(near, 10))$labels$caption)
})

test_that("print and plot show it, and too few points have no path", {
  path <- latent_dbscan_path(two_blobs(), 10)
  expect_snapshot(print(path))
  p <- plot(path)
  expect_s3_class(p, "ggplot")
  expect_silent(ggplot2::ggplotGrob(p))
  few <- latent_dbscan_path(matrix(1:6, 3), 4)
  expect_equal(nrow(few$steps), 0)
  expect_equal(predict(few, 100)$noise, 3)
  expect_snapshot(print(few))
  expect_snapshot(error = TRUE, {
    plot(few)
    predict(path, -1)
    latent_dbscan_path(two_blobs(), 0)
  })
})
