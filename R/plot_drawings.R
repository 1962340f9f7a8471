#' A mosaic of drawings
#'
#' Shows drawings side by side, dark ink on light paper, upright.
#'
#' @param x `drawings`, an array of n x 28 x 28 (such as [vae_decode()] gives), or a matrix of
#'   n x 784 in file order; values as in [as_drawings()].
#' @param n At most this many drawings. Of labelled drawings as many of each label as there is room for, side by side (the
#'   first ones of each; with more labels than `n`, of the most frequent ones); of others the first ones.
#' @param ncol How many drawings stand side by side; `NULL` makes the mosaic about square.
#' @param labels What to write above the drawings: `NULL` nothing, `TRUE` the labels of `x`, or a
#'   vector with an element for each drawing.
#' @param ... Unused.
#' @return A ggplot2 object.
#' @section Errors: What [as_drawings()] refuses; nothing to show; labels that do not fit.
#' @export
#' @examples
#' x <- simulate_sheep(24, seed = 1)
#' plot_drawings(x, ncol = 8)
#' plot_drawings(x, n = 4, labels = TRUE)
plot_drawings <- function(x, n = 100, ncol = NULL, labels = NULL, ...) {
  rlang::check_dots_empty()
  x <- to_drawings(x)
  n <- check_count(n)
  ncol <- check_count(ncol, null = TRUE)
  total <- length(x)
  if (total == 0) {
    cli::cli_abort("{.arg x} holds no drawings: there is nothing to show.")
  }
  if (isTRUE(labels)) {
    if (is.null(x$labels)) {
      cli::cli_abort("{.code labels = TRUE} needs drawings with labels; {.arg x} has none.")
    }
    labels <- x$labels
  } else if (isFALSE(labels)) {
    labels <- NULL
  }
  labels <- check_labels(labels, total)

  shown <- min(n, total)
  columns <- min(if (is.null(ncol)) mosaic_columns(shown) else ncol, shown)
  kinds <- labels %||% x$labels
  rows <- first_of_each(kinds, shown, total)
  of_each <- !identical(rows, seq_len(shown))
  picture <- as.raster(1 - stitch(x[rows], columns))
  p <- ggplot2::ggplot() +
    ggplot2::annotation_raster(picture, 0, ncol(picture), -nrow(picture), 0) +
    ggplot2::coord_fixed(xlim = c(0, ncol(picture)), ylim = c(-nrow(picture), 0), expand = FALSE) +
    ggplot2::labs(title = if (shown < total) {
      paste(if (of_each) "A sample by label:" else "The first", count_text(shown), "of", drawings_text(total))
    } else {
      drawings_text(total)
    }) +
    theme_sketchvae() +
    ggplot2::theme(
      axis.text = ggplot2::element_blank(), axis.title = ggplot2::element_blank(),
      panel.grid = ggplot2::element_blank(), axis.ticks = ggplot2::element_blank(),
      # Labels of the first row stand on the upper edge.
      plot.title = ggplot2::element_text(margin = ggplot2::margin(b = 9))
    )
  if (!is.null(labels)) {
    place <- seq_len(shown) - 1
    words <- data.frame(
      x = (place %% columns + 0.5) * tile_size(x)[2],
      y = -(place %/% columns) * tile_size(x)[1],
      label = as.character(labels[rows])
    )
    p <- p + ggplot2::geom_text(
      ggplot2::aes(x = .data$x, y = .data$y, label = .data$label), words,
      vjust = 1, size = 2.5, colour = "grey30"
    )
  }
  p
}

# Which n of `total` drawings to show: the first ones, or, where that would leave labels out, as many of each label as
# the shares allow, label after label.
first_of_each <- function(labels, n, total) {
  if (is.null(labels) || n == total || length(unique(labels)) == 1) {
    return(seq_len(n))
  }
  kind <- match(labels, unique(labels))
  # Numbered from the most frequent label on.
  kind <- match(kind, order(-tabulate(kind)))
  turn <- stats::ave(seq_len(total), kind, FUN = seq_along)
  # The first of every label, then the second of every label, until there are n.
  taken <- order(turn, kind)[seq_len(n)]
  taken[order(kind[taken], taken)]
}

# A tile of a mosaic, rows and columns: a drawing with two pixels of paper all round.
tile_size <- function(x) x$size + 4

mosaic_columns <- function(n) {
  max(1, ceiling(sqrt(n)))
}

# One matrix with all drawings as tiles, `columns` side by side, ink = 1.
stitch <- function(x, columns) {
  n <- length(x)
  rows <- ceiling(n / columns)
  tile <- tile_size(x)
  tiles <- array(0, c(rev(tile), columns * rows))
  # Bytes run along a drawing's rows, so the first index is the column.
  tiles[2 + seq_len(x$size[2]), 2 + seq_len(x$size[1]), seq_len(n)] <- as.integer(x$pixels) / 255
  dim(tiles) <- c(rev(tile), columns, rows)
  matrix(aperm(tiles, c(2, 4, 1, 3)), rows * tile[1], columns * tile[2])
}
