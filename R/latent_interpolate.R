#' Codes on the way from place to place
#'
#' Walks through latent space from stop to stop in straight lines, in steps of equal length. Decoded,
#' the walk turns one drawing into another.
#'
#' @param z The stops: a matrix with a row a stop (at least two) and a column a latent dimension.
#' @param n How many codes, a whole number from 2, the first and the last stop among them.
#' @returns A matrix of `n` rows, for [vae_decode()].
#' @section Errors: Fewer than two stops; values that are not finite or beyond 1e100.
#' @export
#' @examples
#' fit <- pretrained_sheep()
#' walk <- latent_interpolate(rbind(c(-1, 0), c(1, 0), c(1, 1)), n = 16)
#' plot_drawings(vae_decode(fit, walk), ncol = 8)
latent_interpolate <- function(z, n = 10) {
  z <- check_latent(z)
  if (nrow(z) < 2) {
    cli::cli_abort("{.arg z} must have at least two rows, the stops of the walk, not {nrow(z)}.")
  }
  n <- check_count(n, min = 2)
  gone <- c(0, cumsum(sqrt(rowSums(diff(z)^2))))
  if (gone[[length(gone)]] == 0) {
    return(unname(z[rep(1, n), , drop = FALSE]))
  }
  # A stop where the walk does not move would be two rows at one place.
  moved <- !duplicated(gone)
  at <- seq(0, gone[[length(gone)]], length.out = n)
  codes <- vapply(seq_len(ncol(z)), function(k) {
    stats::approx(gone[moved], z[moved, k], at, rule = 2)$y
  }, double(n))
  matrix(codes, n)
}
