# What tests/browser/explorer.py looks at: Rscript serve.R CASE FOLDER.
#   big, uncoded, small, four, later, far   opens latent_explorer() and prints how long that took ("SECONDS ..."), its address
#                      ("URL ...") and, when it closes, "ROWS ..."
#   files              writes small.html, four.html, ten_thousand.html and report.html into FOLDER
suppressPackageStartupMessages(library(sketchvae))
arguments <- commandArgs(TRUE)
folder <- arguments[[2]]
real <- Sys.getenv("SKETCHVAE_DATA")
markup <- c("<script>window.ran = true</script>", "<img src=x onerror='window.ran = true'>", "</script>plain & simple")

small <- function() {
  x <- simulate_sheep(2000, anomalies = 20, seed = 1)
  x$labels <- ifelse(x$labels == "car", markup[[1]], x$labels)
  fit <- pretrained_sheep()
  list(fit = fit, x = x, clusters = latent_dbscan(vae_encode(fit, x), eps = 0.1, minPts = 10))
}
# One drawing far from all others; addresses that shiny's options give must not matter.
far <- function() {
  options(shiny.host = "0.0.0.0")
  given <- small()
  given$z <- vae_encode(given$fit, given$x)
  given$z[42, ] <- c(-80, 29)
  given
}
# More than are scored before the page opens.
later <- function() list(fit = pretrained_sheep(), x = simulate_sheep(20000, anomalies = 20, seed = 1))
# Four dimensions, trained for a moment: what is tested is the page.
four <- function() {
  x <- simulate_sheep(600, seed = 2)
  fit <- vae_fit(x, model_sheep(latent_dim = 4, filters = 2, intermediate_dim = 20),
    epochs = 6, kl_start = 6, kl_steep = 1, seed = 1, verbose = FALSE)
  list(fit = fit, x = x)
}
# As many points as there are sheep in Quick, Draw!, and its model's size.
big <- function() {
  n <- 126121
  have <- nzchar(real)
  few <- if (have) load_quickdraw(path = file.path(real, "quickdraw", "sheep.npy")) else simulate_sheep(1000, seed = 1)
  few$labels <- NULL
  z <- if (have) {
    con <- file(file.path(real, "latent", "latentB126k.npy"), "rb")
    on.exit(close(con))
    readBin(con, "raw", 128)
    matrix(readBin(con, "double", 2 * n, size = 8), ncol = 2, byrow = TRUE)
  } else {
    set.seed(1)
    matrix(rnorm(2 * n, sd = 0.7), ncol = 2)
  }
  fit <- suppressWarnings(vae_fit(few[1:64], model_sheep(), epochs = 1, seed = 1, verbose = FALSE))
  x <- few[rep_len(seq_len(length(few)), n)]
  set.seed(2)
  list(fit = fit, x = x, z = z, clusters = latent_kmeans(z, 12)$cluster, anomalies = rgamma(n, 3, 0.1),
    labels = markup[sample.int(3, n, replace = TRUE)])
}
# As many drawings that have no codes; says first how long one call of vae_encode() takes for as many.
uncoded <- function() {
  n <- 126121
  x <- simulate_sheep(n, seed = 1)
  fit <- suppressWarnings(vae_fit(x[1:64], model_sheep(), epochs = 1, seed = 1, verbose = FALSE))
  cat("ENCODE", system.time(vae_encode(fit, x[1:12000]))[["elapsed"]] * n / 12000, "\n")
  set.seed(2)
  list(fit = fit, x = x, anomalies = rgamma(n, 3, 0.1), labels = markup[sample.int(3, n, replace = TRUE)])
}

if (arguments[[1]] == "files") {
  out <- function(name) file.path(folder, name)
  do.call(save_explorer, c(small(), file = out("small.html"), title = markup[[1]]))
  do.call(save_explorer, c(four(), file = out("four.html"), grid = 16))
  sheep <- if (nzchar(real)) load_quickdraw(path = file.path(real, "quickdraw", "sheep.npy")) else simulate_sheep(1000, seed = 1)
  thousands <- sheep[rep_len(seq_len(length(sheep)), 10000)]
  # No two drawings alike: a file of repetitions would be smaller than a real one.
  set.seed(1)
  thousands$pixels <- as.raw(bitwXor(as.integer(thousands$pixels), as.integer(runif(length(thousands$pixels)) < 0.02)))
  save_explorer(pretrained_sheep(), thousands, out("ten_thousand.html"))
  one <- small()
  vae_report(one$fit, one$x, out("report.html"), clusters = one$clusters, title = markup[[1]])
} else {
  given <- get(arguments[[1]])()
  began <- Sys.time()
  opened <- function(url) {
    cat("SECONDS", as.double(Sys.time() - began, units = "secs"), "\n")
    cat("URL", url, "\n")
  }
  rows <- do.call(latent_explorer, c(given, viewer = opened))
  cat("ROWS", rows, "\n")
}
