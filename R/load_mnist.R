#' Digits of MNIST
#'
#' Loads images from IDX files, the format of MNIST, Fashion-MNIST and their relatives.
#'
#' @param images An IDX file of images, such as MNIST's `t10k-images-idx3-ubyte.gz` of 28 x 28, gzipped or
#'   not.
#' @param labels The IDX file of their labels, bytes or integers of 32 bits; of several columns (QMNIST's: class, writer,
#'   ...) the first. Or `NULL`.
#' @param digits Only images with these labels, such as `c(0, 1)`; needs `labels`. `NULL` all.
#' @param transpose `TRUE` turns rows into columns: EMNIST's files hold their images lying on their side and
#'   mirrored (as MATLAB stores them), MNIST's, Fashion-MNIST's, KMNIST's and QMNIST's do not.
#' @return `drawings`; `labels()` gives the digits as integers when there are any.
#' @section Errors: A file that is not there, is no IDX file, is cut off or too long, or holds
#'   something else; labels and images of different number; digits that do not occur.
#' @source The MNIST database: Y. LeCun, C. Cortes, C. J. C. Burges.
#' @export
#' @examples
#' # Two images as an IDX file: sizes as four bytes each, then a byte a pixel
#' path <- tempfile()
#' writeBin(as.raw(c(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 28, 0, 0, 0, 28, rep_len(0:255, 1568))), path)
#' load_mnist(path)
load_mnist <- function(images, labels = NULL, digits = NULL, transpose = FALSE) {
  images <- check_path(images, exists = TRUE)
  check_flag(transpose)
  read <- read_idx(images, labels = FALSE)
  x <- new_drawings(read$pixels, size = read$size)
  if (transpose) {
    turned <- aperm(array(x$pixels, c(rev(x$size), length(x))), c(2, 1, 3))
    x <- new_drawings(as.vector(turned), size = rev(x$size))
  }
  if (is.null(labels)) {
    if (!is.null(digits)) {
      cli::cli_abort(
        "{.arg digits} needs {.arg labels}: without them nobody knows which digits these are."
      )
    }
    return(x)
  }
  labels <- check_path(labels, exists = TRUE)
  kinds <- as.integer(read_idx(labels, labels = TRUE))
  if (length(kinds) != length(x)) {
    cli::cli_abort(
      "{.arg images} holds {length(x)} images, {.arg labels} {length(kinds)} labels."
    )
  }
  x$labels <- kinds
  if (is.null(digits)) {
    return(x)
  }
  digits <- plain_number(digits)
  if (!is.numeric(digits) || length(digits) == 0 || !all(digits %in% kinds)) {
    abort_argument(digits, "digits", paste(
      "some of the labels that occur,", paste(sort(unique(kinds)), collapse = ", ")
    ), rlang::current_env())
  }
  x[kinds %in% digits]
}

# The values of an IDX file as raw; the file is read no further than its header promises.
read_idx <- function(path, labels, call = rlang::caller_env()) {
  name <- paste0("'", path, "'")
  from <- gzfile(path, "rb") # reads plain files as well
  on.exit(close(from))
  read_up_to <- function(bytes) {
    tryCatch(read_pieces(from, bytes), error = function(e) {
      cli::cli_abort("{.file {path}} is damaged: what was packed into it cannot be unpacked.", call = call)
    })
  }
  content <- read_up_to(16)
  size <- run_engine(idx_bytes_cpp(content, name), call)
  # One byte more than promised shows that the file is too long.
  content <- c(content, read_up_to(size + 1 - length(content)))
  run_engine(idx_read_cpp(content, name, labels), call)
}

# In pieces: readBin() would reserve at once what a wrong header asks for.
read_pieces <- function(from, bytes) {
  pieces <- list()
  while (bytes > 0) {
    piece <- suppressWarnings(readBin(from, "raw", min(bytes, 2^22)))
    if (length(piece) == 0) {
      break
    }
    pieces[[length(pieces) + 1]] <- piece
    bytes <- bytes - length(piece)
  }
  if (length(pieces) == 0) raw() else do.call(c, pieces)
}
