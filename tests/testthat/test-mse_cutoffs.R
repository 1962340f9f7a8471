test_that("the tail is the generalized Pareto distribution of highest likelihood", {
  # Against a search for both parameters at once.
  likelihood <- function(y, shape, scale) {
    inside <- 1 + shape * y / scale
    if (scale <= 0 || any(inside <= 0)) -1e10 else -length(y) * log(scale) - (1 / shape + 1) * sum(log(inside))
  }
  for (shape in c(-0.3, 0.01, 0.2, 0.6)) {
    withr::local_seed(1)
    y <- 3 * (runif(500)^-shape - 1) / shape
    found <- fit_pareto(y)
    twin <- c(.1, log(mean(y)))
    for (again in 1:3) {
      twin <- optim(twin, function(p) -likelihood(y, p[[1]], exp(p[[2]])), control = list(reltol = 1e-15, maxit = 5000))$par
    }
    expect_equal(found[["shape"]], twin[[1]], tolerance = 1e-5)
    expect_equal(found[["scale"]], exp(twin[[2]]), tolerance = 1e-5)
  }
  # scipy.stats.genpareto.fit(y, 0.1, floc = 0, scale = 3) of the third set.
  withr::local_seed(1)
  for (shape in c(-0.3, 0)) runif(500)
  y <- 3 * (runif(500)^-0.2 - 1) / 0.2
  expect_equal(fit_pareto(y), c(shape = 0.17744618, scale = 3.32027206), tolerance = 1e-4)
})

test_that("shapes stay within their bounds, and the exponential distribution is one of them", {
  expect_equal(fit_pareto(rep(1, 12))[["shape"]], -0.5, tolerance = 1e-4)
  expect_equal(fit_pareto(ppoints(50))[["shape"]], -0.5, tolerance = 1e-4)
  expect_equal(fit_pareto(exp(exp(qnorm(ppoints(200)))))[["shape"]], 1, tolerance = 1e-4)
  y <- qexp(ppoints(2000)) * 7
  tail <- fit_pareto(y)
  expect_equal(tail[["shape"]], 0, tolerance = 0.02)
  expect_equal(tail[["scale"]], 7, tolerance = 0.02)
  for (shape in c(-0.4, -1e-9, 0, 1e-9, 0.3)) {
    tail <- c(shape = shape, scale = 2)
    q <- pareto_quantile(c(.1, .9, .999), tail)
    survival <- if (abs(shape) < 1e-7) exp(-q / 2) else (1 + shape * q / 2)^(-1 / shape)
    expect_equal(survival, c(.9, .1, .001))
  }
})

test_that("ordinary scores exceed the tail's cut-off about as often as was asked for", {
  withr::local_seed(3)
  scores <- rgamma(20000, 4)
  for (p in c(1e-2, 1e-3)) {
    cutoff <- cutoff_tail(p)(scores)
    expect_equal(pgamma(cutoff, 4, lower.tail = FALSE), p, tolerance = 0.3, ignore_attr = TRUE)
  }
  expect_gt(cutoff_tail(1e-6)(scores), max(scores))
})

test_that("each rule says in words what it did", {
  scores <- c(1:99, 1000) + 0
  expect_equal(cutoff_mad(3)(scores), structure(50.5 + 3 * mad(scores), rule = "median + 3 MAD"))
  expect_equal(cutoff_percentile(97.5)(scores), structure(quantile(scores, .975, names = FALSE), rule = "percentile 97.5"))
  expect_snapshot(cat(attr(cutoff_tail(0.01, threshold = 50)(scores), "rule")))
})

test_that("what cannot be a rule, and too short a tail, are refused", {
  expect_snapshot(error = TRUE, {
    cutoff_mad(0)
    cutoff_percentile(100)
    cutoff_tail(p = 0.2)
    cutoff_tail(threshold = 0)
    cutoff_tail()(1:50)
    cutoff_tail()(rep(1, 500))
  })
})
