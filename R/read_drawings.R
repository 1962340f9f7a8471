#' Write drawings to a file and read them back
#'
#' `write_drawings()` goes by the extension of the file: `.npy` is NumPy's format, unsigned bytes of (n, 784),
#' as Quick, Draw! has it; `.csv` is the checkpoint that R's `write.csv()` makes of an array
#' n x 28 x 28: a header, then a row name and 784 values from 0 to 1 in file order for each drawing, which
#' `read.csv()` reads too. Drawings of another size than 28 x 28 keep it: a `.npy` is of (n, rows, columns), a CSV
#' has columns `r1c1`, `r1c2` and so on, for the rows and columns of the pixels. Both are written under a temporary name and renamed when they are whole.
#'
#' `read_drawings()` goes by what the file holds: an array of NumPy (`.npy`), an archive of them (`.npz`,
#' stored or deflated), a table as text, each of them maybe compressed by gzip (`.gz`). What is
#' compressed is unpacked into memory; the rest is read piece by piece. Tables may have a header, row names,
#' quotes, a column of labels (first or last), decimal commas, any of the usual separators and line ends. Their text
#' is UTF-8, or else taken for Windows' western code page (Latin-1); UTF-16 is refused.
#'
#' @param x `drawings`, or what [as_drawings()] takes.
#' @param path A file; for `write_drawings()` one that ends in `.npy` or `.csv`. For many images of a
#'   drawing each, or a folder of them, see [read_images()].
#' @param label For CSV: the name or number of the column that holds the labels. `NULL` finds it: the first or
#'   last column (Kaggle's files begin with `label`), by its name or by its values; where these leave it
#'   open, an error asks.
#' @param size Rows and columns of a drawing, where the file does not say them: `c(32, 32)` for arrays of
#'   (n, 1024), or for tables of 1024 values a line. It also says that an array of (28, 28, n) is meant as it is, 28
#'   drawings of 28 x n: without it that is an error, as it is with [as_drawings()].
#' @param array For `.npz`: the name of the array, when several are drawings, such as `"x_train"`.
#' @return `write_drawings()`: `path`, invisibly. `read_drawings()`: `drawings`, with the same
#'   pixels as those that were written. `labels()` are those of an archive's other array: the only one
#'   of a whole number for each drawing, or the one whose name fits (`x_train` and `y_train`,
#'   `train_images` and `train_labels`). `write_drawings()` writes no labels; keep them with
#'   `saveRDS()`, which takes `drawings` whole.
#' @section Errors: Another extension; a file that is not there; what the file holds is
#'   not drawings (see [load_quickdraw()] for `.npy`; for CSV the line is named); checksums that
#'   are wrong, archives that are encrypted or packed by something else than deflate.
#' @export
#' @examples
#' x <- simulate_sheep(20, seed = 1)
#' path <- tempfile(fileext = ".csv")
#' write_drawings(x, path)
#' y <- read_drawings(path)
#' identical(as.array(x), as.array(y))
#' dim(read.csv(path))
write_drawings <- function(x, path) {
  x <- to_drawings(x)
  path <- check_path(path)
  format <- check_extension(path)
  if (!dir.exists(dirname(path))) {
    cli::cli_abort("{.arg path}: there is no folder {.file {dirname(path)}}.")
  }
  write <- switch(format, npy = npy_write_cpp, csv = csv_write_cpp)
  run_engine(write(x$pixels, x$size, path, progress_callback("Writing drawings")))
  invisible(path)
}

#' @rdname write_drawings
#' @export
read_drawings <- function(path, array = NULL, label = NULL, size = NULL) {
  if (!missing(path) && rlang::is_string(path) && dir.exists(path)) {
    cli::cli_abort(c(
      "{.arg path} must name a file; {.file {path}} is a folder.",
      i = "{.code read_images(path)} reads a folder of images, {.code load_quickdraw(path = files)} several files of NumPy."
    ))
  }
  path <- check_path(path, exists = TRUE)
  array <- check_string(array, null = TRUE)
  if (!is.null(size)) size <- check_counts(size, lengths = 2)
  kind <- file_kind(path)
  if (kind %in% c("npy", "npz")) {
    return(read_npy(path, array = array, size = size, call = rlang::current_env()))
  }
  if (!is.null(array)) {
    cli::cli_abort("{.arg array} is for archives of NumPy's arrays (.npz); {.file {path}} is none.")
  }
  if (!kind %in% c("csv", "text")) abort_file(path, "drawings as .npy, .npz or CSV", kind)
  label <- plain_number(label)
  label <- if (is.null(label)) "" else if (is.numeric(label)) check_count(label) else check_string(label)
  read <- run_engine(csv_read_cpp(path, as.character(label), size, progress_callback("Reading drawings")))
  new_drawings(read$pixels, labels_of_text(read$labels), read$size)
}

# Numbers where all are, in any locale; NA where nothing stands.
labels_of_text <- function(x) {
  if (length(x) == 0) {
    return(NULL)
  }
  x <- as_utf8(x)
  x[x %in% c("", "NA")] <- NA
  number <- "^[-+]?[0-9]+([.][0-9]*)?([eE][-+]?[0-9]+)?$"
  if (all(is.na(x) | grepl(number, x))) as_whole(as.numeric(x)) else x
}

# Text of a file that does not say its encoding: UTF-8 where all of it can be, else what Windows writes in western
# Europe and America, of which Latin-1 is a part.
as_utf8 <- function(x) {
  if (!all(validUTF8(x))) {
    return(iconv(x, "CP1252", "UTF-8", sub = "?"))
  }
  Encoding(x) <- "UTF-8"
  x
}

check_extension <- function(path, call = rlang::caller_env()) {
  extension <- tolower(tools::file_ext(path))
  if (!extension %in% c("npy", "csv")) {
    abort_argument(path, "path", "a file that ends in .npy or .csv", call)
  }
  extension
}
