#' Clusters of different density by HDBSCAN*
#'
#' Takes DBSCAN at every eps as one hierarchy and chooses the clusters that last longest over eps,
#' so that dense and sparse clusters are found side by side and no eps has to be given.
#'
#' Edges of equal height in the tree of mutual reachability merge at once. So the labels depend on
#' the points only, not on the order of the rows. Memory grows with the number of points, not with
#' its square.
#'
#' @inheritParams latent_dbscan
#' @param minPts How many points make a neighbourhood (the point itself included) and, at least, a
#'   cluster: a whole number from 2 to n. `NULL` takes a hundredth of the points, but at least 5 and at most 100 (of
#'   fewer than 5 points all). A larger number finds fewer, larger clusters.
#' @return An object of class `latent_hdbscan`, its elements named as in the dbscan package's:
#'   `$cluster` (n integers, 0 is noise; the largest cluster is 1), `$minPts`, `$coredist` (core
#'   distances), `$cluster_scores` (stability of each cluster), `$membership_prob` (0 to 1:
#'   how much nearer to the cluster's densest place than its sparsest point; 0 for noise),
#'   `$outlier_scores` (GLOSH, 0 to 1), `$hc` (the single-linkage tree as an [stats::hclust()]
#'   object). `print()` counts; `plot(x, z, outliers = FALSE)` is a ggplot2 object, a map as [plot_latent()] draws it.
#'   `predict(object, newdata, data)` gives each row of `newdata` the label of the nearest point of `data` (the matrix
#'   that was clustered) that is not noise, if it is within that point's core distance, else 0. With `keep = TRUE`,
#'   `plot(x)` and `predict(object, newdata)` do.
#' @section Errors: Values that are not finite or beyond 1e100, a `minPts` outside its range.
#' @source Campello, Moulavi, Zimek and Sander (2015), Hierarchical density estimates for data
#'   clustering, visualization, and outlier detection. ACM TKDD 10(1).
#' @export
#' @examples
#' z <- rbind(
#'   matrix(rnorm(400, sd = 0.2), ncol = 2),
#'   matrix(rnorm(400, mean = 4, sd = 1), ncol = 2)
#' )
#' found <- latent_hdbscan(z, minPts = 15)
#' found
#' plot(found, z)
#' head(order(-found$outlier_scores))
latent_hdbscan <- function(z, minPts = NULL, threads = NULL, keep = FALSE) {
  z <- check_latent(z)
  if (nrow(z) < 2) {
    cli::cli_abort("{.arg z} must have two rows or more, not {nrow(z)}.")
  }
  minPts <- check_count(minPts, min = 2, max = nrow(z), null = TRUE) %||% default_min_points(nrow(z))
  threads <- check_threads(threads)
  check_flag(keep)
  found <- run_engine(hdbscan_cpp(z, minPts, threads, progress_callback("Growing the tree")))
  names(found$cluster_scores) <- seq_along(found$cluster_scores)
  hc <- structure(
    list(
      merge = found$merge, height = found$height, order = found$order, labels = rownames(z),
      method = "single, by mutual reachability", dist.method = "euclidean"
    ),
    class = "hclust"
  )
  structure(
    c(
      list(cluster = found$cluster, minPts = minPts),
      found[c("coredist", "cluster_scores", "membership_prob", "outlier_scores")],
      list(hc = hc), if (keep) list(z = z)
    ),
    class = "latent_hdbscan"
  )
}

# The rule that the help page states.
default_min_points <- function(n) as.integer(min(n, max(5, min(100, round(n / 100)))))

#' @export
print.latent_hdbscan <- function(x, ...) {
  noise <- sum(x$cluster == 0)
  cat(
    "HDBSCAN* of ", count_text(length(x$cluster)), " points: minPts = ", count_text(x$minPts),
    "\n  ", clusters_text(max(0L, x$cluster)), ", ", count_text(noise), " points of noise (", percent_text(noise, length(x$cluster)), ")\n",
    sep = ""
  )
  print_sizes(x$cluster)
  invisible(x)
}

#' @export
plot.latent_hdbscan <- function(x, z, outliers = FALSE, ...) {
  rlang::check_dots_empty()
  plot_clustering(x, z, clusters_text(max(0L, x$cluster)), paste("HDBSCAN*, minPts =", count_text(x$minPts)), outliers)
}

#' @export
predict.latent_hdbscan <- function(object, newdata = NULL, data, threads = NULL, ...) {
  rlang::check_dots_empty()
  if (is.null(newdata)) {
    return(object$cluster)
  }
  data <- check_clustered(data, object)
  newdata <- check_new_points(newdata, ncol(data))
  threads <- check_threads(threads)
  inside <- which(object$cluster > 0)
  nearest <- run_engine(nearest_cpp(data[inside, , drop = FALSE], newdata, threads))
  row <- inside[nearest$row]
  near <- !is.na(row) & nearest$distance <= object$coredist[row]
  ifelse(near, object$cluster[row], 0L)
}
