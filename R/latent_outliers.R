#' Far outliers of a latent space
#'
#' Marks the few points so far out that they spoil every picture and clustering: the sheep post's
#' `to.remove`. Use the result as a logical index, `z[!out, ]`: a negative index that happens to be
#' empty would drop every row.
#'
#' The rule is robust, that is, the outliers have no say in it. Each dimension is centred at its
#' median and divided by its median absolute deviation ([stats::mad()]; by the mean absolute
#' deviation where that is 0, and a constant dimension is left out). The distance from the centre in
#' these units is compared with the median distance plus `cutoff` times the median absolute
#' deviation of the distances. In a Gaussian cloud of two dimensions the default marks about one
#' point in 25,000.
#'
#' @inheritParams latent_dbscan
#' @param cutoff How many median absolute deviations above the median distance are too far: a number
#'   above 0.
#' @return A logical vector, `TRUE` for outliers. Their number and share are said in a message.
#' @section Errors: Values that are not finite or beyond 1e100.
#' @export
#' @examples
#' z <- rbind(matrix(rnorm(1000), ncol = 2), c(40, 0))
#' out <- latent_outliers(z)
#' which(out)
#' z <- z[!out, ]
latent_outliers <- function(z, cutoff = 5) {
  z <- check_latent(z)
  cutoff <- check_number(cutoff, min = 0, open_min = TRUE)
  distance <- robust_distance(z)
  limit <- stats::median(distance) + cutoff * stats::mad(distance)
  # Without spread there is no measure of "far".
  out <- distance > limit & stats::mad(distance) > 0
  share <- percent_text(sum(out), nrow(z))
  cli::cli_inform("{count_text(sum(out))} of {count_text(nrow(z))} points ({share}) lie far out.")
  out
}

robust_distance <- function(z) {
  sum <- double(nrow(z))
  for (k in seq_len(ncol(z))) {
    from_centre <- z[, k] - stats::median(z[, k])
    spread <- stats::mad(from_centre, center = 0)
    if (!isTRUE(spread > 0)) {
      spread <- mean(abs(from_centre))
    }
    if (isTRUE(spread > 0)) {
      sum <- sum + (from_centre / spread)^2
    }
  }
  sqrt(sum)
}
