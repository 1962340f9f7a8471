test_that("far points are marked, the cloud is not, and the share is said", {
  withr::local_seed(1)
  z <- rbind(matrix(stats::rnorm(4000), ncol = 2), c(40, 0), c(0, -15))
  expect_message(out <- latent_outliers(z), "2 of 2,002 points \\(0.1 %\\)")
  expect_identical(which(out), 2001:2002)
})

test_that("scale and place of a dimension have no say", {
  withr::local_seed(1)
  z <- rbind(matrix(stats::rnorm(4000), ncol = 2), c(40, 0))
  moved <- cbind(z[, 1] * 1000 - 5, z[, 2] / 50 + 3)
  expect_identical(
    suppressMessages(latent_outliers(moved)), suppressMessages(latent_outliers(z))
  )
})

test_that("nothing lies far out where nothing varies, in one point and in none", {
  for (z in list(matrix(1, 50, 2), matrix(3, 1, 2), matrix(0, 0, 2))) {
    expect_identical(suppressMessages(latent_outliers(z)), rep(FALSE, nrow(z)))
  }
})

test_that("a constant dimension is left out, one that is mostly constant is not", {
  withr::local_seed(2)
  z <- cbind(stats::rnorm(500), 7, c(rep(0, 450), stats::rnorm(50)))
  z[1, 1] <- 60
  expect_true(suppressMessages(latent_outliers(z))[[1]])
})

test_that("a cut-off of nothing is an error", {
  expect_snapshot(error = TRUE, latent_outliers(matrix(1, 3, 2), cutoff = 0))
})
