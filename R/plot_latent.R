#' Plot the latent space
#'
#' A scatter of codes, coloured by cluster, label or any number. From 20,000 points on they are drawn as one
#' picture: 126,121 take about half a second, and a PDF stays small. Both axes have one scale, since what counts is how
#' far points lie apart, unless one dimension is ten times as wide as the other.
#'
#' @param fit_or_z A matrix of codes, as [vae_encode()] gives it, or a fitted `vae`: then with `x`.
#' @param x Drawings to encode when a fit is given.
#' @param colour What colours the points: a clustering ([latent_dbscan()], [latent_kmeans()]), a factor or
#'   character vector, integers (clusters, 0 is noise), other numbers, or `NULL`: then the labels of `x`, if it has any.
#'   Points are drawn in a shuffled order, always the same, so that no group covers the others.
#' @param dims Which two latent dimensions, whole numbers.
#' @param size,alpha Size and opacity of a point; `NULL` chooses by their number. In a picture a point is
#'   a pixel of 640 by 520, whatever its `size`.
#' @param outliers Show points that lie far from all others? Otherwise the map opens on where most points lie, and says
#'   below how many lie outside: at most one in a hundred to each side, or three.
#' @param ... Not used.
#' @returns A ggplot2 object.
#' @export
#' @examples
#' x <- simulate_sheep(200, seed = 1)
#' fit <- vae_fit(x, model_binary(hidden = 20), epochs = 2, seed = 1)
#' plot_latent(fit, x)
#' plot_latent(fit, x, colour = mse_anomalies(fit, x)$mse, outliers = TRUE)
plot_latent <- function(fit_or_z, x = NULL, colour = NULL, dims = 1:2, size = NULL, alpha = NULL, outliers = FALSE, ...) {
  rlang::check_dots_empty()
  of_fit <- !missing(fit_or_z) && inherits(fit_or_z, "vae")
  if (of_fit && is.null(x)) cli::cli_abort("{.arg x}: give the drawings to encode along with the fit.")
  if (missing(fit_or_z) || !(of_fit || is.numeric(plain_number(fit_or_z)) || is.data.frame(fit_or_z))) {
    abort_argument(fit_or_z, "fit_or_z", "a fitted vae, or a matrix of codes as vae_encode() gives it", rlang::current_env())
  }
  z <- if (of_fit) vae_encode(fit_or_z, x) else check_matrix(fit_or_z)
  dims <- plain_number(dims)
  if (!is.numeric(dims) || length(dims) != 2 || !all(dims %in% seq_len(ncol(z)))) {
    abort_argument(dims, "dims", paste("two whole numbers from 1 to", ncol(z)), rlang::current_env())
  }
  if (nrow(z) == 0) cli::cli_abort("There are no codes: nothing to show.")
  if (is.null(colour) && inherits(x, "drawings") && length(x) == nrow(z)) colour <- labels_as_colour(labels(x))
  colour <- check_colour(colour, nrow(z))
  size <- check_number(size, min = 0, null = TRUE)
  alpha <- check_number(alpha, min = 0, max = 1, null = TRUE)
  check_flag(outliers)
  latent_map(z, colour, dims, map_limits(z[, dims, drop = FALSE], outliers), size, alpha)
}

# Labels are kinds, not numbers, whatever they are made of; of more than twenty no colours tell.
labels_as_colour <- function(labels, most = 20) {
  if (!is.null(labels) && length(unique(labels)) <= most) factor(labels)
}

# What colours n points: the numbers of a clustering, or a vector.
check_colour <- function(colour, n, call = rlang::caller_env()) {
  if (is.list(colour) && !is.null(colour$cluster)) colour <- as.integer(colour$cluster)
  colour <- plain_number(colour)
  if (!is.null(colour) && (!is.atomic(colour) || length(colour) != n)) {
    allowed <- paste("a clustering or a vector of", count_text(n), "values")
    abort_argument(colour, "colour", allowed, call)
  }
  colour
}

# The map itself: what lies within `limits`.
latent_map <- function(z, colour, dims, limits, size = NULL, alpha = NULL, rest = "outliers = TRUE shows all") {
  n <- nrow(z)
  z <- unname(z[, dims, drop = FALSE])
  title <- paste(drawings_text(n), "in latent space")
  size <- size %||% if (n > 2000) .5 else if (n > 500) 1 else 1.5
  if (is.integer(colour)) {
    return(plot_clustered_points(z, colour, title, names = dims, size = size, alpha = alpha %||% 1, limits = limits, rest = rest))
  }
  alpha <- alpha %||% if (n > 20000) .5 else .8
  inside <- on_map(z, limits)
  drawn <- map_order(n)
  drawn <- drawn[inside[drawn]]
  p <- ggplot2::ggplot() +
    ggplot2::labs(x = paste("Latent dimension", dims[1]), y = paste("Latent dimension", dims[2]), title = title,
      caption = outside_text(sum(!inside), rest)) +
    latent_coord(limits) +
    theme_sketchvae()
  points <- function(colours) points_layer(z[drawn, 1], z[drawn, 2], rep_len(colours, n)[drawn], size, alpha)
  # Legends have points of their own, which nobody sees, at a place where there is one.
  somewhere <- list(x = z[drawn[1], 1], y = z[drawn[1], 2])
  if (is.null(colour)) {
    p + points(okabe_ito[[1]])
  } else if (is.numeric(colour)) {
    scale <- grDevices::hcl.colors(256, "viridis")
    ends <- range(colour, finite = TRUE)
    place <- (colour - ends[[1]]) / max(ends[[2]] - ends[[1]], 1e-300)
    shown <- scale[1 + floor(255 * ifelse(is.finite(place), pmin(pmax(place, 0), 1), NA))]
    shown[is.na(shown)] <- "#7F7F7F"
    p + points(shown) +
      ggplot2::geom_point(ggplot2::aes(.data$x, .data$y, colour = .data$kind),
        data.frame(somewhere, kind = ends), alpha = 0) +
      ggplot2::scale_colour_gradientn(name = NULL, colours = scale)
  } else {
    kind <- factor(colour)
    colours <- stats::setNames(unname(cluster_palette(nlevels(kind))[-1]), levels(kind))
    shown <- unname(colours[as.integer(kind)])
    shown[is.na(shown)] <- "#7F7F7F"
    p + points(shown) +
      legend_layer(ggplot2::aes(.data$x, .data$y, colour = .data$kind),
        data.frame(somewhere, kind = factor(levels(kind), levels(kind)))) +
      ggplot2::scale_colour_manual(name = NULL, values = colours)
  }
}
