#' DBSCAN for every eps at once
#'
#' For one `minPts`, the number of clusters that [latent_dbscan()] finds at every `eps`, exactly and
#' without a search. A point is a core point from its core distance on (the distance to its
#' `minPts`-th nearest point, itself included), and the minimum spanning tree of mutual reachability
#' says from which `eps` on two cores share a cluster: there are as many clusters as core distances
#' up to `eps`, less the edges of the tree up to `eps`.
#'
#' Where the curve stays level for long, the clusters don't depend on the choice of `eps`: `plot()`
#' marks the longest such stretches of two clusters or more, measured by the ratio of their ends.
#'
#' @inheritParams latent_dbscan
#' @return An object of class `latent_dbscan_path`:
#'   * `$steps`: a data frame with a row for each change: from this `eps` on there are that many
#'     `clusters`;
#'   * `$stretches`: a data frame `from`, `to`, `clusters` of the level stretches with two clusters
#'     or more, longest first, at most twenty;
#'   * `$core`, `$tree`, `$joins`: sorted, the `eps` at which points become core, clusters merge,
#'     and points cease to be noise (`Inf` for never);
#'   * `$minPts`, and `$z`, the points.
#'
#'   `predict(path, eps)` gives a data frame `eps, clusters, noise, core` for any `eps`, `cut(path,
#'   eps)` the labels at one, as [latent_dbscan()] with `keep = TRUE` does; `plot(path, outliers = FALSE)` is a
#'   ggplot2 object, up to the `eps` at which all but far points have joined.
#' @section Errors: Values that are not finite or beyond 1e100, a `minPts` that is not whole.
#' @source Campello, Moulavi, Zimek and Sander (2015), Hierarchical density estimates for data
#'   clustering, visualization, and outlier detection. ACM TKDD 10(1).
#' @seealso [latent_hdbscan()] chooses clusters of different density from the same tree.
#' @export
#' @examples
#' z <- rbind(
#'   matrix(rnorm(400, sd = 0.2), ncol = 2),
#'   matrix(rnorm(400, mean = 2, sd = 0.2), ncol = 2)
#' )
#' path <- latent_dbscan_path(z, minPts = 10)
#' path
#' plot(path)
#' predict(path, eps = c(0.1, 0.2, 0.5))
#' cut(path, eps = 0.3)
latent_dbscan_path <- function(z, minPts, threads = NULL) {
  z <- check_latent(z)
  minPts <- check_count(minPts)
  threads <- check_threads(threads)
  found <- run_engine(dbscan_path_cpp(z, minPts, threads, progress_callback("Growing the tree")))
  steps <- path_steps(found$core, found$tree)
  structure(
    c(list(steps = steps, stretches = path_stretches(steps)), found, list(minPts = minPts, z = z)),
    class = "latent_dbscan_path"
  )
}

path_steps <- function(core, tree) {
  eps <- unique(sort(c(core[is.finite(core)], tree)))
  clusters <- findInterval(eps, core) - findInterval(eps, tree)
  changes <- c(TRUE, clusters[-1] != clusters[-length(clusters)])[seq_along(eps)]
  data.frame(eps = eps[changes], clusters = clusters[changes])
}

path_stretches <- function(steps) {
  n <- nrow(steps)
  level <- data.frame(
    from = steps$eps[-n], to = steps$eps[-1], clusters = steps$clusters[-n]
  )
  level <- level[level$clusters >= 2 & level$from > 0, ]
  level <- utils::head(level[order(-level$to / level$from), ], 20)
  rownames(level) <- NULL
  level
}

#' @export
predict.latent_dbscan_path <- function(object, eps, ...) {
  rlang::check_dots_empty()
  if (!missing(eps)) eps <- plain_number(eps)
  if (missing(eps) || !is.numeric(eps) || !all(is.finite(eps)) || any(eps < 0)) {
    abort_argument(eps, "eps", "finite numbers, 0 or more", rlang::current_env())
  }
  core <- findInterval(eps, object$core)
  data.frame(
    eps = eps, clusters = core - findInterval(eps, object$tree),
    noise = nrow(object$z) - findInterval(eps, object$joins), core = core
  )
}

