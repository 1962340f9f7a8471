test_that("labels are identical to the dbscan package's on 500 sets, at 1, 2 and 7 threads", {
  skip_if_not_installed("dbscan")
  for (number in seq_len(500)) {
    set <- edge_set(number)
    expected <- dbscan::dbscan(set$z, set$eps, set$minPts)$cluster
    for (threads in c(1, 2, 7)) {
      got <- latent_dbscan(set$z, set$eps, set$minPts, threads = threads)$cluster
      if (!identical(got, expected)) fail(paste("set", number, "with", threads, "threads"))
    }
  }
  succeed()
})

test_that("so are those of sets that several threads share: lattices, duplicates, clumps, lines", {
  skip_if_not_installed("dbscan")
  n <- 30000 # a thread is started for every 4,096 points
  withr::local_seed(5)
  sets <- list(
    lattice = list(0.1 * matrix(sample(0:150, 2 * n, TRUE), n), 0.2, 12),
    duplicates = list(matrix(rnorm(2 * n / 10), ncol = 2)[rep(seq_len(n / 10), 10), ], 0.05, 30),
    clumps = list(matrix(rnorm(3 * n, sample(-4:4, 3 * n, TRUE), 0.2), n), 0.15, 15),
    line = list(matrix(sort(runif(n, 0, 100))), 0.01, 4),
    outliers = list(matrix(rnorm(4 * n) * ifelse(runif(4 * n) < 0.001, 1e6, 1), n), 0.4, 20)
  )
  for (set in sets) {
    expected <- dbscan::dbscan(set[[1]], set[[2]], set[[3]])$cluster
    for (threads in c(1, 2, 7)) {
      expect_identical(latent_dbscan(set[[1]], set[[2]], set[[3]], threads = threads)$cluster, expected)
    }
  }
})

test_that("weights are the dbscan package's", {
  skip_if_not_installed("dbscan")
  for (number in seq_len(60)) {
    set <- edge_set(number)
    weights <- (seq_len(nrow(set$z)) * 7 + number) %% 4
    expect_identical(
      latent_dbscan(set$z, set$eps, set$minPts, weights = weights)$cluster,
      dbscan::dbscan(set$z, set$eps, set$minPts, weights = weights)$cluster
    )
  }
})

test_that("weights that are no whole numbers are added up as the dbscan package does", {
  skip_if_not_installed("dbscan")
  for (number in seq_len(150)) {
    set <- edge_set(number)
    n <- nrow(set$z)
    minPts <- min(set$minPts, 8)
    withr::local_seed(number)
    # Sums that are minPts but for rounding: the order of the additions decides.
    for (weights in list(sample(c(0.1, 0.2, 0.3, 0.7), n, TRUE), rep(0.1, n), stats::runif(n))) {
      expect_identical(
        latent_dbscan(set$z, set$eps, minPts, weights = weights)$cluster,
        dbscan::dbscan(set$z, set$eps, minPts, weights = weights)$cluster
      )
    }
  }
})

test_that("labels are the dbscan package's in 9 to 40 dimensions", {
  skip_if_not_installed("dbscan")
  for (number in seq_len(90)) {
    withr::local_seed(number)
    d <- sample(9:40, 1)
    n <- sample(c(5, 50, 800), 1)
    z <- switch(number %% 5 + 1,
      matrix(stats::rnorm(n * d), n),
      matrix(stats::rnorm(n * d, sample(-2:2, n, TRUE), 0.1), n),
      0.1 * matrix(sample(0:3, n * d, TRUE), n),
      matrix(stats::rnorm(2 * n), n) %*% matrix(stats::rnorm(2 * d), 2),
      matrix(stats::rnorm(5 * d), 5)[sample(5, n, TRUE), ]
    )
    eps <- stats::quantile(stats::dist(utils::head(z, 100)), stats::runif(1, 0.01, 0.3))
    if (number %% 5 == 2) eps <- 0.1 * sqrt(sample(d, 1))
    minPts <- sample(2:15, 1)
    expect_identical(
      latent_dbscan(z, eps, minPts, threads = 1 + number %% 3)$cluster,
      dbscan::dbscan(z, eps, minPts)$cluster
    )
  }
})

test_that("points that are kept need not be given again", {
  z <- two_blobs()
  found <- latent_dbscan(z, 0.3, 10)
  kept <- latent_dbscan(z, 0.3, 10, keep = TRUE)
  expect_identical(kept$z, z)
  expect_identical(predict(kept, z[1:50, ]), predict(found, z[1:50, ], z))
  expect_s3_class(plot(kept), "ggplot")
  expect_identical(cut(latent_dbscan_path(z, 10), 0.3), kept)
  expect_error(predict(found, z), "keep = TRUE")
  expect_error(plot(found), "keep = TRUE")
})

