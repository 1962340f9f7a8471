#' Distances to the k-th nearest neighbour
#'
#' The curve that is often used to choose `eps` of DBSCAN: the distance of each point to its `k`-th
#' nearest other point, sorted when plotted. In a latent space it seldom shows the knee one hopes
#' for; [latent_dbscan_path()] shows what each `eps` gives.
#'
#' @inheritParams latent_dbscan
#' @param k Which neighbour: a whole number from 1 to n - 1. For a given `minPts` take `minPts - 1`,
#'   as DBSCAN counts the point itself.
#' @return n distances in the order of the rows, of class `latent_knn_dist` with attribute `k`;
#'   `plot()` of it is a ggplot2 object.
#' @section Errors: Values that are not finite or beyond 1e100, a `k` outside its range.
#' @export
#' @examples
#' z <- matrix(rnorm(400), ncol = 2)
#' distances <- latent_knn_dist(z, k = 9)
#' plot(distances)
latent_knn_dist <- function(z, k, threads = NULL) {
  z <- check_latent(z)
  if (nrow(z) < 2) {
    cli::cli_abort("{.arg z} must have two rows or more, not {nrow(z)}.")
  }
  k <- check_count(k, max = nrow(z) - 1)
  threads <- check_threads(threads)
  distances <- run_engine(
    knn_distances_cpp(z, k, threads, progress_callback("Finding neighbours"))
  )
  structure(distances, k = k, class = "latent_knn_dist")
}

#' @export
print.latent_knn_dist <- function(x, ...) {
  cat(
    "Distances of ", count_text(length(x)), " points to their neighbour number ",
    count_text(attr(x, "k")), "\n",
    sep = ""
  )
  print(stats::quantile(unclass(x), c(0, 0.05, 0.25, 0.5, 0.75, 0.95, 1)), digits = 4)
  invisible(x)
}

#' @export
plot.latent_knn_dist <- function(x, ...) {
  rlang::check_dots_empty()
  sorted <- sort(unclass(as.vector(x)))
  # The ends of the curve are what one looks at: keep them, thin the rest to what a screen shows.
  shown <- unique(round(seq(1, length(sorted), length.out = min(length(sorted), 5000))))
  ggplot2::ggplot(
    data.frame(place = shown, distance = sorted[shown]),
    ggplot2::aes(.data$place, .data$distance)
  ) +
    ggplot2::geom_line(colour = okabe_ito[[1]]) +
    ggplot2::scale_x_continuous(labels = count_text) +
    ggplot2::labs(
      title = paste("Distance to neighbour number", count_text(attr(x, "k"))),
      x = "Points, sorted by distance", y = "Distance"
    ) +
    theme_sketchvae()
}
