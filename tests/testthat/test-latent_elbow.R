test_that("each k has the sum of squares of latent_kmeans", {
  z <- two_blobs()
  elbow <- latent_elbow(z, k = c(1, 2, 5, 9), restarts = 4, seed = 3)
  for (i in seq_len(nrow(elbow))) {
    one <- latent_kmeans(z, elbow$k[[i]], restarts = 4, seed = 3)
    expect_equal(elbow$withinss[[i]], one$tot.withinss)
  }
  expect_equal(elbow$withinss[[1]], sum(scale(z, scale = FALSE)^2))
})

test_that("plot is a ggplot of the curve, errors are the user's", {
  elbow <- latent_elbow(two_blobs(), k = 1:5, seed = 1)
  expect_equal(ggplot2::layer_data(plot(elbow), 1)$y, elbow$withinss)
  expect_snapshot(error = TRUE, {
    latent_elbow(two_blobs(), k = 0:5)
    latent_elbow(two_blobs(), k = integer())
  })
})

test_that("without k there are as many as there are different points, 100 at most", {
  z <- matrix(c(1, 2, 4, 4, 1, 2, 4, 4), 4)
  expect_identical(latent_elbow(z, seed = 1)$k, 1:3)
  expect_identical(latent_elbow(matrix(1:110 / 7, 110), restarts = 1, seed = 1)$k, 1:100)
})