test_that("coordinates too large for squares are refused by name, everywhere", {
  z <- two_blobs(40)
  far <- replace(z, 46, -1e200)
  known <- latent_dbscan(z, 0.3, 3, keep = TRUE)
  calls <- list(
    function(x) latent_dbscan(x, 1, 5), function(x) latent_hdbscan(x, 5), function(x) latent_kmeans(x, 2),
    function(x) latent_elbow(x, 2), function(x) latent_knn_dist(x, 2), function(x) latent_outliers(x),
    function(x) latent_dbscan_path(x, 5), function(x) latent_dbscan_search(x, 2), function(x) predict(known, x),
    function(x) latent_interpolate(x), function(x) predict(latent_kmeans(z, 2, seed = 1), x),
    function(x) predict(latent_hdbscan(z, 3, keep = TRUE), x)
  )
  for (call in calls) {
    expect_error(suppressMessages(call(far)), "row 2 holds -1e.?200")
    # Up to the limit, and down to where squares underflow, they end.
    for (scale in c(1e99 / max(abs(z)), 1e-200, 1e-320)) {
      ended <- tryCatch(suppressMessages(call(z * scale)), error = function(e) conditionMessage(e))
      if (is.character(ended)) expect_match(ended, "different points")
    }
  }
  expect_identical(latent_dbscan(z, 1e300, 5)$cluster, rep(1L, nrow(z)))
  expect_identical(max(latent_dbscan(z, 1e-300, 2)$cluster), 0L)
})

test_that("126,121 points get the dbscan package's labels wherever it finishes", {
  skip_if_not_installed("dbscan")
  z <- latent_126k()
  for (pair in list(c(0.005, 5), c(0.02, 50), c(0.0427, 377), c(0.1, 100))) {
    expected <- dbscan::dbscan(z, pair[[1]], pair[[2]])$cluster
    for (threads in c(1, 2, 7)) {
      expect_identical(latent_dbscan(z, pair[[1]], pair[[2]], threads = threads)$cluster, expected)
    }
  }
  expect_equal(max(latent_dbscan(z, 0.5, 300)$cluster), 1)
})

test_that("the object counts core, border and noise points, and is the dbscan package's too", {
  z <- two_blobs()
  found <- latent_dbscan(z, 0.3, 10)
  expect_s3_class(found, c("latent_dbscan", "dbscan_fast", "dbscan"), exact = TRUE)
  near <- rowSums(as.matrix(stats::dist(z)) <= 0.3)
  expect_identical(found$core, unname(near >= 10))
  expect_equal(max(found$cluster), 2)
  expect_snapshot(print(found))
  expect_snapshot(print(latent_dbscan(matrix(0, 0, 2), 1, 5)))
})

test_that("predict takes the nearest point that is not noise, as the dbscan package does", {
  skip_if_not_installed("dbscan")
  for (number in 1:40) {
    set <- edge_set(number)
    found <- latent_dbscan(set$z, set$eps, set$minPts)
    # Off the lattice, so that nothing is equally near; the package's own bug with a single row
    # or a single column that is not noise is stepped around.
    rows <- sample(nrow(set$z), 50, replace = TRUE)
    fresh <- set$z[rows, , drop = FALSE] + stats::rnorm(50, 0, 0.01)
    if (sum(found$cluster > 0) < 2 || ncol(set$z) < 2 || anyDuplicated(set$z)) next
    reference <- dbscan::dbscan(set$z, set$eps, set$minPts)
    expect_identical(predict(found, fresh, set$z), predict(reference, fresh, set$z))
  }
  expect_identical(predict(found), found$cluster)
})

test_that("data frames, integers and no points at all are fine", {
  z <- two_blobs()
  expect_identical(latent_dbscan(as.data.frame(z), 0.3, 10), latent_dbscan(z, 0.3, 10))
  whole <- matrix(c(0L, 0L, 1L, 5L), 2)
  expect_identical(latent_dbscan(whole, 6, 2)$cluster, c(1L, 1L))
  expect_identical(latent_dbscan(matrix(0, 0, 2), 1, 5)$cluster, integer())
})

test_that("it works in a forked child", {
  skip_on_os("windows")
  z <- two_blobs()
  expected <- latent_dbscan(z, 0.3, 10, threads = 2)
  got <- parallel::mclapply(1:2, function(i) latent_dbscan(z, 0.3, 10, threads = 2), mc.cores = 2)
  expect_identical(got, list(expected, expected))
})

test_that("plot is a ggplot with a colour for each cluster and grey for noise", {
  z <- two_blobs()
  found <- latent_dbscan(z, 0.3, 10)
  p <- plot(found, z)
  expect_s3_class(p, "ggplot")
  drawn <- ggplot2::layer_data(p, 1)
  expect_equal(sum(drawn$colour == noise_colour), sum(found$cluster == 0))
  expect_length(unique(drawn$colour), 3)
  expect_setequal(ggplot2::layer_data(p, 2)$label, 1:2)
  line <- z[, 1, drop = FALSE]
  expect_silent(ggplot2::ggplotGrob(plot(latent_dbscan(line, 0.1, 5), line)))
})

test_that("what cannot be clustered is said in the user's words", {
  z <- two_blobs()
  expect_snapshot(error = TRUE, {
    latent_dbscan("a", 1, 5)
    latent_dbscan(rbind(z, c(1, NA)), 1, 5)
    latent_dbscan(matrix(0, 3, 0), 1, 5)
    latent_dbscan(z, -1, 5)
    latent_dbscan(z, Inf, 5)
    latent_dbscan(z, 1, 2.5)
    latent_dbscan(z, 1, 0)
    latent_dbscan(z, 1, 5, threads = 0)
    latent_dbscan(z, 1, 5, weights = 1:3)
    plot(latent_dbscan(z, 1, 5))
    predict(latent_dbscan(z, 1, 5), z, z[1:3, ])
    predict(latent_dbscan(z, 1, 5), z[, 1, drop = FALSE], z)
  })
})
