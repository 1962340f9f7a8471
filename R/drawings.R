#' Drawings: many small pictures, one byte a pixel
#'
#' `as_drawings()` makes a `drawings` object of an array or a matrix; `as.array()`, `as.matrix()`
#' and `as.raster()` go back. The loaders ([load_quickdraw()], [load_mnist()], [read_images()],
#' [read_drawings()], [simulate_sheep()]) give `drawings` as well. They can be indexed (`x[1:10]`),
#' put together (`c(x, y)`), replaced (`x[1] <- y`), counted (`length(x)`), labelled
#' (`labels(x) <- value`), compared (`x == y`, `unique(x)`), averaged (`mean(x)`), printed and plotted.
#' They are no numbers: `x + 1` is an error, `as.array(x) + 1` is not.
#'
#' Inside, drawings are a list of `pixels` (raw, 784 bytes a drawing of 28 x 28, row by row, 0 being paper and
#' 255 ink), `size` (`c(28, 28)`, or what else an array had) and `labels` (one for each drawing, or `NULL`). 126,121 drawings
#' take 99 MB; as an array of numbers they take 791.
#'
#' @param x For `as_drawings()`: an array `[drawing, row, column]` of size n x 28 x 28 (or
#'   n x 28 x 28 x 1) or of other rows and columns; a matrix or a data frame of n x 784 in file order (row by
#'   row), in a data frame with a column of labels or of row numbers if there is one; one drawing as a matrix
#'   of 28 x 28 or a vector of 784; or a list of matrices (one for each drawing) or of `drawings`. Numbers,
#'   logicals or raw bytes, see the section on pixels. For the other functions: `drawings`.
#' @param size Rows and columns of a drawing, where `x` does not say them: `c(32, 32)` for a matrix of
#'   n x 1024. It also says that an array of 28 x 28 x n is meant as it is, 28 drawings of 28 x n: without it
#'   that is an error, for it is more likely R's own order, which `aperm(x, c(3, 1, 2))` turns.
#' @param labels A vector with a label for each drawing, or `NULL`.
#' @param i Which drawings: positions, negative positions, a logical vector, labels (all drawings that have
#'   one of them), or what [mse_anomalies()] found.
#' @param object `drawings`.
#' @param value For `labels(x) <- value`: a label for each drawing, one for all, or `NULL`. For `x[i] <- value`: one
#'   drawing or as many as `i` picks, anything `as_drawings()` takes, with their labels or `NA`. For
#'   `x[[i]] <- value`: a matrix of numbers; the label stays. For `length(x) <- value`: how many of the first to keep.
#' @param incomparables Not used.
#' @param ... For `c()`: more `drawings`; those given by name, `c(cat = x, rabbit = y)`, get it as their label. For `plot()`: passed on to [plot_drawings()]. Unused
#'   elsewhere, but for `rep()`, which takes `times`, `each` and `length.out`, and for `duplicated()` and
#'   `unique()`, which take `fromLast`.
#' @return `as_drawings()`, `x[i]` and `c()`: `drawings`. `x[[i]]`: the numbers of one as a matrix of 28 x 28;
#'   `as.list()`: such a matrix for each. `as.array()`: an array
#'   `[drawing, row, column]` of numbers from 0 (paper) to 1 (ink), upright. `as.matrix()`: the same
#'   numbers as a matrix of n x 784 in file order. `as.raster()`: a picture, dark ink on light
#'   paper; of more than one drawing a mosaic, as [plot_drawings()] shows it. `plot()`: that ggplot2 object. `labels()`: the
#'   labels, or `NULL`. `mean()`: the mean drawing, without a label. `x == y`, `duplicated(x)`: whether the
#'   pixels are the same, one logical a drawing; `unique()`: the first of each. `as.data.frame()`: the labels,
#'   if there are any, as `label`, and a column for each pixel, `X1` to `X784`, or, for other sizes than 28 x 28,
#'   `r1c1`, `r1c2` and so on, by which `as_drawings()` knows them again.
#' @section Pixels: What numbers mean is one rule, wherever they come from (memory, `.npy`, CSV, MNIST's
#'   files); 0 is paper. If none is above 1 they are 0 to 1, ink being 1: also whole numbers and bytes that are
#'   all 0 or 1, as many files of black and white have them. Bytes from 0 to 255 with no larger one than 1
#'   would be empty sheets; Quick, Draw! has none. Whole numbers up to 255, and broken ones if some is above 10, are
#'   0 to 255. A number that passes 0 or 1 by less than half a grey (1/510), as blurring and rescaling leave
#'   it, is cut off there. Broken numbers whose largest is between 1 and 10 could be either: an error.
#'   All are rounded to the nearest of 256 greys.
#' @section Errors: Anything that is not of these sizes; values that are missing, infinite, negative,
#'   above 255 or doubtful; positions beyond the last drawing; labels that no drawing has.
#' @export
#' @examples
#' x <- simulate_sheep(20, seed = 1)
#' x
#' table(labels(x))
#' a <- as.array(x[1:3])
#' dim(a)
#' identical(as_drawings(a, labels = labels(x)[1:3]), x[1:3])
#' plot(x)
#'
#' labels(x) <- ifelse(grepl("no legs", labels(x)), "no legs", "legs")
#' sapply(split(x, labels(x)), length)
#' plot(mean(x))
as_drawings <- function(x, labels = NULL, size = NULL) {
  to_drawings(x, labels, size = size)
}

