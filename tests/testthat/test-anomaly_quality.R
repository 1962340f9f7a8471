# All pairs, and all orders of the drawings with equal scores.
auroc_twin <- function(scores, odd) {
  pairs <- expand.grid(odd = scores[odd], ordinary = scores[!odd])
  mean((pairs$odd > pairs$ordinary) + (pairs$odd == pairs$ordinary) / 2)
}
orders <- function(n) {
  if (n == 1) return(matrix(1L))
  smaller <- orders(n - 1)
  do.call(rbind, lapply(1:n, function(i) cbind(i, matrix((1:n)[-i][smaller], ncol = n - 1))))
}
found_twin <- function(scores, odd, k) {
  all <- orders(length(scores))
  sorted <- all[apply(all, 1, function(o) !is.unsorted(-scores[o])), , drop = FALSE]
  mean(apply(sorted, 1, function(o) sum(odd[o[1:k]])))
}

test_that("AUROC, precision and recall are those of all pairs and all orders, with ties", {
  for (seed in 1:20) {
    withr::local_seed(seed)
    n <- 7
    odd <- sample(rep(c(TRUE, FALSE), c(3, 4)))
    scores <- if (seed == 1) rep(2, n) else if (seed == 2) runif(n) else sample(1:3, n, TRUE)
    got <- anomaly_quality(scores, odd, k = 1:7)
    expect_equal(got$auroc, auroc_twin(scores, odd))
    found <- vapply(1:7, function(k) found_twin(scores, odd, k), 0)
    expect_equal(got$at$precision, found / 1:7)
    expect_equal(got$at$recall, found / 3)
  }
  withr::local_seed(1)
  scores <- sample(200, 3000, TRUE)
  odd <- runif(3000) < scores / 400
  expect_equal(anomaly_quality(scores, odd)$auroc, auroc_twin(scores, odd))
})

test_that("k is as many as there are odd ones, unless given", {
  got <- anomaly_quality(c(5, 4, 3, 2, 1), c(TRUE, FALSE, TRUE, FALSE, FALSE))
  expect_identical(got$at, data.frame(k = 2L, precision = 0.5, recall = 0.5))
  expect_identical(got[c("n", "odd")], list(n = 5L, odd = 2L))
})

test_that("cars and black sheep stand out to a model of white sheep", {
  x <- simulate_sheep(1500, anomalies = 40, seed = 12)
  scores <- mse_anomalies(pretrained_sheep(), x)
  car <- labels(x) == "car"
  black <- labels(x) == "black sheep"
  expect_gt(anomaly_quality(scores, car)$auroc, 0.99)
  expect_gt(anomaly_quality(scores$mse[!car], black[!car])$auroc, 0.9)
  expect_gt(mean(car[scores$anomalies] | black[scores$anomalies]), 0.8)
})

test_that("the result is printed, and what does not fit is refused", {
  odd <- rep(c(TRUE, FALSE), c(20, 1180))
  expect_snapshot({
    anomaly_quality(c(1200:1190, 1:1189), odd, k = c(5, 20, 1200))
  })
  expect_snapshot(error = TRUE, {
    anomaly_quality("high", odd)
    anomaly_quality(c(1, NA), c(TRUE, FALSE))
    anomaly_quality(1:3, c(TRUE, FALSE))
    anomaly_quality(1:3, c(TRUE, TRUE, TRUE))
    anomaly_quality(1:3, c(1, 0, 0))
    anomaly_quality(1:3, c(TRUE, FALSE, FALSE), k = 4)
  })
})
