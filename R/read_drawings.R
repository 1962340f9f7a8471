#' Write drawings to a file and read them back
#'
#' `write_drawings()` goes by the extension of the file: `.npy` is NumPy's format, unsigned bytes of (n, 784),
#' as Quick, Draw! has it; `.csv` is the checkpoint that R's `write.csv()` makes of an array
#' n x 28 x 28: a header, then a row name and 784 values from 0 to 1 in file order for each drawing. Drawings of
#' another size than 28 x 28 are written as `.npy` of (n, rows, columns).
#' `read.csv()` reads it too. Both are written under a temporary name and renamed when they are whole.
#'
#' `read_drawings()` goes by what the file holds: an array of NumPy (`.npy`), an archive of them (`.npz`,
#' stored or deflated), a table as text, each of them maybe compressed by gzip (`.gz`). What is
#' compressed is unpacked into memory; the rest is read piece by piece. Tables may have a header, row names,
#' quotes, a column of labels (first or last), decimal commas, any of the usual separators and line ends.
#'
#' @param x `drawings`, or what [as_drawings()] takes.
#' @param path A file; for `write_drawings()` one that ends in `.npy` or `.csv`. For many images of a
#'   drawing each, or a folder of them, see [read_images()].
#' @param label For CSV: the name or number of the column that holds the labels. `NULL` finds it: the first or
#'   last column (Kaggle's files begin with `label`), by its name or by its values; where these leave it
#'   open, an error asks.
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
  if (format == "csv" && any(x$size != picture)) {
    cli::cli_abort(c(
      "A CSV file cannot hold drawings of {paste(x$size, collapse = ' x ')}: it has no place for their size.",
      i = "{.file .npy} keeps it."
    ))
  }
  progress <- progress_callback("Writing drawings")
  write <- switch(format,
    npy = function(pixels, path, progress) npy_write_cpp(pixels, x$size, path, progress),
    csv = csv_write_cpp
  )
  run_engine(write(x$pixels, path, progress))
  invisible(path)
}

#' @rdname write_drawings
#' @export
read_drawings <- function(path, array = NULL, label = NULL) {
  if (!missing(path) && rlang::is_string(path) && dir.exists(path)) {
    cli::cli_abort(c(
      "{.arg path} must name a file; {.file {path}} is a folder.",
      i = "{.code read_images(path)} reads a folder of images, {.code load_quickdraw(path = files)} several files of NumPy."
    ))
  }
  path <- check_path(path, exists = TRUE)
  array <- check_string(array, null = TRUE)
  kind <- file_kind(path)
  if (kind %in% c("npy", "npz")) {
    return(read_npy(path, array = array, call = rlang::current_env()))
  }
  if (!is.null(array)) {
    cli::cli_abort("{.arg array} is for archives of NumPy's arrays (.npz); {.file {path}} is none.")
  }
  if (!kind %in% c("csv", "text")) abort_file(path, "drawings as .npy, .npz or CSV", kind)
  label <- if (is.null(label)) "" else if (is.numeric(label)) check_count(label) else check_string(label)
  read <- run_engine(csv_read_cpp(path, as.character(label), progress_callback("Reading drawings")))
  new_drawings(read$pixels, labels_of_text(read$labels))
}

# Numbers where all are, in any locale; NA where nothing stands.
labels_of_text <- function(x) {
  if (length(x) == 0) {
    return(NULL)
  }
  x[x %in% c("", "NA")] <- NA
  number <- "^[-+]?[0-9]+([.][0-9]*)?([eE][-+]?[0-9]+)?$"
  if (all(is.na(x) | grepl(number, x))) as_whole(as.numeric(x)) else x
}

check_extension <- function(path, call = rlang::caller_env()) {
  extension <- tolower(tools::file_ext(path))
  if (!extension %in% c("npy", "csv")) {
    abort_argument(path, "path", "a file that ends in .npy or .csv", call)
  }
  extension
}