# The only constructor: trusts its arguments.
new_drawings <- function(pixels, labels = NULL, size = picture) {
  structure(list(pixels = pixels, size = size, labels = labels), class = "drawings")
}

#' @rdname as_drawings
#' @export
length.drawings <- function(x) {
  as.integer(length(x$pixels) / prod(x$size))
}

#' @rdname as_drawings
#' @export
as.array.drawings <- function(x, ...) {
  array(values_from_pixels_cpp(x$pixels, x$size, FALSE), c(length(x), as.integer(x$size)))
}

#' @rdname as_drawings
#' @export
as.matrix.drawings <- function(x, ...) {
  matrix(values_from_pixels_cpp(x$pixels, x$size, TRUE), length(x), prod(x$size))
}

#' @rdname as_drawings
#' @importFrom grDevices as.raster
#' @export
as.raster.drawings <- function(x, ...) {
  if (length(x) == 1) {
    return(as.raster(1 - matrix(as.integer(x$pixels) / 255, x$size[1], x$size[2], byrow = TRUE)))
  }
  as.raster(1 - stitch(x, mosaic_columns(length(x))))
}

#' @rdname as_drawings
#' @export
as.list.drawings <- function(x, ...) {
  lapply(seq_len(length(x)), function(i) x[[i]])
}

#' @rdname as_drawings
#' @export
as.data.frame.drawings <- function(x, ...) {
  pixels <- as.data.frame(as.matrix(x))
  names(pixels) <- pixel_names(x$size)
  if (is.null(x$labels)) pixels else cbind(label = x$labels, pixels)
}

#' @rdname as_drawings
#' @export
print.drawings <- function(x, ...) {
  n <- length(x)
  bytes <- structure(length(x$pixels), class = "object_size")
  cat(format(n, big.mark = ","), if (n == 1) " drawing" else " drawings", " of ", x$size[1], " x ", x$size[2], ", ",
    format(bytes, units = "auto", standard = "SI"), "\n", sep = "")
  if (!is.null(x$labels) && n > 0) {
    counts <- sort(table(x$labels, useNA = "ifany"), decreasing = TRUE)
    shown <- utils::head(counts, 10)
    names <- ifelse(is.na(names(shown)), "<NA>", names(shown))
    counted <- format(as.integer(shown), big.mark = ",")
    cat(paste0("  ", counted, "  ", names, "\n"), sep = "")
    more <- length(counts) - length(shown)
    if (more > 0) {
      cat("  ... and ", format(more, big.mark = ","), " more labels\n", sep = "")
    }
  }
  invisible(x)
}

#' @rdname as_drawings
#' @export
summary.drawings <- function(object, ...) object

#' @rdname as_drawings
#' @export
plot.drawings <- function(x, ...) {
  plot_drawings(x, ...)
}

#' @rdname as_drawings
#' @export
mean.drawings <- function(x, ...) {
  if (length(x) == 0) {
    cli::cli_abort("{.arg x} holds no drawings: there is no mean.")
  }
  drawings_of(unname(mean_drawings(x, rep(1L, length(x)), 1L)))
}
