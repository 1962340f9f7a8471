test_that("the same seed draws the same sheep and leaves R's random numbers alone", {
  withr::local_seed(1)
  before <- .Random.seed
  x <- simulate_sheep(50, anomalies = 3, seed = 42)
  expect_identical(.Random.seed, before)
  expect_identical(simulate_sheep(50, anomalies = 3, seed = 42), x)
  expect_false(identical(simulate_sheep(50, anomalies = 3, seed = 43), x))
  expect_identical(simulate_sheep(10, seed = 42), simulate_sheep(20, seed = 42)[1:10])
})

test_that("without a seed, set.seed() counts", {
  set.seed(7)
  x <- simulate_sheep(5)
  y <- simulate_sheep(5)
  set.seed(7)
  expect_identical(simulate_sheep(5), x)
  expect_false(identical(x, y))
})

test_that("labels say what is drawn, and there are as many cars as were asked for", {
  x <- simulate_sheep(2000, anomalies = 13, seed = 1)
  counts <- table(labels(x))
  expect_setequal(names(counts), sheep_kinds)
  expect_equal(counts[["car"]], 13)
  expect_gt(min(counts[1:2]), 10)
  expect_equal(sum(labels(simulate_sheep(1000, anomalies = 0.02, seed = 1)) == "car"), 20)
  expect_true(all(labels(simulate_sheep(3, anomalies = 3, seed = 1)) == "car"))
  expect_length(simulate_sheep(0), 0)
})

test_that("the bitmaps look like those of Quick, Draw!: ink, margins and centre", {
  a <- as.array(simulate_sheep(300, anomalies = 5, seed = 3))
  # 1,000 real sheep: mean ink 0.178, 5% of the pixels black, 29% not white.
  expect_gt(mean(a), 0.13)
  expect_lt(mean(a), 0.22)
  expect_gt(mean(a > 0), 0.2)
  expect_lt(mean(a > 0), 0.35)
  expect_equal(max(a[, 1, ], a[, 28, ], a[, , 1], a[, , 28]), 0)
  for (i in 1:20) {
    rows <- range(which(rowSums(a[i, , ]) > 0))
    columns <- range(which(colSums(a[i, , ]) > 0))
    expect_lte(abs(sum(rows) - 29), 2)
    expect_lte(abs(sum(columns) - 29), 2)
    expect_gte(max(diff(rows), diff(columns)), 23)
  }
})

test_that("legs, heads and wool stand where the labels say", {
  x <- simulate_sheep(1000, anomalies = 20, seed = 5)
  a <- as.array(x)
  kind <- labels(x)
  ink <- apply(a, 1, sum)
  expect_gt(mean(ink[kind == "black sheep"]), 1.5 * mean(ink[kind != "black sheep"]))
  # Upright: below the belly, sheep with legs have paper between the legs.
  low <- a[, 20:24, ]
  legs <- grepl(", legs", kind)
  expect_gt(mean(low[legs, , ]), mean(low[grepl("no legs", kind), , ]))
  # A small head is narrower than a body: the outermost columns on its side hold less ink.
  left <- apply(a[, , 3:6], 1, sum) - apply(a[, , 23:26], 1, sum)
  expect_lt(mean(abs(left[kind == "car"])), 15)
  expect_gt(abs(mean(left[grepl("left", kind)]) - mean(left[grepl("right", kind)])), 2)
})

test_that("a thousand sheep take about a second", {
  skip_on_cran()
  expect_lt(system.time(simulate_sheep(1000, seed = 1))[["elapsed"]], 2)
})

test_that("counts and seeds outside their ranges are refused", {
  expect_snapshot(error = TRUE, {
    simulate_sheep(-1)
    simulate_sheep("ten")
    simulate_sheep(10, anomalies = 11)
    simulate_sheep(10, anomalies = 1.5)
    simulate_sheep(10, seed = -1)
    simulate_sheep(10, seed = 0.5)
  })
})
