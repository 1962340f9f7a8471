# Real data lies where the environment variable SKETCHVAE_DATA points; without it tests skip.
data_file <- function(...) {
  root <- Sys.getenv("SKETCHVAE_DATA")
  path <- file.path(root, ...)
  if (!nzchar(root) || !file.exists(path)) {
    testthat::skip(paste("set SKETCHVAE_DATA to a folder with", file.path(...)))
  }
  path
}

# A little-endian float64 matrix in C order from an .npy file.
read_npy_matrix <- function(path) {
  con <- file(path, "rb")
  on.exit(close(con))
  start <- readBin(con, "raw", 10)
  length <- sum(as.integer(start[9:10]) * c(1, 256))
  header <- rawToChar(readBin(con, "raw", length))
  stopifnot(grepl("'<f8'", header, fixed = TRUE), grepl("'fortran_order': False", header))
  shape <- regmatches(header, regexpr("[0-9]+, *[0-9]+", header))
  shape <- as.integer(strsplit(shape, ", *")[[1]])
  matrix(readBin(con, "double", prod(shape)), shape[[1]], byrow = TRUE)
}

latent_126k <- function() read_npy_matrix(data_file("latent", "latentB126k.npy"))

# The number-th of the sets that try DBSCAN's edges: list(z, eps, minPts).
edge_set <- function(number) {
  withr::local_seed(number)
  d <- 1 + number %% 4
  kind <- (number %/% 4) %% 9
  n <- if (kind == 5) 1 else sample(2:300, 1)
  eps <- stats::runif(1, 0.01, 0.5)
  z <- switch(kind + 1,
    stats::runif(n * d),
    stats::rnorm(n * d, sample(-2:2, n, replace = TRUE), 0.1),
    0.1 * sample(0:6, n * d, replace = TRUE),
    rep(stats::rnorm(ceiling(n * d / 3)), length.out = n * d),
    rep(stats::runif(n, 0, 3), d) * rep(seq_len(d), each = n),
    stats::rnorm(n * d),
    rep(0.25, n * d),
    stats::rnorm(n * d, sd = 0.2) * ifelse(stats::runif(n * d) < 0.03, 1e6, 1),
    sample(-3:3, n * d, replace = TRUE)
  )
  if (kind == 2) eps <- 0.1 * sample(1:3, 1)
  if (kind == 8) eps <- sqrt(sample(1:8, 1))
  if (number %% 23 == 7) eps <- 1e-9
  if (number %% 23 == 11) eps <- 1e6
  most <- if (number %% 3 == 0) 40 else 8
  list(z = matrix(as.double(z), n), eps = eps, minPts = sample(seq_len(most), 1))
}

# Two blobs and noise, the same every time.
two_blobs <- function(n = 400, d = 2) {
  withr::local_seed(1)
  rbind(
    matrix(stats::rnorm(n * d / 2, 0, 0.2), ncol = d),
    matrix(stats::rnorm(n * d / 2, 2, 0.2), ncol = d),
    matrix(stats::runif(n * d / 10, -2, 4), ncol = d)
  )
}
