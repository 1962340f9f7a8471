#' What the decoder draws along latent dimensions
#'
#' Walks through latent space in even steps and shows what is drawn on the way. `plot_traversal()`
#' changes one dimension at a time, a row of drawings for each; `plot_grid()` changes two at once, with
#' the codes on the axes, so that it can be read beside [plot_latent()].
#'
#' @param fit A fitted `vae`.
#' @param dim The dimensions to walk along, one or more whole numbers; `NULL` takes all.
#' @param dims Two different dimensions, across and up; the other dimensions stay at `at`.
#' @param n How many steps along a dimension, a whole number from 2.
#' @param range From where to where, two increasing numbers.
#' @param at The code that the walk passes through: a number for each dimension of the code, or `NULL`
#'   for 0 in all.
#' @param z Codes, as [vae_encode()] gives them: the walk then spans the middle 96 % of these in every
#'   dimension, instead of `range`.
#' @param ... Not used.
#' @returns A ggplot2 object.
#' @section Errors: Dimensions that the fit does not have; numbers outside their ranges.
#' @seealso [latent_interpolate()] for walks in any direction.
#' @export
#' @examples
#' fit <- pretrained_sheep()
#' plot_traversal(fit)
#' plot_grid(fit, n = 7)
plot_traversal <- function(fit, dim = NULL, n = 9, range = c(-2, 2), at = NULL, z = NULL, ...) {
  rlang::check_dots_empty()
  check_class(fit, "vae", made_by = "vae_fit()")
  d <- fit$model$latent_dim
  dim <- check_dimensions(dim %||% seq_len(d), d, arg = "dim")
  n <- check_count(n, min = 2)
  at <- check_code(at, d)
  ends <- lapply(dim, span, z = z, range = check_range(range), d = d)
  steps <- lapply(ends, function(end) seq(end[[1]], end[[2]], length.out = n))
  codes <- lapply(seq_along(dim), function(k) {
    code <- matrix(at, n, d, byrow = TRUE)
    code[, dim[[k]]] <- steps[[k]]
    code
  })
  drawn <- drawings_of(vae_decode(fit, do.call(rbind, codes)))
  rows <- length(dim)
  # The steps are written below the drawings: rows may span different ranges.
  words <- data.frame(
    x = rep(seq_len(n), rows), y = rep(-seq_len(rows) - 0.44, each = n),
    label = formatC(unlist(steps), format = "g", digits = 2)
  )
  many <- if (rows == 1) paste("dimension", dim) else paste(rows, "dimensions, one at a time")
  ggplot2::ggplot(words) +
    ggplot2::annotation_raster(
      as.raster(1 - stitch(drawn, n)), 0.5, n + 0.5, -rows - 0.5, -0.5
    ) +
    ggplot2::geom_text(
      ggplot2::aes(.data$x, .data$y, label = .data$label), size = 2.5, colour = "grey40"
    ) +
    ggplot2::scale_x_continuous(NULL, breaks = NULL) +
    ggplot2::scale_y_continuous(NULL, breaks = -seq_len(rows), labels = paste("Dimension", dim)) +
    ggplot2::coord_fixed(xlim = c(0.5, n + 0.5), ylim = c(-rows - 0.5, -0.5), expand = FALSE) +
    ggplot2::labs(title = paste("What the decoder draws along", many)) +
    theme_sketchvae() +
    ggplot2::theme(panel.grid = ggplot2::element_blank())
}

#' @rdname plot_traversal
#' @export
plot_grid <- function(fit, dims = 1:2, n = 15, range = c(-2, 2), at = NULL, z = NULL, ...) {
  rlang::check_dots_empty()
  check_class(fit, "vae", made_by = "vae_fit()")
  d <- fit$model$latent_dim
  dims <- check_dimensions(dims, d, many = 2)
  n <- check_count(n, min = 2)
  at <- check_code(at, d)
  range <- check_range(range)
  across <- span(dims[[1]], z, range, d)
  up <- span(dims[[2]], z, range, d)
  # Reading order: from the left, and from the top, which is the far end of the second dimension.
  code <- matrix(at, n * n, d, byrow = TRUE)
  code[, dims[[1]]] <- rep(seq(across[[1]], across[[2]], length.out = n), n)
  code[, dims[[2]]] <- rep(seq(up[[2]], up[[1]], length.out = n), each = n)
  picture <- as.raster(1 - stitch(drawings_of(vae_decode(fit, code)), n))
  # A drawing's middle lies at its code.
  half <- c(diff(across), diff(up)) / (n - 1) / 2
  sides <- list(x = across + c(-1, 1) * half[[1]], y = up + c(-1, 1) * half[[2]])
  ggplot2::ggplot(as.data.frame(sides), ggplot2::aes(.data$x, .data$y)) +
    ggplot2::annotation_raster(
      picture, sides$x[[1]], sides$x[[2]], sides$y[[1]], sides$y[[2]]
    ) +
    ggplot2::geom_blank() + # the raster alone would leave the axes without numbers
    ggplot2::coord_fixed(
      ratio = diff(sides$x) / diff(sides$y), xlim = sides$x, ylim = sides$y, expand = FALSE
    ) +
    ggplot2::labs(
      x = paste("Latent dimension", dims[[1]]), y = paste("Latent dimension", dims[[2]]),
      title = "What the decoder draws, place by place"
    ) +
    theme_sketchvae() +
    ggplot2::theme(panel.grid = ggplot2::element_blank())
}

# The ends of a walk along dimension `k`: those of the codes `z`, or `range`.
span <- function(k, z, range, d, call = rlang::caller_env(2)) {
  if (is.null(z)) {
    return(range)
  }
  z <- check_matrix(z, "z", cols = d, call = call)
  if (nrow(z) == 0) {
    return(range)
  }
  ends <- unname(stats::quantile(z[, k], c(0.02, 0.98)))
  if (ends[[1]] < ends[[2]]) ends else ends + c(-1, 1)
}

# Different dimensions of a code of `d`, `many` of them if given.
check_dimensions <- function(x, d, many = NULL, arg = rlang::caller_arg(x),
                             call = rlang::caller_env()) {
  force(arg)
  x <- plain_number(x)
  ok <- is.numeric(x) && length(x) > 0 && all(x %in% seq_len(d)) && !anyDuplicated(x)
  if (!ok || (!is.null(many) && length(x) != many)) {
    what <- if (is.null(many)) "different whole numbers" else paste(many, "different whole numbers")
    abort_argument(x, arg, paste(what, "from 1 to", d), call)
  }
  as.integer(x)
}

# One code; NULL is the middle of the prior.
check_code <- function(x, d, arg = rlang::caller_arg(x), call = rlang::caller_env()) {
  if (is.null(x)) {
    return(double(d))
  }
  force(arg)
  x <- plain_number(x)
  if (!is.numeric(x) || length(x) != d || !all(is.finite(x))) {
    abort_argument(x, arg, paste("NULL or", d, "finite numbers, one for each dimension"), call)
  }
  as.double(x)
}
