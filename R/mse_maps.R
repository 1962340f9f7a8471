#' Where in a drawing the error is
#'
#' The squared error of every pixel, whose sum is the drawing's score in [mse_anomalies()].
#'
#' @param fit A fitted `vae`.
#' @param x Drawings: anything [as_drawings()] takes.
#' @param n At most this many drawings, the first ones.
#' @param threads Threads; see [vae_fit()].
#' @returns `mse_maps()`: an array of drawings x rows x columns, each value from 0 to 1.
#'   `plot_mse_maps()`: a ggplot2 object: a column a drawing, below each other the drawing, its
#'   reconstruction and the errors, orange where the model leaves ink out, blue where it adds some.
#' @export
#' @examples
#' x <- simulate_sheep(200, anomalies = 4, seed = 1)
#' fit <- pretrained_sheep()
#' worst <- x[mse_anomalies(fit, x)$anomalies]
#' dim(mse_maps(fit, worst))
#' plot_mse_maps(fit, worst)
mse_maps <- function(fit, x, threads = NULL) {
  check_class(fit, "vae", made_by = "vae_fit()")
  x <- to_drawings(x)
  (as_input(x, fit) - vae_reconstruct(fit, x, threads = threads))^2
}

#' @rdname mse_maps
#' @export
plot_mse_maps <- function(fit, x, n = 8, threads = NULL) {
  check_class(fit, "vae", made_by = "vae_fit()")
  x <- to_drawings(x)
  n <- min(check_count(n), length(x))
  if (n == 0) cli::cli_abort("{.arg x} holds no drawings: there is nothing to show.")
  x <- x[seq_len(n)]
  x$labels <- NULL
  drawn <- vae_reconstruct(fit, x, threads = threads)
  missing <- as_input(x, fit) - drawn
  grey <- as.matrix(as.raster(1 - stitch(c(x, drawings_of(drawn)), n)))
  # Paper to orange or to blue by the size of the error, the squares' root: a small one shows, too.
  towards <- ifelse(missing > 0, 4, 1)
  channel <- function(k) {
    full <- grDevices::col2rgb(okabe_ito)[k, ] / 255
    colour <- array(full[towards], dim(missing))
    # stitch() pads with 0: what is kept here is the distance from white.
    stitch(drawings_of(abs(missing) * (1 - colour)), n)
  }
  errors <- grDevices::rgb(1 - channel(1), 1 - channel(2), 1 - channel(3))
  picture <- rbind(grey, matrix(errors, ncol = ncol(grey)))
  high <- nrow(picture)
  wide <- ncol(picture)
  ggplot2::ggplot() +
    ggplot2::annotation_raster(as.raster(picture), 0, wide, -high, 0) +
    ggplot2::coord_fixed(expand = FALSE) +
    ggplot2::scale_y_continuous(NULL,
      limits = c(-high, 0), breaks = -high * c(1, 3, 5) / 6, labels = c("drawing", "redrawn", "error")
    ) +
    ggplot2::scale_x_continuous("Squared error",
      limits = c(0, wide), breaks = (seq_len(n) - .5) * wide / n, position = "top",
      labels = format(rowSums(missing^2), digits = 3, trim = TRUE)
    ) +
    ggplot2::labs(
      title = "Where the error is",
      subtitle = "Orange: ink left out; blue: ink added"
    ) +
    theme_sketchvae() +
    ggplot2::theme(panel.grid = ggplot2::element_blank())
}

# What the model is given and measured against: ink or paper only where it turns grey into that.
as_input <- function(x, fit) {
  pixels <- as.array(x)
  threshold <- fit$model$binarize
  if (!is.null(threshold)) pixels[] <- as.double(pixels > threshold)
  pixels
}
