#' Write drawings to a file and read them back
#'
#' The extension of the file decides: `.npy` is NumPy's format, unsigned bytes of (n, 784), as
#' Quick, Draw! has it; `.csv` is the checkpoint that R's `write.csv()` makes of an array
#' n x 28 x 28: a header, then a row name and 784 values from 0 to 1 in file order for each drawing.
#' `read.csv()` reads it too, and files from there are read with or without header and row names.
#' Both are written under a temporary name and renamed when they are whole.
#'
#' @param x `drawings`, or what [as_drawings()] takes.
#' @param path A file name that ends in `.npy` or `.csv`.
#' @return `write_drawings()`: `path`, invisibly. `read_drawings()`: `drawings`, with the same
#'   pixels as those that were written. Labels are not part of these formats; keep them with
#'   `saveRDS()`, which takes `drawings` whole.
#' @section Errors: Another extension; a file or folder that is not there; what the file holds is
#'   not drawings (see [load_quickdraw()] for `.npy`; for CSV the line is named).
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
  progress <- progress_callback("Writing drawings")
  write <- switch(format,
    npy = npy_write_cpp,
    csv = csv_write_cpp
  )
  run_engine(write(x$pixels, path, progress))
  invisible(path)
}

#' @rdname write_drawings
#' @export
read_drawings <- function(path) {
  path <- check_path(path, exists = TRUE)
  if (check_extension(path) == "npy") {
    return(read_npy(path, call = rlang::current_env()))
  }
  new_drawings(run_engine(csv_read_cpp(path, progress_callback("Reading drawings"))))
}

check_extension <- function(path, call = rlang::caller_env()) {
  extension <- tolower(tools::file_ext(path))
  if (!extension %in% c("npy", "csv")) {
    abort_argument(path, "path", "a file that ends in .npy or .csv", call)
  }
  extension
}
