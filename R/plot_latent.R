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
  data <- data.frame(a = z[, dims[1]], b = z[, dims[2]])
  base <- ggplot2::ggplot(data, ggplot2::aes(.data$a, .data$b)) +
    ggplot2::labs(
      x = paste("Latent dimension", dims[1]), y = paste("Latent dimension", dims[2]),
      title = paste(format_number(n), "drawings in latent space")
    ) +
    theme_sketchvae()
  points <- function(...) ggplot2::geom_point(..., size = size, alpha = alpha, shape = 16, stroke = 0)
  if (is.null(colour)) {
    return(base + points(colour = "#0072B2"))
  }
  if (is.list(colour) && !is.null(colour$cluster)) colour <- as.integer(colour$cluster)
  if (!is.atomic(colour) || length(colour) != n) {
    abort_argument(colour, "colour", paste("a clustering or a vector of", format_number(n), "values"), rlang::current_env())
  }
  base$data$colour <- colour
  if (is.integer(colour)) {
    base$data$colour <- cluster_factor(colour)
    # Noise first, so that clusters lie on top.
    base$data <- base$data[order(colour != 0), ]
    base + points(ggplot2::aes(colour = .data$colour)) + scale_colour_cluster()
  } else if (is.numeric(colour)) {
    base + points(ggplot2::aes(colour = .data$colour)) + ggplot2::scale_colour_viridis_c(name = NULL)
  } else {
    base + points(ggplot2::aes(colour = .data$colour)) +
      ggplot2::scale_colour_discrete(name = NULL, type = cluster_palette(length(unique(colour)))) +
      ggplot2::guides(colour = ggplot2::guide_legend(override.aes = list(size = 3, alpha = 1)))
  }
}
