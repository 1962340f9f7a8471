test_that("the sum of squares is within 1 % of the best of stats::kmeans over ten seeds", {
  for (number in 1:4) {
    withr::local_seed(number)
    z <- rbind(matrix(stats::rnorm(4000), ncol = 2), two_blobs(400))
    for (k in c(2, 8, 30)) {
      best <- min(vapply(1:10, function(seed) {
        set.seed(seed)
        suppressWarnings(stats::kmeans(z, k, iter.max = 50)$tot.withinss)
      }, double(1)))
      expect_lt(latent_kmeans(z, k, seed = number)$tot.withinss, 1.01 * best)
    }
  }
})

test_that("the object has what stats::kmeans has, and adds up", {
  z <- two_blobs()
  fit <- latent_kmeans(z, 5, seed = 1)
  expect_s3_class(fit, c("latent_kmeans", "kmeans"), exact = TRUE)
  expect_equal(tabulate(fit$cluster), fit$size)
  expect_false(is.unsorted(-fit$size))
  for (i in 1:5) {
    own <- z[fit$cluster == i, ]
    expect_equal(unname(fit$centers[i, ]), colMeans(own))
    expect_equal(fit$withinss[[i]], sum(scale(own, scale = FALSE)^2))
  }
  expect_equal(fit$totss, fit$tot.withinss + fit$betweenss)
  expect_equal(stats::fitted(fit, "classes"), fit$cluster, ignore_attr = TRUE)
  expect_snapshot(print(fit))
})

test_that("a seed gives the same fit at any number of threads; set.seed() counts without one", {
  z <- two_blobs()
  withr::local_seed(1)
  before <- .Random.seed
  a <- latent_kmeans(z, 7, seed = 5, threads = 1)
  expect_identical(.Random.seed, before)
  expect_identical(latent_kmeans(z, 7, seed = 5, threads = 3), a)
  set.seed(2)
  b <- latent_kmeans(z, 7)
  set.seed(2)
  expect_identical(latent_kmeans(z, 7), b)
})

test_that("predict gives the nearest centre", {
  z <- two_blobs()
  fit <- latent_kmeans(z, 5, seed = 1)
  expect_identical(predict(fit, z), fit$cluster)
  expect_length(predict(fit, z[0, ]), 0)
  expect_identical(predict(fit), fit$cluster)
  wide <- two_blobs(d = 20)
  fit <- latent_kmeans(wide, 3, seed = 1, keep = TRUE)
  expect_identical(predict(fit, wide), fit$cluster)
  best <- stats::kmeans(wide, 3, nstart = 10)$tot.withinss
  expect_lt(fit$tot.withinss, 1.01 * best)
  expect_s3_class(plot(fit), "ggplot")
})

test_that("plot is a ggplot of every point", {
  z <- two_blobs()
  p <- plot(latent_kmeans(z, 30, seed = 1), z)
  expect_equal(nrow(ggplot2::layer_data(p, 1)), nrow(z))
  expect_silent(ggplot2::ggplotGrob(p))
})

test_that("what cannot be cut into k is said in the user's words", {
  z <- two_blobs()
  expect_snapshot(error = TRUE, {
    latent_kmeans(z, 0)
    latent_kmeans(z, 441)
    latent_kmeans(matrix(1, 5, 2), 2)
    plot(latent_kmeans(z, 2))
    predict(latent_kmeans(z, 2), z[, 1, drop = FALSE])
  })
})
