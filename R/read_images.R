#' Drawings from image files
#'
#' Reads PNG and JPEG files, a scan or a photograph of a drawing each, and fits them into 28 x 28 as
#' Quick, Draw! does its own: grey, cropped to the ink, the longer side as long as there, centred,
#' and thin lines as wide as its pen. Images that are 28 x 28 already are taken as they are. Photographs
#' that say how the camera was held (EXIF's orientation) are turned upright first.
#'
#' @param files Paths of files, or one folder, whose `.png`, `.jpg` and `.jpeg` files are read in
#'   alphabetical order.
#' @param invert `TRUE`: the ink is dark and the paper light, so that greys are turned over;
#'   `FALSE`: the ink is light already; `"auto"`: each image's border tells which is the paper.
#' @return `drawings`; `labels()` are the names of the files.
#' @section Errors: Files that are not there, are neither PNG nor JPEG by their content, or cannot
#'   be decoded; a folder without images; package png or jpeg not installed.
#' @export
#' @examplesIf rlang::is_installed("png")
#' # A circle, black on white, 200 x 200
#' circle <- outer(1:200, 1:200, function(r, c) abs(sqrt((r - 90)^2 + (c - 110)^2) - 60) > 4)
#' path <- tempfile(fileext = ".png")
#' png::writePNG(circle * 1, path)
#' x <- read_images(path)
#' plot(x)
read_images <- function(files, invert = "auto") {
  if (missing(files) || !is.character(files) || length(files) == 0 || anyNA(files)) {
    abort_argument(files, "files", "names of image files, or a folder", rlang::current_env())
  }
  if (!identical(invert, "auto") && !rlang::is_bool(invert)) {
    abort_argument(invert, "invert", "TRUE, FALSE or \"auto\"", rlang::current_env())
  }
  if (length(files) == 1 && dir.exists(files)) {
    folder <- files
    files <- list.files(folder, "[.](png|jpe?g)$", full.names = TRUE, ignore.case = TRUE)
    if (length(files) == 0) {
      cli::cli_abort("There are no .png, .jpg or .jpeg files in {.file {folder}}.")
    }
  }
  files <- vapply(files, check_path, "", arg = "files", exists = TRUE, call = rlang::current_env())
  call <- rlang::current_env()
  progress <- progress_callback("Reading images")
  pixels <- lapply(seq_along(files), function(k) {
    if (!is.null(progress)) {
      progress(k, length(files))
    }
    fit_drawing_cpp(ink_of(read_grey(files[[k]], call), invert))
  })
  new_drawings(do.call(c, pixels), basename(unname(files)))
}

# One image as a matrix from 0 (black) to 1 (white), what is transparent on white.
read_grey <- function(path, call) {
  bytes <- readBin(path, "raw", file.size(path))
  start <- utils::head(bytes, 8)
  if (identical(start, as.raw(c(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)))) {
    rlang::check_installed("png", reason = "to read PNG files.")
    read <- png::readPNG
  } else if (identical(start[1:3], as.raw(c(0xff, 0xd8, 0xff)))) {
    rlang::check_installed("jpeg", reason = "to read JPEG files.")
    read <- jpeg::readJPEG
  } else {
    cli::cli_abort("{.file {path}} is neither a PNG nor a JPEG file.", call = call)
  }
  image <- tryCatch(read(bytes), error = function(e) {
    cli::cli_abort("{.file {path}} cannot be decoded: {conditionMessage(e)}.", call = call)
  })
  upright(grey_of(image), exif_orientation(bytes))
}

grey_of <- function(image) {
  if (is.matrix(image)) {
    return(image)
  }
  channels <- dim(image)[[3]]
  grey <- if (channels >= 3) {
    0.299 * image[, , 1] + 0.587 * image[, , 2] + 0.114 * image[, , 3]
  } else {
    image[, , 1]
  }
  if (channels %in% c(2, 4)) {
    alpha <- image[, , channels]
    # White ink on nothing would vanish on white paper.
    paper <- if (all(grey[alpha > 0.5] > 0.5)) 0 else 1
    grey <- grey * alpha + paper * (1 - alpha)
  }
  matrix(grey, nrow(image))
}

# From grey to ink: 0 paper, 1 ink.
ink_of <- function(grey, invert) {
  if (identical(invert, "auto")) {
    border <- c(grey[1, ], grey[nrow(grey), ], grey[, 1], grey[, ncol(grey)])
    invert <- stats::median(border) > 0.5
  }
  if (invert) 1 - grey else grey
}
