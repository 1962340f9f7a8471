#' k-means in a latent space
#'
#' Cuts the points into `k` compact pieces: the mosaic of the sheep post, where it serves to show
#' that k-means does not find the clusters one sees. k-means++ seeds, Lloyd's iterations until the
#' centres settle, the best of several starts.
#'
#' @inheritParams latent_dbscan
#' @param k How many clusters: a whole number from 1 to the number of different points.
#' @param restarts How many random starts, of which the one with the smallest sum of squares is
#'   kept.
#' @param seed A whole number, 0 or more, gives the same result every time, at any number
#'   of threads, and leaves R's random numbers alone; `NULL` takes the seed from R's random numbers,
#'   so that `set.seed()` counts.
#' @return An object of class `c("latent_kmeans", "kmeans")` with the elements of
#'   [stats::kmeans()]: `$cluster` (clusters are numbered by decreasing size), `$centers` (k x d),
#'   `$totss`, `$withinss`, `$tot.withinss`, `$betweenss`, `$size`, `$iter`. `plot(x, z)` is a
#'   ggplot2 object, `predict(object, newdata)` the nearest centre of each row. With `keep = TRUE`, `plot(x)` does.
#' @section Errors: Values that are not finite or beyond 1e100, fewer than `k` different
#'   points.
#' @source Arthur and Vassilvitskii (2007), k-means++; Kanungo et al. (2002), An efficient k-means
#'   clustering algorithm.
#' @export
#' @examples
#' z <- matrix(rnorm(1000), ncol = 2)
#' mosaic <- latent_kmeans(z, k = 20, seed = 1)
#' mosaic
#' plot(mosaic, z)
latent_kmeans <- function(z, k, restarts = 10, seed = NULL, threads = NULL, keep = FALSE) {
  z <- check_latent(z)
  k <- check_count(k, max = max(1, nrow(z)))
  restarts <- check_count(restarts, max = 10000)
  seed <- check_seed(seed)
  threads <- check_threads(threads)
  check_flag(keep)
  found <- run_engine(kmeans_cpp(z, k, restarts, seed, threads, progress_callback("k-means")))
  colnames(found$centers) <- colnames(z)
  rownames(found$centers) <- seq_len(k)
  totss <- sum((z - rep(colMeans(z), each = nrow(z)))^2)
  within <- sum(found$withinss)
  structure(
    c(
      list(
        cluster = found$cluster, centers = found$centers, totss = totss,
        withinss = found$withinss, tot.withinss = within, betweenss = totss - within,
        size = found$size, iter = found$iter
      ),
      if (keep) list(z = z)
    ),
    class = c("latent_kmeans", "kmeans")
  )
}

#' @export
print.latent_kmeans <- function(x, ...) {
  cat(
    "k-means of ", count_text(length(x$cluster)), " points, k = ", count_text(length(x$size)),
    "\n  within-cluster sum of squares: ", format(x$tot.withinss, digits = 5, big.mark = ","),
    " (", percent_text(x$tot.withinss, x$totss), " of the total)\n  sizes: ",
    count_text(min(x$size)), " to ", count_text(max(x$size)), "\n",
    sep = ""
  )
  invisible(x)
}

#' @export
plot.latent_kmeans <- function(x, z, outliers = FALSE, ...) {
  rlang::check_dots_empty()
  plot_clustering(x, z, paste("k-means, k =", count_text(length(x$size))), outliers = outliers)
}

#' @export
predict.latent_kmeans <- function(object, newdata = NULL, threads = NULL, ...) {
  rlang::check_dots_empty()
  if (is.null(newdata)) {
    return(object$cluster)
  }
  newdata <- check_new_points(newdata, ncol(object$centers))
  threads <- check_threads(threads)
  run_engine(nearest_cpp(object$centers, newdata, threads))$row
}
