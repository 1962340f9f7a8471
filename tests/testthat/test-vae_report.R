test_that("the report is one page with every section and picture inside it", {
  x <- simulate_sheep(150, anomalies = 3, seed = 1)
  file <- withr::local_tempfile(fileext = ".html")
  expect_identical(expect_invisible(vae_report(pretrained_sheep(), x, file)), file)
  text <- paste(readLines(file, encoding = "UTF-8"), collapse = "\n")
  for (heading in c("Drawings", "Model", "Training", "Latent space", "Clusters", "The odd ones",
    "New drawings", "Walks through latent space", "Made with")) {
    expect_match(text, paste0("<h2>", heading, "</h2>"), fixed = TRUE)
  }
  sources <- regmatches(text, gregexpr("(src|href)=\"[^\"]{1,22}", text))[[1]]
  expect_true(all(grepl("^src=\"data:image/png;base64,|^href=\"#", sources)))
  expect_gte(sum(grepl("^src", sources)), 10)
  expect_match(text, "vae_report(pretrained_sheep(), x, file)", fixed = TRUE)
  expect_match(text, "150 drawings", fixed = TRUE)
  expect_identical(list.files(dirname(file), basename(file)), basename(file))
})

test_that("labels and titles are text, never markup", {
  x <- simulate_sheep(60, seed = 1)
  x$labels <- rep(c("<script>alert(1)</script>", "a & \"b\" 'c'"), 30)
  file <- withr::local_tempfile(fileext = ".html")
  vae_report(pretrained_sheep(), x, file, title = "<img src=x onerror=alert(2)>",
    clusters = rep(1:2, 30))
  text <- paste(readLines(file, encoding = "UTF-8"), collapse = "\n")
  expect_no_match(text, "<script", fixed = TRUE)
  expect_no_match(text, "<img src=x", fixed = TRUE)
  expect_match(text, "&lt;script&gt;alert(1)&lt;/script&gt;", fixed = TRUE)
  expect_match(text, "a &amp; &quot;b&quot; &#39;c&#39;", fixed = TRUE)
})

test_that("a report of few drawings, of any number of dimensions, is written all the same", {
  file <- withr::local_tempfile(fileext = ".html")
  x <- simulate_sheep(8, seed = 1)
  for (d in c(1, 3)) {
    model <- vae_model(
      encoder = list(flatten(), dense(4)), latent_dim = d, decoder = list(dense(784, "sigmoid"))
    )
    fit <- vae_fit(x, model, epochs = 1, seed = 1, threads = 1)
    vae_report(fit, x, file)
    expect_match(paste(readLines(file), collapse = ""), "Too few different drawings", fixed = TRUE)
  }
})

test_that("maps of a report leave a far point outside, say so, and have the shape of what they show", {
  withr::local_seed(1)
  z <- matrix(rnorm(600), ncol = 2)
  far <- rbind(z, c(-80, 29))
  expect_equal(map_height(far, FALSE), map_height(z, FALSE))
  # 80 wide and 29 high is a low map, and no square with bands of white.
  expect_lt(map_height(far, TRUE), map_height(z, FALSE) - 2)
  drawn <- list()
  local_figure <- function(plot, width, height, alt) {
    drawn <<- c(drawn, list(list(plot = plot, width = width, height = height)))
    ""
  }
  section <- report_latent
  environment(section) <- rlang::env(environment(section), figure = local_figure)
  section(pretrained_sheep(), far, few_sheep(301), FALSE)
  expect_identical(drawn[[1]]$plot$labels$caption, "1 point lies outside this map; vae_report(outliers = TRUE) shows all")
  section(pretrained_sheep(), far, few_sheep(301), TRUE)
  expect_null(drawn[[2]]$plot$labels$caption)
  # One dimension is a histogram, with the same rule.
  section(pretrained_sheep(), far[, 1, drop = FALSE], few_sheep(301), FALSE)
  expect_match(drawn[[3]]$plot$labels$caption, "^1 point lies outside this map")
  expect_gt(min(drawn[[3]]$plot$data$z), -10)
  drawn[[3]] <- NULL
  # What is left above and below the panel is room for words.
  for (one in drawn) {
    limits <- map_limits(far, one$height < 5)
    legend <- 2.6
    panel <- (one$width - legend) * diff(limits[, 2]) / diff(limits[, 1])
    expect_lt(abs(one$height - panel), 2.5)
  }
})

