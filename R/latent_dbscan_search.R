#' Search eps and minPts of DBSCAN
#'
#' Counts the clusters of [latent_dbscan()] for many pairs of `eps` and `minPts`. By default the
#' pairs are drawn as the sheep post draws them: for each in turn `runif()` for `eps`, then
#' `round(runif())` for `minPts`.
#'
#' All pairs share one index of the points, which is why a hundred of them take little longer than
#' a handful. Ctrl-C ends the search within a moment, without a result.
#'
#' @inheritParams latent_dbscan
#' @param draws How many pairs to draw, 1 or more; or the pairs: a data frame or matrix of two
#'   columns, `eps` and `minPts` (by name if it has these, else in this order).
#' @param eps,minPts The ranges to draw from: two increasing numbers each. Unused when `draws` gives
#'   the pairs.
#' @param seed A whole number from 0 to 2147483647 draws the same pairs every time and leaves R's
#'   random numbers alone; `NULL` takes them from R's, so that `set.seed()` counts.
#' @param labels Keep the clusters of every pair, too? They take four bytes for each point and pair.
#' @return A data frame of class `latent_dbscan_search` with a row a pair: `eps`, `minPts`,
#'   `clusters`, `noise` (how many points), `largest` (points of the largest cluster). With
#'   `labels = TRUE` its attribute `labels` is a matrix of integers with a row a point and a column a
#'   pair. `plot()` of it is a ggplot2 object.
#' @section Errors: What [latent_dbscan()] refuses; ranges that are not two increasing numbers;
#'   pairs that are not of two columns.
#' @export
#' @examples
#' z <- rbind(
#'   matrix(rnorm(400, sd = 0.2), ncol = 2),
#'   matrix(rnorm(400, mean = 2, sd = 0.2), ncol = 2)
#' )
#' found <- latent_dbscan_search(z, draws = 50, minPts = c(5, 50), seed = 1)
#' head(found[order(-found$clusters), ])
#' plot(found)
latent_dbscan_search <- function(z, draws = 100, eps = c(0.005, 0.5), minPts = c(5, 300),
                                 seed = NULL, threads = NULL, labels = FALSE) {
  z <- check_latent(z)
  draws <- plain_number(draws)
  if (is.numeric(draws) && is.null(dim(draws))) {
    draws <- check_count(draws)
    eps <- check_range(eps, min = 0)
    minPts <- check_range(minPts, min = 1)
    seed <- check_count(seed, min = 0, max = .Machine$integer.max, null = TRUE)
    pairs <- with_seed(seed, draw_pairs(draws, eps, minPts))
  } else {
    pairs <- check_pairs(draws)
  }
  threads <- check_threads(threads)
  check_flag(labels)
  found <- run_engine(dbscan_search_cpp(
    z, pairs$eps, pairs$minPts, labels, threads, progress_callback("Searching eps and minPts")
  ))
  counts <- found$counts
  result <- structure(
    data.frame(
      eps = pairs$eps, minPts = pairs$minPts, clusters = as.integer(counts[, 1]),
      noise = as.integer(counts[, 2]), largest = as.integer(counts[, 3])
    ),
    class = c("latent_dbscan_search", "data.frame")
  )
  if (labels) attr(result, "labels") <- found$labels
  result
}

# In turn, not column by column: the same seed gives the pairs of the post's loop.
draw_pairs <- function(draws, eps, minPts) {
  pairs <- vapply(
    seq_len(draws),
    function(i) {
      c(stats::runif(1, eps[[1]], eps[[2]]), round(stats::runif(1, minPts[[1]], minPts[[2]])))
    },
    double(2)
  )
  data.frame(eps = pairs[1, ], minPts = as.integer(pairs[2, ]))
}

check_pairs <- function(x, arg = rlang::caller_arg(x), call = rlang::caller_env()) {
  force(arg)
  if (length(dim(x)) != 2 || ncol(x) != 2) {
    abort_argument(
      x, arg, "a whole number, 1 or more, or a data frame of two columns, eps and minPts", call
    )
  }
  x <- plain_columns(x)
  if (all(c("eps", "minPts") %in% names(x))) {
    x <- x[c("eps", "minPts")]
  }
  ok <- vapply(x, function(column) is.numeric(column) && all(is.finite(column)), logical(1))
  if (!all(ok) || any(x[[1]] < 0) || any(x[[2]] < 1) || any(x[[2]] != round(x[[2]]))) {
    cli::cli_abort(
      "{.arg {arg}} must hold pairs of eps, 0 or more, and minPts, whole numbers, 1 or more.",
      call = call
    )
  }
  data.frame(eps = as.double(x[[1]]), minPts = as.integer(x[[2]]))
}

#' @export
plot.latent_dbscan_search <- function(x, ...) {
  rlang::check_dots_empty()
  ggplot2::ggplot(x, ggplot2::aes(.data$eps, .data$minPts)) +
    ggplot2::geom_point(
      ggplot2::aes(fill = pmax(.data$clusters, 0.5)),
      shape = 21, size = 4, colour = "grey40"
    ) +
    ggplot2::geom_text(
      ggplot2::aes(label = .data$clusters), x[x$clusters > 1, ],
      size = 3, vjust = -1, check_overlap = TRUE
    ) +
    ggplot2::scale_fill_viridis_c("Clusters", trans = "log10", labels = round) +
    ggplot2::labs(title = "Clusters for each pair of eps and minPts", x = "eps", y = "minPts") +
    theme_sketchvae()
}
