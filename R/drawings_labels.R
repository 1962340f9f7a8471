# The labels of drawings.

check_labels <- function(labels, n, call = rlang::caller_env()) {
  if (inherits(labels, "integer64")) labels <- as_whole(plain_number(labels))
  if (!is.null(labels) && (!is.atomic(labels) || length(labels) != n)) {
    abort_argument(labels, "labels", paste0("NULL or a vector with a label for each of the ",
      format(n, big.mark = ","), " drawings"), call)
  }
  if (is.null(labels)) NULL else as.vector_keeping_factor(labels)
}

# Labels without names and dimensions; factors stay factors, bytes are numbers, dates, complex numbers and their like
# become what they print as.
as.vector_keeping_factor <- function(x) {
  if (is.factor(x)) return(unname(x))
  if (is.raw(x)) return(as.integer(x))
  if (is.object(x) || is.complex(x)) as.character(x) else as.vector(unname(x))
}

#' @rdname as_drawings
#' @export
labels.drawings <- function(object, ...) {
  object$labels
}

#' @rdname as_drawings
#' @export
`labels<-` <- function(object, value) UseMethod("labels<-")

#' @export
`labels<-.default` <- function(object, value) {
  abort_argument(object, "object", "drawings (see as_drawings())", rlang::current_env())
}

#' @export
`labels<-.drawings` <- function(object, value) set_labels(object, value)

# What `labels<-` and `$<-` do.
set_labels <- function(x, value, call = rlang::caller_env()) {
  if (is.atomic(value) && length(value) == 1) value <- rep(value, length(x))
  labels <- check_labels(value, length(x), call)
  new_drawings(x$pixels, labels, x$size)
}
