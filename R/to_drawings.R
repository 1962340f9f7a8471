# What people bring, as drawings: as_drawings() itself, and other functions' arguments. What the numbers mean is
# src/engine/data/pixels.h's rule.

to_drawings <- function(x, labels = NULL, arg = "x", call = rlang::caller_env(), size = NULL) {
  allowed <- paste(
    "drawings, an array of drawings x rows x columns, a matrix or data frame of n x 784, a matrix of 28 x 28,",
    "a vector of 784, or a list of matrices, of numbers in [0, 1] or 0..255"
  )
  if (missing(x)) abort_argument(x, arg, allowed, call)
  size <- if (!is.null(size)) check_counts(size, "size", lengths = 2, call = call)
  if (inherits(x, "drawings")) {
    if (!is.null(size) && any(x$size != size)) abort_other_size(x$size, size, arg, call)
    if (!is.null(labels)) x$labels <- check_labels(labels, length(x), call)
    return(x)
  }
  if (is.data.frame(x)) {
    named <- size_of_names(names(x))
    if (!is.null(size) && !is.null(named) && any(named != size)) abort_other_size(named, size, arg, call)
    size <- size %||% named
    split <- split_columns(x, prod(size %||% picture), arg, call)
    x <- split$pixels
    labels <- labels %||% split$labels
  } else if (is.list(x) && !is.object(x) && length(x) > 0) {
    if (all(vapply(x, inherits, NA, "drawings"))) {
      return(to_drawings(do.call(c, x), labels, arg, call, size))
    }
    labels <- labels %||% if (rlang::is_named(x)) names(x)
    x <- array_of_list(x, arg, call)
  }
  x <- plain_number(x)
  if (!(is.numeric(x) || is.logical(x) || is.raw(x)) || is.factor(x)) abort_argument(x, arg, allowed, call)
  shape <- drawings_shape(x, size, arg, allowed, call)
  pixels <- run_engine(pixels_from_values_cpp(as_plain(x), shape$size, shape$by_row), call)
  new_drawings(pixels, check_labels(labels, shape$n, call), shape$size)
}

# Numbers from 0 to 1 that vae_decode() gave, drawings x rows x columns. What they mean is known: nothing is guessed.
drawings_of <- function(values) {
  pixels <- as.raw(floor(255 * as.vector(aperm(values, 3:1)) + 0.5))
  new_drawings(pixels, size = as.double(dim(values)[2:3]))
}

# The size of what has none of its own: Quick, Draw!'s and MNIST's.
picture <- c(28, 28)

# How many drawings `x` is, of what size, and whether its pixels lie row by row in columns, as in a matrix.
drawings_shape <- function(x, size, arg, allowed, call) {
  dims <- dim(x)
  # One channel, behind the pixels or before them.
  if (length(dims) == 4 && any(dims[c(4, 2)] == 1)) dims <- dims[-c(4, 2)[dims[c(4, 2)] == 1][[1]]]
  flat <- size %||% picture
  if (length(x) == prod(flat) && (length(dims) <= 1 || identical(as.double(dims), c(prod(flat), 1)))) {
    return(list(n = 1, size = flat, by_row = TRUE))
  }
  if (length(dims) == 2 && dims[[2]] == prod(flat)) {
    return(list(n = dims[[1]], size = flat, by_row = TRUE))
  }
  if (length(dims) == 2 && all(dims == flat) || identical(as.double(dims), c(flat, 1))) {
    return(list(n = 1, size = flat, by_row = FALSE))
  }
  if (length(dims) != 3 || any(dims[2:3] == 0)) {
    if (!is.null(size)) allowed <- paste("drawings of", paste(size, collapse = " x "))
    abort_argument(x, arg, allowed, call)
  }
  if (!is.null(size) && any(dims[2:3] != size)) abort_other_size(dims[2:3], size, arg, call)
  if (is.null(size) && dims[[1]] > 1 && dims[[1]] == dims[[2]] && dims[[3]] != dims[[2]]) {
    cli::cli_abort(c(
      "{.arg {arg}} is an array of {paste(dims, collapse = ' x ')}: as drawings x rows x columns that is {dims[[1]]} drawings of {dims[[2]]} x {dims[[3]]}.",
      i = "Are they {dims[[3]]} drawings in R's own order, rows x columns x drawings? {.code aperm({arg}, c(3, 1, 2))} puts the drawings first.",
      i = "Else say that the size is meant: {.code as_drawings({arg}, size = c({dims[[2]]}, {dims[[3]]}))}."
    ), call = call)
  }
  list(n = dims[[1]], size = as.double(dims[2:3]), by_row = FALSE)
}

