#' Clusters of a latent space by exact DBSCAN
#'
#' Gives the labels of `dbscan::dbscan()`, to the last one, in a fraction of its time, and in memory
#' that grows with the number of points only, however wide `eps` is.
#'
#' A point is a core point if at least `minPts` points, itself included, lie within `eps` of it: the
#' sum of squared differences, in double precision and in the order of the dimensions, is at most
#' `eps * eps`. Core points within `eps` of each other share a cluster; clusters are numbered by the
#' row of their first core point. Other points within `eps` of a core point are border points and
#' belong to the cluster of lowest number in reach; what remains is noise, labelled 0. Nothing is
#' random, and the number of threads does not change the result.
#'
#' @param z The points: a numeric matrix of n x d, such as [vae_encode()] gives, with any number of dimensions; numbers
#'   from -1e100 to 1e100.
#' @param eps How far neighbours lie apart at most, in units of `z`: a number, 0 or more.
#' @param minPts How many points (or how much weight) a core point needs within `eps`, itself
#'   included: a whole number, 1 or more.
#' @param threads How many threads at most; `NULL` takes `options(sketchvae.threads = )`, else the physical
#'   cores. No more are started than there is work for, than the machine has processors (or 64, if it has fewer), or
#'   than the system grants.
#' @param weights What each point counts towards `minPts`: n numbers, 0 or more; `NULL` means 1
#'   each. They are added up in double precision in the order in which the dbscan package meets the neighbours,
#'   which decides where the sum is `minPts` but for rounding.
#' @param keep Keep the points in the result, as `$z`, so that `predict()` and `plot()` need not be given them?
#' @return An object of class `c("latent_dbscan", "dbscan_fast", "dbscan")`, so that functions for
#'   the dbscan package's results take it too: `$cluster` (n integers, 0 is noise), `$eps`,
#'   `$minPts`, `$core` (n logicals), `$dist` and `$borderPoints` as in that package. `print()`
#'   counts clusters, noise, border and core points; `plot(x, z, outliers = FALSE)` is a ggplot2 object, a map as [plot_latent()] draws it.
#'   `predict(object, newdata, data)` gives each row of `newdata` the label of the nearest point of
#'   `data` (the matrix that was clustered) that is not noise, if it is within `eps`, else 0; of
#'   points equally near the first row decides. With `keep = TRUE`, `plot(x)` and `predict(object, newdata)` do.
#' @section Errors: Values that are not finite or beyond 1e100, an `eps` below 0, a `minPts`
#'   that is not whole, `weights` that do not fit.
#' @source Ester, Kriegel, Sander and Xu (1996), A density-based algorithm for discovering clusters
#'   in large spatial databases with noise. KDD.
#' @seealso [latent_dbscan_search()] to look for `eps` and `minPts`.
#' @export
#' @examples
#' z <- rbind(
#'   matrix(rnorm(400, sd = 0.2), ncol = 2),
#'   matrix(rnorm(400, mean = 2, sd = 0.2), ncol = 2)
#' )
#' clusters <- latent_dbscan(z, eps = 0.2, minPts = 10)
#' clusters
#' plot(clusters, z)
#' predict(clusters, newdata = rbind(c(0, 0), c(9, 9)), data = z)
latent_dbscan <- function(z, eps, minPts, threads = NULL, weights = NULL, keep = FALSE) {
  z <- check_latent(z)
  eps <- check_number(eps, min = 0)
  minPts <- check_count(minPts)
  threads <- check_threads(threads)
  weights <- check_weights(weights, nrow(z))
  check_flag(keep)
  found <- run_engine(dbscan_cpp(z, eps, minPts, weights, threads))
  structure(
    c(
      list(
        cluster = found$cluster, eps = eps, minPts = minPts, core = found$core,
        dist = "euclidean", borderPoints = TRUE
      ),
      if (keep) list(z = z)
    ),
    class = c("latent_dbscan", "dbscan_fast", "dbscan")
  )
}

#' @export
print.latent_dbscan <- function(x, ...) {
  n <- length(x$cluster)
  noise <- sum(x$cluster == 0)
  core <- sum(x$core)
  cat(
    "DBSCAN of ", count_text(n), " points: eps = ", format(x$eps), ", minPts = ",
    count_text(x$minPts), "\n",
    sep = ""
  )
  width <- max(nchar(count_text(c(n, 0))))
  line <- function(what, count, share = TRUE) {
    cat("  ", format(what, width = 8), " ", formatC(count_text(count), width = width),
      if (share) paste0("  (", percent_text(count, n), ")"), "\n",
      sep = ""
    )
  }
  line("clusters", max(0L, x$cluster), share = FALSE)
  line("core", core)
  line("border", n - noise - core)
  line("noise", noise)
  print_sizes(x$cluster)
  invisible(x)
}

#' @export
plot.latent_dbscan <- function(x, z, outliers = FALSE, ...) {
  rlang::check_dots_empty()
  plot_clustering(x, z, clusters_text(max(0L, x$cluster)),
    sprintf("eps = %s, minPts = %s", format(x$eps), count_text(x$minPts)), outliers
  )
}

# Points to be labelled, with as many dimensions as those that were clustered.
check_new_points <- function(x, d, arg = rlang::caller_arg(x), call = rlang::caller_env()) {
  force(arg)
  x <- check_latent(x, arg, call = call)
  if (ncol(x) != d) {
    cli::cli_abort(
      "{.arg {arg}} must have as many columns as the points that were clustered, {d}, not {ncol(x)}.",
      call = call
    )
  }
  x
}

#' @export
predict.latent_dbscan <- function(object, newdata = NULL, data, threads = NULL, ...) {
  rlang::check_dots_empty()
  if (is.null(newdata)) {
    return(object$cluster)
  }
  data <- check_clustered(data, object)
  newdata <- check_new_points(newdata, ncol(data))
  threads <- check_threads(threads)
  run_engine(dbscan_predict_cpp(data, object$cluster, object$eps, newdata, threads))
}
