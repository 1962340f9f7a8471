#' The elbow curve of k-means
#'
#' The within-cluster sum of squares of [latent_kmeans()] for many `k`. Where it bends, `k` is said
#' to be right; in the latent space of drawings it seldom bends.
#'
#' @inheritParams latent_kmeans
#' @param k The numbers of clusters: whole numbers from 1 to the number of different points. Not given: up to 100, or to
#'   that number.
#' @param restarts How many random starts for each `k`.
#' @return A data frame of class `latent_elbow` with a row for each `k`: `k`, `withinss`. `plot()`
#'   of it is a ggplot2 object.
#' @section Errors: As [latent_kmeans()].
#' @export
#' @examples
#' z <- matrix(rnorm(1000), ncol = 2)
#' elbow <- latent_elbow(z, k = 1:20, seed = 1)
#' plot(elbow)
latent_elbow <- function(z, k = 1:100, restarts = 3, seed = NULL, threads = NULL) {
  z <- check_latent(z)
  k <- if (missing(k)) seq_len(min(100, nrow(unique(z)))) else plain_number(k)
  if (!is.numeric(k) || length(k) == 0 || !all(is.finite(k)) || any(k != round(k)) ||
    any(k < 1 | k > nrow(z))) {
    abort_argument(k, "k", paste("whole numbers from 1 to", nrow(z)), rlang::current_env())
  }
  restarts <- check_count(restarts, max = 10000)
  seed <- check_seed(seed)
  threads <- check_threads(threads)
  withinss <- run_engine(kmeans_elbow_cpp(
    z, as.integer(k), restarts, seed, threads, progress_callback("k-means for each k")
  ))
  structure(
    data.frame(k = as.integer(k), withinss = withinss),
    class = c("latent_elbow", "data.frame")
  )
}

#' @export
plot.latent_elbow <- function(x, ...) {
  rlang::check_dots_empty()
  ggplot2::ggplot(x, ggplot2::aes(.data$k, .data$withinss)) +
    ggplot2::geom_line(colour = okabe_ito[[1]]) +
    ggplot2::geom_point(colour = okabe_ito[[1]], size = 1) +
    ggplot2::expand_limits(y = 0) +
    ggplot2::labs(
      title = "The elbow, if there is one", x = "Clusters (k)",
      y = "Within-cluster sum of squares"
    ) +
    theme_sketchvae()
}