abort_other_size <- function(held, size, arg, call) {
  cli::cli_abort("{.arg {arg}} holds drawings of {paste(held, collapse = ' x ')}, not of {paste(size, collapse = ' x ')}.", call = call)
}

# What columns of pixels are called: their size can be told from it, where it is another than 28 x 28.
pixel_names <- function(size) {
  if (all(size == picture)) {
    return(paste0("X", seq_len(prod(size))))
  }
  paste0("r", rep(seq_len(size[[1]]), each = size[[2]]), "c", rep(seq_len(size[[2]]), size[[1]]))
}

# The size that pixel_names() tell, or NULL.
size_of_names <- function(names) {
  found <- grep("^r[0-9]+c[0-9]+$", names, value = TRUE)
  if (length(found) == 0) {
    return(NULL)
  }
  size <- as.double(strsplit(found[[length(found)]], "[rc]")[[1]][2:3])
  if (prod(size) == length(found) && identical(found, pixel_names(size))) size
}

# Without classes, names and the like, which C++ has no use for.
as_plain <- function(x) {
  attributes(x) <- NULL
  x
}

# A data frame's pixels as a matrix, and its labels: the only column that holds no numbers, or the first or last
# one beyond the pixels, unless that counts the rows as write.csv()'s row names do.
split_columns <- function(x, pixels, arg, call) {
  x <- plain_columns(x)
  numbers <- vapply(x, function(column) (is.numeric(column) || is.logical(column)) && !is.factor(column), NA)
  labels <- NULL
  if (ncol(x) == pixels + 1 && sum(!numbers) <= 1) {
    named <- tolower(names(x)) %in% c("label", "labels", "class", "target", "y")
    at <- if (any(!numbers)) which(!numbers) else if (sum(named) == 1) which(named) else 1
    extra <- x[[at]]
    counts <- is.numeric(extra) && (identical(as.double(extra), as.double(seq_along(extra))) ||
      identical(as.double(extra), as.double(seq_along(extra) - 1)))
    if (at == 1 || named[[at]] || !numbers[[at]]) {
      # Row names that were written as text count the rows too.
      counts <- counts || (!named[[at]] && identical(as.character(extra), as.character(seq_along(extra))))
      if (!named[[at]] && numbers[[at]] && !counts) {
        cli::cli_abort(c(
          "{.arg {arg}} has {ncol(x)} columns of numbers, one more than the {pixels} pixels of a drawing.",
          i = "If one holds labels, call it {.val label}; else leave it out."
        ), call = call)
      }
      if (named[[at]] || !counts) labels <- extra
      x <- x[-at]
      numbers <- numbers[-at]
    }
  }
  if (!all(numbers)) {
    cli::cli_abort(
      "{.arg {arg}} must hold numbers and at most one column of labels; column {.val {names(x)[!numbers][[1]]}} holds none.",
      call = call
    )
  }
  list(pixels = unname(as.matrix(x)), labels = labels)
}

# Matrices of one size, or vectors of one length, as an array.
array_of_list <- function(x, arg, call) {
  x <- lapply(x, plain_number)
  ok <- vapply(x, function(one) is.numeric(one) || is.logical(one) || is.raw(one), NA)
  dims <- lapply(x, function(one) dim(one) %||% length(one))
  if (!all(ok) || length(unique(dims)) > 1 || length(dims[[1]]) > 2) {
    cli::cli_abort("{.arg {arg}}: a list must hold a matrix of numbers for each drawing, all of one size.", call = call)
  }
  values <- unlist(lapply(x, as.vector), use.names = FALSE)
  if (length(dims[[1]]) == 1) {
    return(matrix(values, length(x), dims[[1]], byrow = TRUE))
  }
  aperm(array(values, c(dims[[1]], length(x))), c(3, 1, 2))
}
