# What drawings, which are no numbers, can be asked: which of them are the same.

# Drawings as strings, equal where the pixels are.
hashes <- function(x) {
  pixels <- matrix(x$pixels, nrow = prod(x$size))
  vapply(seq_along(x), function(k) rlang::hash(pixels[, k]), "")
}

#' @rdname as_drawings
#' @export
duplicated.drawings <- function(x, incomparables = FALSE, ...) duplicated(hashes(x), ...)

#' @rdname as_drawings
#' @export
unique.drawings <- function(x, incomparables = FALSE, ...) x[!duplicated(x, ...)]

# What match() and %in% compare.
#' @export
mtfrm.drawings <- function(x) hashes(x)

#' @export
is.na.drawings <- function(x) rep(FALSE, length(x))

#' @export
Ops.drawings <- function(e1, e2) {
  if (!.Generic %in% c("==", "!=") || !inherits(e1, "drawings") || !inherits(e2, "drawings")) {
    abort_no_numbers(.Generic)
  }
  n <- c(length(e1), length(e2))
  if (any(e1$size != e2$size) || (n[[1]] != n[[2]] && all(n > 1))) {
    cli::cli_abort(paste(
      "Drawings are compared with as many of the same size, or with one; here are {n[[1]]} of",
      "{paste(e1$size, collapse = ' x ')} and {n[[2]]} of {paste(e2$size, collapse = ' x ')}."
    ), call = NULL)
  }
  same <- hashes(e1) == hashes(e2)
  if (.Generic == "==") same else !same
}

#' @export
Math.drawings <- function(x, ...) abort_no_numbers(.Generic)

#' @export
Summary.drawings <- function(..., na.rm = FALSE) abort_no_numbers(.Generic)

# What sort(), order() and quantile() ask for.
#' @export
xtfrm.drawings <- function(x) abort_no_numbers("sort")

#' @importFrom stats median
#' @export
median.drawings <- function(x, na.rm = FALSE, ...) abort_no_numbers("median")

#' @export
t.drawings <- function(x) abort_no_numbers("t")

#' @export
as.double.drawings <- function(x, ...) abort_no_numbers("as.numeric")

#' @export
as.character.drawings <- function(x, ...) abort_no_numbers("as.character")

abort_no_numbers <- function(what) {
  cli::cli_abort(c(
    "{.code {what}} does not work on drawings, which are neither numbers nor text.",
    i = "{.code as.array(x)} gives the numbers of all, {.code x[[1]]} those of one; {.fn as_drawings} goes back."
  ), call = NULL)
}
