test_that("progress is NULL when it should be silent, and a function that counts when not", {
  expect_null(progress_callback("Training", show = FALSE))
  callback <- progress_callback("Training", show = TRUE)
  expect_type(callback, "closure")
  expect_silent(callback(1, 3))
  expect_silent(callback(3, 3))
})

test_that("the time that a long call takes is said once, from what comes after its start-up", {
  now <- 0
  told <- function(step, total = 100) {
    now <<- 0
    callback <- progress_callback("Doing", show = TRUE, what = "Doing 100 things", clock = function() now)
    said <- character()
    withCallingHandlers(
      for (done in seq_len(total)) {
        now <<- now + if (done == 1) 3 else step
        callback(done, total)
      },
      message = function(m) {
        said <<- c(said, conditionMessage(m))
        rlang::cnd_muffle(m)
      }
    )
    said
  }
  expect_match(told(.5), "^Doing 100 things: about 50 seconds[.]")
  expect_identical(told(.01), character())
  expect_identical(told(.5, total = 1), character())
})

test_that("calls show progress where somebody looks on, or an option asks for it", {
  rlang::local_options(sketchvae.progress = NULL)
  expect_identical(is.null(progress_callback("Looking")), !interactive())
  rlang::local_options(sketchvae.progress = TRUE)
  expect_type(progress_callback("Looking"), "closure")
  rlang::local_options(sketchvae.progress = FALSE)
  expect_null(progress_callback("Looking"))
  rlang::local_options(sketchvae.progress = TRUE, knitr.in.progress = TRUE)
  expect_null(progress_callback("Looking"))
})

test_that("whatever walks over many drawings or codes has a progress callback", {
  x <- few_sheep(70)
  fit <- quick_fit(x, epochs = 1)
  z <- vae_encode(fit, x)
  named <- character()
  local_binding("progress_callback", function(name, ...) {
    named <<- c(named, name)
    NULL
  })
  file <- withr::local_tempfile(fileext = ".gif")
  calls <- list(
    Encoding = function() vae_encode(fit, x), Encoding = function() plot_latent(fit, x),
    Encoding = function() plot_clusters(fit, x, rep(1:2, 35)), Decoding = function() vae_decode(fit, z),
    Decoding = function() vae_generate(fit, 3, seed = 1), Decoding = function() vae_reconstruct(fit, x),
    Decoding = function() plot_traversal(fit), Decoding = function() plot_grid(fit), Decoding = function() mse_maps(fit, x),
    Scoring = function() mse_anomalies(fit, x), Evaluating = function() suppressWarnings(vae_evaluate(fit, x, samples = 1)),
    `k-means` = function() latent_kmeans(z, 2), `k-means for each k` = function() latent_elbow(z, 2:3),
    `Growing the tree` = function() latent_hdbscan(z, 5), `Growing the tree` = function() latent_dbscan_path(z, 5),
    `Finding neighbours` = function() latent_knn_dist(z, 5), `Searching eps and minPts` = function() latent_dbscan_search(z, 3)
  )
  if (rlang::is_installed("magick")) {
    calls$`Drawing pictures` <- function() animate_walk(fit, z[1:2, ], file, n = 2, scale = 2)
  }
  for (k in seq_along(calls)) {
    named <- character()
    calls[[k]]()
    expect_true(names(calls)[[k]] %in% named, info = deparse1(body(calls[[k]])))
  }
})

test_that("in knitr there are no bars, and a fit says nothing", {
  x <- few_sheep()
  expect_message(quick_fit(x, verbose = TRUE), "Epoch 1/2")
  expect_type(progress_callback("Looking", show = TRUE), "closure")
  skip_if_not_installed("knitr")
  document <- c(
    "```{r}", "fit <- quick_fit(x, verbose = TRUE)", "is.null(progress_callback('Looking', show = TRUE))",
    "nrow(fit$history)", "```"
  )
  shown <- strsplit(knitr::knit(text = document, quiet = TRUE, envir = rlang::current_env()), "\n")[[1]]
  expect_identical(grep("^##", shown, value = TRUE), c("## [1] TRUE", "## [1] 2"))
})

test_that("after twenty batches a fit says what time and memory it will take", {
  x <- simulate_sheep(400, seed = 1)
  told <- character()
  withCallingHandlers(
    quick_fit(x, epochs = 60, batch_size = 4, verbose = TRUE),
    message = function(m) {
      told <<- c(told, conditionMessage(m))
      rlang::cnd_muffle(m)
    }
  )
  about <- grep("60 epochs of 400 drawings: about .* and .*B of memory", told, value = TRUE)
  expect_length(about, 1)
  expect_match(about, "drawings a second")
  # Before the last epoch, not after it.
  expect_lt(match(about, told), length(told))
})

test_that("what a fit will take is said from its recent steps, and again when it changes", {
  now <- 0
  # 1,000 batches of 10 drawings: two seconds to start up, then 100 batches a second, then ten times slower.
  forecast <- fit_forecast(10000, 10, clock = function() now)
  said <- list()
  for (batch in 1:1000) {
    now <- now + if (batch == 1) 2 else if (batch <= 300) .01 else .1
    found <- forecast(batch * 10)
    if (!is.null(found$say)) said <- c(said, list(c(found, batch = batch)))
  }
  expect_identical(said[[1]]$say, "first")
  expect_identical(said[[1]]$batch, 20L)
  expect_equal(said[[1]]$speed, 1000, tolerance = .05)
  expect_equal(said[[1]]$total, 12, tolerance = .05)
  expect_identical(vapply(said[-1], `[[`, "", "say"), rep("again", length(said) - 1))
  expect_true(length(said) %in% 2:4)
  last <- said[[length(said)]]
  expect_equal(last$left, (1000 - last$batch) * .1, tolerance = .2)
})
