#' New drawings
#'
#' Draws codes from the prior (independent standard normals), or from the density of given codes, and
#' decodes them.
#'
#' @param fit A fitted `vae`.
#' @param n How many, a whole number from 0.
#' @param seed A whole number, or `NULL` to use R's own generator as it stands. A given seed leaves R's
#'   generator as it was.
#' @param sample `"mean"`: the decoder's grey values. `"bernoulli"`: every pixel is ink with the
#'   probability that the decoder says, as the binary system draws.
#' @param near A matrix of codes, such as those of one cluster: a new code is one of them, picked at random
#'   and moved by normal noise of Silverman's bandwidth, `(4 / ((d + 2) m))^(1 / (d + 4))` median absolute
#'   deviations of each of the `d` dimensions of the `m` codes. A vector, as [vae_decode()] takes it, is one code, which has
#'   no spread of its own: the noise is a tenth of the prior's, of standard deviation 0.1. `NULL` draws from the prior.
#' @returns Drawings (see [as_drawings()]).
#' @source Silverman (1986), Density Estimation for Statistics and Data Analysis, sections 4.3 and 6.4.
#' @export
#' @examples
#' fit <- vae_fit(simulate_sheep(64, seed = 1), model_binary(hidden = 20), epochs = 1, seed = 1)
#' vae_generate(fit, 4, seed = 1)
#'
#' # New sheep of one cluster
#' fit <- pretrained_sheep()
#' z <- vae_encode(fit, simulate_sheep(300, seed = 1))
#' clusters <- latent_dbscan(z, eps = 0.2, minPts = 8)
#' vae_generate(fit, 10, seed = 1, near = z[clusters$cluster == 1, ])
vae_generate <- function(fit, n, seed = NULL, sample = c("mean", "bernoulli"), near = NULL) {
  check_class(fit, "vae", made_by = "vae_fit()")
  n <- check_count(n, min = 0)
  sample <- check_choice(sample[[1]], c("mean", "bernoulli"), "sample")
  d <- fit$model$latent_dim
  if (!is.null(near)) {
    near <- codes_matrix(near, d, "near")
    if (nrow(near) == 0) cli::cli_abort("{.arg near} holds no codes to draw near.")
  }
  if (!is.null(seed)) seed <- check_seed(seed)
  with_seed(seed, {
    z <- if (is.null(near)) matrix(stats::rnorm(n * d), n, d) else codes_near(near, n)
    y <- vae_decode(fit, z)
    if (sample == "bernoulli") y[] <- as.double(stats::runif(length(y)) < y)
  })
  drawings_of(y)
}

# A smoothed bootstrap of codes.
codes_near <- function(near, n) {
  d <- ncol(near)
  width <- if (nrow(near) == 1) rep(0.1, d) else (4 / ((d + 2) * nrow(near)))^(1 / (d + 4)) * apply(near, 2, stats::mad)
  from <- near[sample.int(nrow(near), n, replace = TRUE), , drop = FALSE]
  from + rep(width, each = n) * stats::rnorm(n * d)
}
