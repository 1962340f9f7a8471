#' Drawings of Quick, Draw!
#'
#' Loads bitmaps of 28 x 28 of one or more categories of the
#' [Quick, Draw! dataset](https://github.com/googlecreativelab/quickdraw-dataset) (Google, CC BY
#' 4.0): from a file, or from the user's cache, into which a category is downloaded when it is asked
#' for the first time (sheep: 126,121 drawings, 99 MB). A download that was cut off goes on where it
#' stopped, at once or at the next call.
#'
#' @param category Names of categories as Quick, Draw! writes them: `"sheep"`, `"The Eiffel Tower"`.
#'   `labels()` of the result says which category each drawing is of; with `path` alone it is the file's name.
#' @param path A local `.npy` file instead, one for each category: an array of (n, 784) or
#'   (n, 28, 28), with or without dimensions of 1 such as (n, 1, 28, 28), or one drawing; in C or Fortran
#'   order; bool, integers of 1 to 8 bytes, float16, bfloat16, float32 or float64, either byte order. Also
#'   `.npy.gz`, and `.npz` with one array of drawings (else see [read_drawings()]). What the numbers mean: see
#'   [as_drawings()], section Pixels.
#' @param n Only the first `n` drawings of each category, without reading the rest; `NULL` all.
#' @return `drawings`, see [as_drawings()].
#' @section Errors: A category that does not exist; no connection (the message says where to put the
#'   file by hand); a file that is not a `.npy`, is cut off or too long, holds Python objects or an
#'   array of another shape, or values that are missing, negative or above 255; more drawings than
#'   fit in memory; `n` above what the file holds.
#' @section Options: `sketchvae.quickdraw_url` is the folder that `<category>.npy` is downloaded
#'   from. The cache is the folder `quickdraw` in `tools::R_user_dir("sketchvae", "cache")`; the
#'   environment variable `R_USER_CACHE_DIR` moves it. Beside a downloaded `sheep.npy` lies `.sheep.npy.record`, small
#'   and hidden: its length, checksum and where it came from. A file that does not fit its record (cut, damaged,
#'   replaced) is downloaded again, with a warning; one without a record, which you put there yourself, is taken if it
#'   is as long as its own header says. What a download left behind, `.sheep.npy.part` and what is known of it, is
#'   gone on with at the next call.
#' @export
#' @examples
#' # A file that was saved from Python, or by write_drawings()
#' path <- tempfile(fileext = ".npy")
#' write_drawings(simulate_sheep(20, seed = 1), path)
#' load_quickdraw(path = path)
#' load_quickdraw(path = path, n = 5)
#' \dontrun{
#' sheep <- load_quickdraw("sheep")
#' both <- load_quickdraw(c("sheep", "cat"), n = 1000)
#' table(labels(both))
#' }
load_quickdraw <- function(category = "sheep", path = NULL, n = NULL) {
  given <- !missing(category)
  category <- check_categories(category)
  n <- check_count(n, min = 0, null = TRUE)
  if (is.null(path)) {
    paths <- vapply(category, cached_category, "", call = rlang::current_env())
  } else {
    if (!is.character(path) || length(path) == 0) {
      abort_argument(path, "path", "the name of a file", rlang::current_env())
    }
    if (given && length(path) != length(category)) {
      cli::cli_abort(paste(
        "{.arg path} must name a file for each of the {length(category)} categor{?y/ies},",
        "not {length(path)}."
      ))
    }
    paths <- vapply(path, check_path, "", arg = "path", exists = TRUE, call = rlang::current_env())
    if (!given) category <- sub("([.]npy)?([.]gz)?$|[.]npz$", "", basename(path), ignore.case = TRUE)
  }
  parts <- lapply(unname(paths), read_npy, n = n, call = rlang::current_env())
  # A file's own labels go before its name.
  for (k in seq_along(parts)) {
    if (is.null(parts[[k]]$labels)) labels(parts[[k]]) <- category[[k]]
  }
  do.call(c, parts)
}

check_categories <- function(x, call = rlang::caller_env()) {
  ok <- is.character(x) && length(x) > 0 && !anyNA(x) && all(nzchar(x)) && !anyDuplicated(x) &&
    !any(grepl("[/\\\\]|^[.]", x))
  if (!ok) {
    abort_argument(x, "category", "names of categories such as \"sheep\", each once", call)
  }
  x
}

# Drawings of a file of NumPy's, with the labels of an archive that has some; `array` and `size` as in read_drawings().
read_npy <- function(path, n = NULL, array = NULL, size = NULL, call = rlang::caller_env()) {
  check_npy(path, call)
  array <- array %||% ""
  shape <- run_engine(npy_shape_cpp(path, array, size), call)
  held <- shape[[1]]
  bytes <- prod(shape[2:3])
  if (is.null(n)) {
    n <- held
  } else if (n > held) {
    cli::cli_abort(
      "{.arg n} is {show_count(n)}, but {.file {path}} holds {show_count(held)} drawings.",
      call = call
    )
  }
  memory <- physical_memory_cpp()
  if (memory > 0 && n * bytes > memory) {
    cli::cli_abort(c(
      paste(
        "{.file {path}} holds {show_count(held)} drawings; {show_count(n)} of them take",
        "{show_bytes(n * bytes)}, this machine has {show_bytes(memory)} of memory."
      ),
      i = "Ask for fewer with {.arg n}."
    ), call = call)
  }
  read <- run_engine(npy_read_cpp(path, array, size, n, progress_callback("Reading drawings")), call)
  labels <- utils::head(read$labels, n)
  new_drawings(read$pixels, if (length(labels) > 0) as_whole(labels), read$size)
}

# Says of a file that holds no arrays of NumPy what it is instead. What is damaged is the engine's to tell.
check_npy <- function(path, call = rlang::caller_env()) {
  kind <- file_kind(path, call)
  if (!kind %in% c("npy", "npz", "zip", "gzip", "empty")) abort_file(path, "an array of NumPy (.npy, .npz)", kind, call)
}

# Integers where they are.
as_whole <- function(x) {
  if (is.numeric(x) && all(x == round(x) & abs(x) <= .Machine$integer.max, na.rm = TRUE)) as.integer(x) else x
}

show_count <- function(n) {
  format(n, big.mark = ",")
}

show_bytes <- function(bytes) {
  format(structure(bytes, class = "object_size"), units = "auto", standard = "SI")
}

# ---- the cache ---------------------------------------------------------------------------------

# Path of a category's file in the cache, downloaded when it is not there.
cached_category <- function(category, call = rlang::caller_env()) {
  folder <- file.path(tools::R_user_dir("sketchvae", "cache"), "quickdraw")
  path <- file.path(folder, paste0(category, ".npy"))
  if (!cached_as_recorded(path)) {
    if (file.exists(path)) {
      warn_and_return("{.file {path}} is not what was downloaded, or is damaged: it is downloaded again.", call)
    }
    base <- getOption("sketchvae.quickdraw_url", quickdraw_url)
    url <- paste0(sub("/+$", "", base), "/", utils::URLencode(category, reserved = TRUE), ".npy")
    download_npy(url, path, category, call = call)
  }
  path
}

quickdraw_url <- "https://storage.googleapis.com/quickdraw_dataset/full/numpy_bitmap"

quickdraw_categories <- "https://github.com/googlecreativelab/quickdraw-dataset/blob/master/categories.txt"
