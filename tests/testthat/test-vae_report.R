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
