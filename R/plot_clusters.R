#' What the clusters hold
#'
#' `plot_clusters()` shows a row of drawings for each cluster: first what the decoder draws at the
#' cluster's centre, then the mean of its drawings, then drawings of the cluster, from its centre outwards.
#' `cluster_summary()` counts and measures them, `cluster_means()` gives the mean drawings. New drawings of a
#' cluster are drawn by [vae_generate()] with `near`.
#'
#' @param fit A fitted `vae`.
#' @param x Drawings: anything [as_drawings()] takes.
#' @param clusters A clustering of all drawings of `x` ([latent_dbscan()], [latent_kmeans()]), or a vector with a
#'   whole number for each of them; 0 is noise. Or labels, such as `labels(x)`: a
#'   character vector or factor whose values are the groups; `NA` belongs to none.
#' @param n How many drawings of each cluster, a whole number from 1.
#' @param which The clusters to show, whole numbers from 1, or labels; `NULL` shows all, at most the 12 largest.
#' @param ... Not used.
#' @returns `plot_clusters()`: a ggplot2 object. `cluster_summary()`: a data frame with a row for each
#'   cluster, noise (0) last: `cluster`, its number or label (without one `NA`); `drawings`, their number; `share` of all; `z1`, `z2` and so on, the centre
#'   (the median of the codes in each dimension), which [vae_decode()] takes as a matrix; `spread`, the
#'   median distance of the codes from it; `ink`, the mean share of a drawing that is ink; `mse`,
#'   the median of the squared errors (see [mse_anomalies()]); with labelled drawings `label`, the most
#'   frequent label, and `label_share`, its share of the cluster. `cluster_means()`: an array of clusters x
#'   rows x columns, in the order of `cluster_summary()`, whose names are the clusters' numbers.
#' @section Errors: Clusters that don't fit the drawings; nothing but noise to show.
#' @export
#' @examples
#' x <- simulate_sheep(300, seed = 1)
#' fit <- pretrained_sheep()
#' clusters <- latent_dbscan(vae_encode(fit, x), eps = 0.2, minPts = 8)
#' cluster_summary(fit, x, clusters)
#' plot_clusters(fit, x, clusters)
#' plot_drawings(cluster_means(x, clusters))
#'
#' # New drawings of the second cluster
#' z <- vae_encode(fit, x)
#' plot_drawings(vae_generate(fit, 10, seed = 1, near = z[clusters$cluster == 2, ]))
plot_clusters <- function(fit, x, clusters, n = 10, which = NULL, ...) {
  rlang::check_dots_empty()
  check_class(fit, "vae", made_by = "vae_fit()")
  x <- to_drawings(x)
  labels <- group_names(clusters)
  if (!is.null(labels) && length(clusters) == length(x)) clusters <- group_numbers(clusters, labels)
  cluster <- check_clusters(clusters, length(x))
  if (!is.null(labels) && !is.null(which)) which <- match(which, labels, 0L)
  which <- plain_number(which)
  n <- check_count(n)
  there <- sort(setdiff(unique(cluster), 0L))
  if (length(there) == 0) {
    cli::cli_abort("{.arg clusters} holds no cluster to show, only noise.")
  }
  sizes <- tabulate(cluster, max(there))
  if (is.null(which)) {
    which <- sort(utils::head(there[order(-sizes[there])], 12))
  } else if (!is.numeric(which) || length(which) == 0 || !all(which %in% there)) {
    allowed <- if (is.null(labels)) "numbers of clusters that are there" else "labels that are there"
    abort_argument(which, "which", allowed, rlang::current_env())
  }
  z <- vae_encode(fit, x)
  centres <- t(vapply(which, function(k) centre_of(z, cluster == k), double(ncol(z))))
  dim(centres) <- c(length(which), ncol(z))
  drawn <- drawings_of(vae_decode(fit, centres))
  means <- drawings_of(mean_drawings(x, cluster, which))
  x$labels <- NULL
  blank <- drawings_of(array(0, c(1, x$size)))
  rows <- lapply(seq_along(which), function(row) {
    members <- outwards(z, cluster == which[[row]], centres[row, ], n)
    c(drawn[row], means[row], x[members], blank[rep(1, n - length(members))])
  })
  picture <- as.raster(1 - stitch(do.call(c, rows), n + 2))
  high <- length(which)
  what <- if (is.null(labels)) c("cluster", "clusters") else c("label", "labels")
  ggplot2::ggplot() +
    ggplot2::annotation_raster(picture, 0.5, n + 2.5, -high - 0.5, -0.5) +
    ggplot2::annotate("segment", x = 2.5, xend = 2.5, y = -high - 0.5, yend = -0.5,
      colour = "grey80") +
    ggplot2::scale_x_continuous(NULL,
      breaks = c(1, 2, (n + 5) / 2), position = "top",
      labels = c("decoded\ncentre", "mean", paste0("drawings of the ", what[[1]], ", from its centre outwards"))
    ) +
    ggplot2::scale_y_continuous(NULL, breaks = -seq_len(high), labels = paste0(
      if (is.null(labels)) paste("Cluster", which) else shortened(labels[which]), "\n",
      count_text(sizes[which]), ifelse(sizes[which] == 1, " drawing", " drawings")
    )) +
    ggplot2::coord_fixed(xlim = c(0.5, n + 2.5), ylim = c(-high - 0.5, -0.5), expand = FALSE) +
    ggplot2::labs(
      title = if (high < length(there)) {
        paste("Drawings of", high, "of", length(there), what[[2]])
      } else if (high == 1) paste("Drawings of one", what[[1]]) else paste("Drawings of", high, what[[2]])
    ) +
    theme_sketchvae() +
    ggplot2::theme(panel.grid = ggplot2::element_blank())
}