test_that("it says what it does when asked to", {
  x <- few_sheep(20)
  file <- withr::local_tempfile(fileext = ".html")
  fit <- quick_fit(x)
  said <- cli::cli_fmt(vae_report(fit, x, file, verbose = TRUE))
  for (what in c("Encoding 20 drawings", "Looking for clusters", "how well each drawing is redrawn", "pictures")) {
    expect_match(paste(said, collapse = "\n"), what)
  }
  expect_silent(vae_report(fit, x, file, verbose = FALSE))
})

test_that("drawings of other sizes, and decoders that end in anything, have reports, explorers and pictures", {
  file <- withr::local_tempfile(fileext = ".html")
  for (given in list(list("sigmoid", c(16, 16)), list("linear", c(32, 20)))) {
    x <- sized_drawings(30, given[[2]])
    x$labels <- rep(c("a", "b"), 15)
    fit <- quick_fit(x, unbounded(given[[1]], given[[2]]), log_dir = withr::local_tempdir())
    expect_no_error(vae_report(fit, x, file, clusters = rep(1:2, 15)))
    expect_no_error(save_explorer(fit, x, file, grid = 3))
    expect_no_error(ggplot2::ggplotGrob(plot_clusters(fit, x, labels(x))))
    summary <- cluster_summary(fit, x, labels(x))
    expect_equal(summary$ink, as.vector(tapply(rowMeans(as.matrix(x)), labels(x), mean)))
    expect_equal(dim(cluster_means(x, labels(x))), c(2, given[[2]]))
  }
})

test_that("base64 is base64", {
  expect_identical(base64(charToRaw("")), "")
  expect_identical(base64(charToRaw("f")), "Zg==")
  expect_identical(base64(charToRaw("fo")), "Zm8=")
  expect_identical(base64(charToRaw("foo")), "Zm9v")
  expect_identical(base64(as.raw(0:255)), paste0(
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+P0BBQkNERUZH",
    "SElKS0xNTk9QUVJTVFVWV1hZWltcXV5fYGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6e3x9fn+AgYKDhIWGh4iJiouMjY6P",
    "kJGSk5SVlpeYmZqbnJ2en6ChoqOkpaanqKmqq6ytrq+wsbKztLW2t7i5uru8vb6/wMHCw8TFxsfIycrLzM3Oz9DR0tPU1dbX",
    "2Nna29zd3t/g4eLj5OXm5+jp6uvs7e7v8PHy8/T19vf4+fr7/P3+/w=="
  ))
})

test_that("reports that cannot be are refused", {
  fit <- pretrained_sheep()
  x <- simulate_sheep(4, seed = 1)
  expect_snapshot(error = TRUE, {
    vae_report(1, x, "a.html")
    vae_report(fit, "a", "a.html")
    vae_report(fit, x, "a.html", clusters = 1:3)
    vae_report(fit, x, 1)
    vae_report(fit, x, "no-such-folder/a.html")
  })
})

test_that("one drawing makes a page, and a place that cannot be written is told before the work", {
  file <- withr::local_tempfile(fileext = ".html")
  vae_report(pretrained_sheep(), simulate_sheep(1, seed = 1), file)
  expect_gt(file.size(file), 10000)
  began <- Sys.time()
  expect_error(vae_report(pretrained_sheep(), simulate_sheep(3000, seed = 1), file.path(tempdir(), "none", "r.html")), "cannot be written")
  expect_lt(as.double(Sys.time() - began, units = "secs"), 3)
})