#' @export
cut.latent_dbscan_path <- function(x, eps, threads = NULL, ...) {
  rlang::check_dots_empty()
  latent_dbscan(x$z, eps, x$minPts, threads, keep = TRUE)
}

#' @export
print.latent_dbscan_path <- function(x, ...) {
  cat(
    "DBSCAN of ", count_text(nrow(x$z)), " points for every eps, minPts = ", count_text(x$minPts),
    "\n",
    sep = ""
  )
  most <- if (nrow(x$steps) > 0) max(x$steps$clusters) else 0
  cat("  most clusters: ", count_text(most), sep = "")
  if (most > 0) {
    cat(" at eps =", format(x$steps$eps[[which.max(x$steps$clusters)]], digits = 4))
  }
  cat("\n")
  longest <- utils::head(x$stretches, 3)
  for (i in seq_len(nrow(longest))) {
    cat(
      "  ", count_text(longest$clusters[[i]]), " clusters from eps = ",
      format(longest$from[[i]], digits = 4), " to ", format(longest$to[[i]], digits = 4), "\n",
      sep = ""
    )
  }
  invisible(x)
}

#' @export
plot.latent_dbscan_path <- function(x, outliers = FALSE, ...) {
  rlang::check_dots_empty()
  check_flag(outliers)
  if (nrow(x$steps) == 0) {
    cli::cli_abort("There are no core points at any {.arg eps}: nothing to plot.")
  }
  n <- nrow(x$z)
  at <- c(x$joins, x$steps$eps)
  at <- at[at > 0 & is.finite(at)]
  ends <- range(at)
  # A point far from all others joins so late that the rest would be a line at the left.
  if (!outliers) ends <- pmin(pmax(exp(map_range(log(at))), ends[[1]]), ends[[2]])
  late <- sum(x$joins > ends[[2]] & is.finite(x$joins))
  # More steps than pixels help nobody: counts at so many places along the axis.
  eps <- exp(seq(log(ends[[1]]), log(ends[[2]] * 1.05), length.out = 2000))
  curve <- stats::predict(x, eps)
  panels <- c("clusters", "noise, % of points")
  points <- data.frame(
    eps = c(eps, eps), value = c(curve$clusters, 100 * curve$noise / n),
    panel = factor(rep(panels, each = length(eps)), panels)
  )
  longest <- utils::head(x$stretches, 3)
  p <- ggplot2::ggplot(points, ggplot2::aes(.data$eps, .data$value))
  if (nrow(longest) > 0) {
    longest$panel <- factor(panels[[1]], panels)
    p <- p +
      ggplot2::geom_rect(
        ggplot2::aes(xmin = .data$from, xmax = .data$to, ymin = -Inf, ymax = Inf), longest,
        inherit.aes = FALSE, fill = okabe_ito[[2]], alpha = 0.35
      ) +
      ggplot2::geom_text(
        ggplot2::aes(sqrt(.data$from * .data$to), Inf, label = .data$clusters), longest,
        inherit.aes = FALSE, vjust = 1.4, size = 3.5
      )
  }
  p +
    ggplot2::geom_step(colour = okabe_ito[[1]]) +
    ggplot2::facet_wrap(ggplot2::vars(.data$panel), ncol = 1, scales = "free_y") +
    ggplot2::scale_x_log10() +
    ggplot2::labs(
      title = "DBSCAN for every eps", x = "eps", y = NULL,
      caption = if (late > 0) paste0(count_text(late), if (late == 1) " point joins" else " points join",
        " at a larger eps; outliers = TRUE shows all"),
      subtitle = sprintf(
        "minPts = %s, %s points; shaded: where the number of clusters holds longest",
        count_text(x$minPts), count_text(n)
      )
    ) +
    theme_sketchvae()
}
