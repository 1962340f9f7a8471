# Small drawings and models that train in a fraction of a second.
few_sheep <- function(n = 48) simulate_sheep(n, seed = 1)

small_binary <- function() model_binary(latent_dim = 2, hidden = 20)

# Convolutions, dropout, batch norm, annealing, shuffling: everything that a checkpoint has to keep.
tiny_conv <- function(...) {
  vae_model(
    encoder = list(conv_2d(4, 3, strides = 2, activation = "relu"), flatten(), dense(8, "relu"), dropout(.2), batch_norm()),
    latent_dim = 2,
    decoder = list(
      dense(8, "relu"), dropout(.1), batch_norm(), dense(14 * 14 * 4, "relu"), reshape(c(14, 14, 4)),
      conv_2d_transpose(4, 3, strides = 2, activation = "relu"), conv_2d(1, 3, activation = "sigmoid")
    ),
    recipe = list(kl_start = 1, kl_steep = 2, epochs = 3, batch_size = 8, ...), name = "tiny"
  )
}

quick_fit <- function(x = few_sheep(), model = small_binary(), epochs = 2, seed = 1, ..., threads = 1) {
  vae_fit(x, model, epochs = epochs, seed = seed, threads = threads, ...)
}

without_seconds <- function(history) history[setdiff(names(history), "seconds")]

# Same parameters, same history: bit for bit, but for the time it took.
expect_same_fit <- function(a, b) {
  testthat::expect_identical(a$weights, b$weights)
  testthat::expect_identical(without_seconds(a$history), without_seconds(b$history))
}

# An R session that has the package as this one has it.
fresh_session <- function() {
  testthat::skip_if_not_installed("callr")
  session <- callr::r_session$new()
  session$run(function(libs) {
    .libPaths(libs)
    library(sketchvae)
    NULL
  }, list(.libPaths()))
  session
}

in_fresh_session <- function(f, args = list(), timeout = 60, env = character()) {
  testthat::skip_on_cran()
  testthat::skip_if_not_installed("callr")
  callr::r(f, args, libpath = .libPaths(), timeout = timeout, env = c(callr::rcmd_safe_env(), env))
}

# f(folder) in an R session that cannot write where permissions forbid it, root or not: root's right to
# do so is taken away.
as_a_user <- function(folder, f) {
  if (Sys.info()[["effective_user"]] != "root") {
    return(in_fresh_session(f, list(folder)))
  }
  testthat::skip_on_cran()
  bounded <- c("--bounding-set", "-dac_override")
  works <- nzchar(Sys.which("setpriv")) && system2("setpriv", c(bounded, "true"), stdout = FALSE, stderr = FALSE) == 0
  testthat::skip_if_not(works, "root writes anywhere, and there is no setpriv that works")
  answer <- withr::local_tempfile(fileext = ".rds")
  script <- withr::local_tempfile(fileext = ".R", lines = c(
    sprintf(".libPaths(%s)", deparse1(.libPaths())),
    paste("f <-", paste(deparse(f), collapse = "\n")),
    sprintf("saveRDS(f(%s), %s)", deparse1(folder), deparse1(answer))
  ))
  system2("setpriv", c(bounded, file.path(R.home("bin"), "Rscript"), script), stdout = FALSE, stderr = FALSE)
  readRDS(answer)
}

# A file system of 3 MB: the one that SKETCHVAE_SMALL_DISK names, or, for root, one in memory that goes
# with the calling test.
small_disk <- function(env = parent.frame()) {
  given <- Sys.getenv("SKETCHVAE_SMALL_DISK")
  if (nzchar(given)) {
    return(given)
  }
  testthat::skip_on_cran()
  testthat::skip_if_not(Sys.info()[["effective_user"]] == "root", "only root mounts a small file system")
  folder <- withr::local_tempdir(.local_envir = env)
  mounted <- nzchar(Sys.which("mount")) &&
    system2("mount", c("-t", "tmpfs", "-o", "size=3m", "tmpfs", folder), stdout = FALSE, stderr = FALSE) == 0
  testthat::skip_if_not(mounted, "no small file system can be mounted")
  withr::defer(system2("umount", c("-l", folder)), env, priority = "first")
  folder
}

# A fit whose losses are finite and whose validation losses are not: pixels that have no ink in what it
# trains on have weights that make a code of 1e20. Arguments go to vae_fit().
fit_with_infinite_validation <- function(...) {
  black <- as_drawings(array(0, c(16, 28, 28)))
  first <- quick_fit(black, small_binary(), epochs = 1)
  weights <- vae_weights(first)
  weights[["dense/kernel"]][] <- 1e18
  weights[["z_mean/kernel"]][] <- 1e18
  quick_fit(black, vae_set_weights(first, weights), validation = as_drawings(array(1, c(4, 28, 28))),
    kl_start = 100, kl_steep = 1, ...)
}

# A model whose decoder ends with an activation, for drawings of a size.
unbounded <- function(activation, size = c(28, 28)) {
  vae_model(list(flatten(), dense(8, "relu")), 2, list(dense(8, "relu"), dense(prod(size), activation)), input = size)
}

# A bright box of random place on paper, in drawings of any size.
sized_drawings <- function(n, size) {
  with_seed(1, {
    values <- array(0, c(n, size))
    for (i in seq_len(n)) {
      row <- sample.int(size[[1]] - 6, 1)
      column <- sample.int(size[[2]] - 6, 1)
      values[i, row + 1:6, column + 1:6] <- runif(1, 0.5, 1)
    }
    as_drawings(values, size = size)
  })
}
