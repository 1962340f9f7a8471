# Picking and replacing drawings.

#' @export
`$<-.drawings` <- function(x, name, value) {
  if (name == "labels") set_labels(x, value) else set_part(x, name, value)
}

# For who knows what is inside, utils::modifyList() among them.
set_part <- function(x, name, value) {
  x <- unclass(x)
  x[[name]] <- value
  structure(x, class = "drawings")
}

#' @rdname as_drawings
#' @export
`[.drawings` <- function(x, i) {
  if (missing(i)) {
    return(x)
  }
  at <- positions(x, i)
  pixels <- matrix(x$pixels, nrow = prod(x$size))[, at]
  dim(pixels) <- NULL
  new_drawings(pixels, if (!is.null(x$labels)) x$labels[at], x$size)
}

# The positions, 1 to length(x), that an index means.
positions <- function(x, i, call = rlang::caller_env()) {
  n <- length(x)
  if (inherits(i, "mse_anomalies")) i <- i$anomalies
  i <- plain_number(i)
  if (is.factor(i)) i <- as.character(i)
  if (is.character(i)) {
    unknown <- setdiff(i, as.character(x$labels))
    if (length(unknown) > 0) {
      cli::cli_abort("{.arg x} has no drawings with the label{?s} {.val {unknown}}.", call = call)
    }
    return(which(as.character(x$labels) %in% i))
  }
  one_sign <- is.numeric(i) && !(any(i < 0, na.rm = TRUE) && any(is.na(i) | i > 0))
  if (!is.null(i) && !one_sign && !is.logical(i)) {
    abort_argument(i, "i", "positions of drawings, all positive or all negative, a logical vector, or labels", call)
  }
  if (is.logical(i) && !length(i) %in% c(1, n)) {
    cli::cli_abort(paste(
      "A logical {.arg i} must have one value for each of the {n} drawings,",
      "not {length(i)}."
    ), call = call)
  }
  at <- seq_len(n)[i]
  if (anyNA(at)) {
    wrong <- if (anyNA(i)) "NA" else format(max(i), big.mark = ",")
    cli::cli_abort("There is no drawing {wrong}: {.arg x} holds {format(n, big.mark = ',')}.", call = call)
  }
  at
}

#' @rdname as_drawings
#' @export
`[[.drawings` <- function(x, i) {
  # $pixels and its like also come here by name.
  if (is.character(i)) return(unclass(x)[[i]])
  one <- x[positions(x, check_count(i))]
  matrix(as.integer(one$pixels) / 255, x$size[1], x$size[2], byrow = TRUE)
}

#' @rdname as_drawings
#' @export
`[<-.drawings` <- function(x, i, value) {
  at <- if (missing(i)) seq_along(x) else positions(x, i)
  value <- to_drawings(value, arg = "value")
  if (length(at) == 0) {
    return(x)
  }
  if (!length(value) %in% c(1, length(at))) {
    cli::cli_abort("{.arg value} must be one drawing or {length(at)}, not {length(value)}.")
  }
  from <- seq_along(x)
  from[at] <- length(x) + seq_along(value)
  c(x, value)[from]
}

#' @rdname as_drawings
#' @export
`[[<-.drawings` <- function(x, i, value) {
  if (is.character(i)) return(set_part(x, i, value))
  i <- check_count(i)
  if (!is.matrix(value) || any(dim(value) != x$size)) {
    abort_argument(value, "value", paste("a matrix of", paste(x$size, collapse = " x ")), rlang::current_env())
  }
  x[i] <- to_drawings(array(value, c(1, x$size)), labels = x$labels[i], arg = "value", size = x$size)
  x
}

#' @rdname as_drawings
#' @export
`length<-.drawings` <- function(x, value) {
  x[seq_len(check_count(value, min = 0, max = length(x)))]
}

#' @rdname as_drawings
#' @export
rep.drawings <- function(x, ...) {
  x[rep(seq_along(x), ...)]
}
