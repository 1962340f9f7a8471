#' Plot the latent space
#'
#' A scatter of codes, coloured by cluster, label or any number. Many points are drawn as a raster layer.
#'
#' @param fit_or_z A matrix of codes, as [vae_encode()] gives it, or a fitted `vae`: then with `x`.
#' @param x Drawings to encode when a fit is given.
#' @param colour What colours the points: a clustering ([latent_dbscan()], [latent_kmeans()]), a factor or
#'   character vector, integers (clusters, 0 is noise), other numbers, or `NULL`.
#' @param dims Which two latent dimensions, whole numbers.
#' @param size,alpha Size and opacity of a point; `NULL` chooses by their number.
#' @param ... Not used.
#' @returns A ggplot2 object.
#' @export
#' @examples
#' x <- simulate_sheep(200, seed = 1)
#' fit <- vae_fit(x, model_binary(hidden = 20), epochs = 2, seed = 1)
#' plot_latent(fit, x, colour = labels(x))
plot_latent <- function(fit_or_z, x = NULL, colour = NULL, dims = 1:2, size = NULL, alpha = NULL, ...) {
  z <- if (inherits(fit_or_z, "vae")) {
    if (is.null(x)) cli::cli_abort("{.arg x}: give the drawings to encode along with the fit.")
    vae_encode(fit_or_z, x)
  } else {
    check_matrix(fit_or_z)
  }
  if (!is.numeric(dims) || length(dims) != 2 || !all(dims %in% seq_len(ncol(z)))) {
    abort_argument(dims, "dims", paste("two whole numbers from 1 to", ncol(z)), rlang::current_env())
  }
  n <- nrow(z)
  size <- check_number(size, min = 0, null = TRUE) %||% if (n > 20000) .1 else if (n > 2000) .5 else 1
  alpha <- check_number(alpha, min = 0, max = 1, null = TRUE) %||% if (n > 20000) .5 else .8
  title <- paste(count_text(n), "drawings in latent space")
  if (is.list(colour) && !is.null(colour$cluster)) colour <- as.integer(colour$cluster)
  if (!is.null(colour) && (!is.atomic(colour) || length(colour) != n)) {
    allowed <- paste("a clustering or a vector of", count_text(n), "values")
    abort_argument(colour, "colour", allowed, rlang::current_env())
  }
  if (is.integer(colour)) {
    return(plot_clustered_points(z[, dims], colour, title, names = dims))
  }
  data <- data.frame(a = z[, dims[1]], b = z[, dims[2]])
  data$colour <- colour
  points <- function(...) ggplot2::geom_point(..., size = size, alpha = alpha, shape = 16, stroke = 0)
  p <- ggplot2::ggplot(data, ggplot2::aes(.data$a, .data$b)) +
    ggplot2::labs(
      x = paste("Latent dimension", dims[1]), y = paste("Latent dimension", dims[2]), title = title
    ) +
    theme_sketchvae()
  if (is.null(colour)) {
    p + points(colour = okabe_ito[[1]])
  } else if (is.numeric(colour)) {
    p + points(ggplot2::aes(colour = .data$colour)) + ggplot2::scale_colour_viridis_c(name = NULL)
  } else {
    kinds <- length(unique(colour))
    p + points(ggplot2::aes(colour = .data$colour)) +
      ggplot2::scale_colour_manual(name = NULL, values = unname(cluster_palette(kinds)[-1])) +
      ggplot2::guides(colour = ggplot2::guide_legend(override.aes = list(size = 3, alpha = 1)))
  }
}
