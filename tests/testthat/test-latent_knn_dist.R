test_that("distances are the dbscan package's", {
  skip_if_not_installed("dbscan")
  for (number in 1:30) {
    z <- edge_set(number)$z
    if (nrow(z) < 5) next
    for (k in c(1, 4)) {
      expect_equal(as.vector(unclass(latent_knn_dist(z, k))), unname(dbscan::kNNdist(z, k)))
    }
  }
})

test_that("print and plot show the curve", {
  found <- latent_knn_dist(two_blobs(), 9)
  expect_snapshot(print(found))
  drawn <- ggplot2::layer_data(plot(found), 1)
  expect_equal(range(drawn$y), range(found))
  expect_false(is.unsorted(drawn$y))
})

test_that("a k that no point has is an error", {
  expect_snapshot(error = TRUE, {
    latent_knn_dist(matrix(0, 5, 2), 5)
    latent_knn_dist(matrix(0, 1, 2), 1)
  })
})