#' @rdname plot_clusters
#' @export
cluster_summary <- function(fit, x, clusters) {
  check_class(fit, "vae", made_by = "vae_fit()")
  x <- to_drawings(x)
  labels <- group_names(clusters)
  if (!is.null(labels) && length(clusters) == length(x)) clusters <- group_numbers(clusters, labels)
  cluster <- check_clusters(clusters, length(x))
  z <- vae_encode(fit, x)
  mse <- mse_anomalies(fit, x)$mse
  ink <- colMeans(matrix(as.integer(x$pixels), nrow = prod(x$size))) / 255
  there <- noise_last(cluster)
  members <- lapply(there, function(k) base::which(cluster == k))
  of <- function(f) vapply(members, f, double(1))
  centres <- lapply(seq_len(ncol(z)), function(k) of(function(m) stats::median(z[m, k])))
  names(centres) <- paste0("z", seq_len(ncol(z)))
  spread <- of(function(m) stats::median(distances(z[m, , drop = FALSE])))
  rows <- data.frame(
    cluster = there, drawings = lengths(members), share = lengths(members) / length(x), centres,
    spread = spread, ink = of(function(m) mean(ink[m])), mse = of(function(m) stats::median(mse[m]))
  )
  if (!is.null(labels)) rows$cluster <- replace(labels[pmax(there, 1)], there == 0, NA)
  if (!is.null(x$labels)) {
    first <- lapply(members, function(m) {
      utils::head(sort(table(x$labels[m]), decreasing = TRUE), 1)
    })
    rows$label <- vapply(first, function(k) c(names(k), NA_character_)[[1]], "")
    rows$label_share <- vapply(first, function(k) c(as.double(k), NA)[[1]], double(1)) / rows$drawings
  }
  rows
}

#' @rdname plot_clusters
#' @export
cluster_means <- function(x, clusters) {
  x <- to_drawings(x)
  labels <- group_names(clusters)
  if (!is.null(labels) && length(clusters) == length(x)) clusters <- group_numbers(clusters, labels)
  cluster <- check_clusters(clusters, length(x))
  there <- noise_last(cluster)
  means <- mean_drawings(x, cluster, there)
  if (!is.null(labels)) dimnames(means)[[1]] <- replace(labels[pmax(there, 1)], there == 0, NA)
  means
}

# An array of clusters x rows x columns.
mean_drawings <- function(x, cluster, which) {
  pixels <- matrix(x$pixels, nrow = prod(x$size))
  means <- vapply(which, function(k) {
    members <- base::which(cluster == k)
    sum <- double(nrow(pixels))
    # Some at a time: as integers all drawings take four times their bytes.
    for (some in split(members, ceiling(seq_along(members) / 5000))) {
      part <- pixels[, some, drop = FALSE]
      sum <- sum + rowSums(matrix(as.integer(part), nrow(part)))
    }
    sum / length(members) / 255
  }, double(nrow(pixels)))
  # A drawing's pixels run along its rows.
  means <- aperm(array(means, c(rev(x$size), length(which))), 3:1)
  dimnames(means) <- list(which, NULL, NULL)
  means
}

# The names of groups that are labels and no numbers of clusters, or NULL.
group_names <- function(clusters) {
  if (missing(clusters) || !(is.character(clusters) || is.factor(clusters))) {
    return(NULL)
  }
  sort(unique(as.character(clusters)))
}

group_numbers <- function(clusters, names) match(as.character(clusters), names, 0L)

shortened <- function(text, most = 30) ifelse(nchar(text) > most, paste0(substr(text, 1, most - 1), "\u2026"), text)

# Whole numbers, 0 for noise, one for each of n drawings.
check_clusters <- function(clusters, n, arg = rlang::caller_arg(clusters),
                           call = rlang::caller_env()) {
  allowed <- paste(
    "a clustering of the", count_text(n), "drawings, or a whole number, 0 or more, for each of them"
  )
  if (missing(clusters)) abort_argument(clusters, arg, allowed, call)
  cluster <- if (is.list(clusters) && !is.null(clusters$cluster)) clusters$cluster else clusters
  cluster <- plain_number(cluster)
  ok <- is.numeric(cluster) && length(cluster) == n && all(is.finite(cluster)) &&
    all(cluster == round(cluster)) && all(cluster >= 0)
  if (!ok) {
    abort_argument(cluster, arg, allowed, call)
  }
  as.integer(cluster)
}

# The numbers of clusters that occur, in order, noise (0) at the end.
noise_last <- function(cluster) {
  there <- sort(unique(cluster))
  c(setdiff(there, 0L), intersect(there, 0L))
}

centre_of <- function(z, member) {
  apply(z[member, , drop = FALSE], 2, stats::median)
}

# Of the codes of a cluster from their centre.
distances <- function(z) {
  sqrt(rowSums(sweep(z, 2, apply(z, 2, stats::median))^2))
}

# n members of a cluster, evenly spread from its centre to its rim.
outwards <- function(z, member, centre, n) {
  at <- base::which(member)
  distance <- rowSums(sweep(z[at, , drop = FALSE], 2, centre)^2)
  at[order(distance)][unique(round(seq(1, length(at), length.out = min(n, length(at)))))]
}
