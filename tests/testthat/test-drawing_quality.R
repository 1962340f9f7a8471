real <- simulate_sheep(300, seed = 1)

# The measures by their formulas, slowly.
by_formulas <- function(new, real, k) {
  root <- function(c) {
    e <- eigen(c, symmetric = TRUE)
    e$vectors %*% (sqrt(pmax(e$values, 0)) * t(e$vectors))
  }
  half <- root(stats::cov(new))
  cross <- sum(sqrt(pmax(eigen(half %*% stats::cov(real) %*% half, symmetric = TRUE)$values, 0)))
  frechet <- sum((colMeans(new) - colMeans(real))^2) + sum(diag(stats::cov(new))) + sum(diag(stats::cov(real))) - 2 * cross
  kernel <- function(a, b) (a %*% t(b) / ncol(a) + 1)^3
  own <- function(a) (sum(kernel(a, a)) - sum(diag(kernel(a, a)))) / nrow(a) / (nrow(a) - 1)
  distances <- function(a, b) sqrt(pmax(outer(rowSums(a^2), rowSums(b^2), "+") - 2 * a %*% t(b), 0))
  radius <- function(a) apply(distances(a, a), 1, function(row) sort(row)[[k + 1]])
  inside <- distances(new, real) <= rep(radius(real), each = nrow(new))
  c(frechet = frechet, kernel = own(new) + own(real) - 2 * mean(kernel(new, real)), precision = mean(rowSums(inside) > 0),
    recall = mean(colSums(distances(new, real) <= radius(new)) > 0), coverage = mean(colSums(inside) > 0))
}

test_that("the measures are those of their formulas", {
  new <- vae_generate(pretrained_sheep(), 150, seed = 1)
  quality <- drawing_quality(new, real, k = 4)
  network <- feature_network()
  expect_equal(unlist(quality$measures["new", ]), by_formulas(vae_encode(network, new), vae_encode(network, real), 4),
    tolerance = 1e-8)
  expect_equal(quality$looks$grey, c(mean(new$pixels > 51 & new$pixels < 204), mean(real$pixels > 51 & real$pixels < 204)))
  expect_equal(quality$looks$ink, c(mean(as.array(new)), mean(as.array(real))))
  expect_identical(drawing_quality(new, real, k = 4, threads = 2), quality)
})

test_that("grey smudges are far from sheep, sheep of another seed are near", {
  smudges <- drawing_quality(vae_generate(pretrained_sheep(), 300, seed = 1), real)
  sheep <- drawing_quality(simulate_sheep(300, seed = 2), real)
  expect_lt(sheep$measures["new", "frechet"], smudges$measures["new", "frechet"] / 4)
  expect_gt(sheep$measures["new", "recall"], 0.8)
  expect_lt(smudges$measures["new", "recall"], 0.3)
  expect_gt(smudges$looks["new", "grey"], 2 * smudges$looks["real", "grey"])
})

# Five degrees of four kinds of damage, from none to much.
damaged <- function(x, kind, degree, seed) {
  a <- as.array(x)
  n <- dim(a)[[1]]
  with_seed(seed, switch(kind,
    noise = a[] <- pmin(pmax(a + stats::rnorm(length(a), sd = 0.06 * degree), 0), 1),
    blur = for (i in seq_len(degree)) {
      shifted <- function(rows, columns) a[, pmin(pmax(1:28 + rows, 1), 28), pmin(pmax(1:28 + columns, 1), 28)]
      a <- (2 * a + shifted(1, 0) + shifted(-1, 0) + shifted(0, 1) + shifted(0, -1)) / 6
    },
    holes = for (i in seq_len(n)) for (hole in seq_len(degree)) {
      at <- sample.int(22, 2)
      a[i, at[[1]] + 0:5, at[[2]] + 0:5] <- 0
    },
    one = a[seq_len(n * degree / 6), , ] <- rep(a[1, , ], each = floor(n * degree / 6))
  ))
  as_drawings(a)
}

test_that("graded damage is ranked rightly", {
  seeds <- if (identical(Sys.getenv("SKETCHVAE_LONG"), "true")) 1:20 else 1
  for (seed in seeds) {
    new <- simulate_sheep(300, seed = 100 + seed)
    for (kind in c("noise", "blur", "holes", "one")) {
      frechet <- vapply(0:4, function(degree) {
        drawing_quality(if (degree == 0) new else damaged(new, kind, degree, seed), real)$measures["new", "frechet"]
      }, 0)
      expect_true(all(diff(frechet) > 0), label = paste(kind, toString(round(frechet, 2)), "rising"))
    }
  }
})

test_that("copies are named, one in a hundred too, and new sheep are none", {
  train <- simulate_sheep(500, seed = 3)
  new <- simulate_sheep(200, seed = 4)
  none <- drawing_quality(new, real, train)
  expect_false(any(none$nearest$copy))
  new[c(17, 150)] <- train[c(400, 2)]
  found <- drawing_quality(new, real, train)
  expect_identical(which(found$nearest$copy), c(17L, 150L))
  expect_equal(found$nearest$train[c(17, 150)], c(400, 2))
  expect_equal(found$nearest$distance[[17]], 0)
  expect_output(print(found), "Copies of training drawings: 2 (17, 150)", fixed = TRUE)
  expect_output(print(none), "Copies of training drawings: none")
  # Nearly a copy: some greys off.
  near <- as.array(train[8]) * 0.97
  new[3] <- as_drawings(near)
  expect_true(drawing_quality(new, real, train)$nearest$copy[[3]])
})

test_that("too few drawings and other sizes are errors that say so", {
  expect_error(drawing_quality(real[1:3], real), "`new` holds 3 drawings; with `k = 3` at least 4 are needed")
  expect_error(drawing_quality(real, real[1]), "`real` holds 1 drawing;")
  expect_error(drawing_quality(as_drawings(array(0, c(9, 16, 16))), real), "`new` must be drawings of 28 x 28, not of 16 x 16")
  expect_error(drawing_quality(real, real, real[0]), "`train` holds no drawings")
  few <- drawing_quality(real[1:6], real[1:5])
  expect_true(is.na(few$measures["halves", "frechet"]))
  expect_output(print(few), "With few drawings \\(5\\) both distances are too high")
})
