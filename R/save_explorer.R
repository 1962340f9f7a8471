#' A map of latent space to walk in, as one file
#'
#' Writes [latent_explorer()] as one HTML page that any browser opens, with no network, no server and no R: in a folder,
#' in a vignette, in a blog post.
#'
#' What the decoder draws is computed beforehand on a grid of `grid` x `grid` places and blended in
#' between. Of a fit of more than two dimensions that is the plane of `dims` through the median of the other
#' dimensions, and, for each of these, four more planes along it: what sliders show is exact for one dimension moved, and adds up
#' what each does for several. A drawing on the page's pad is placed, for want of an encoder, where the decoded drawing is most like
#' it.
#'
#' An R Markdown document shows a page with
#' `shiny::tags$iframe(srcdoc = paste(readLines(file), collapse = "\n"), width = "100%", height = 700)`.
#'
#' @inheritParams latent_explorer
#' @param x The drawings to show: anything [as_drawings()] takes. 10,000 make a page of 4 to 6 MB.
#' @param file The page to write, which ends in `.html` or `.htm`, or has no ending.
#' @param dims Which two latent dimensions.
#' @param grid How many places along each side, a whole number from 2 to 200.
#' @returns `file`, invisibly.
#' @section Errors: Clusters, scores, labels or codes that don't fit the drawings; a fit of one dimension; a file that
#'   cannot be written.
#' @export
#' @examples
#' x <- simulate_sheep(200, anomalies = 4, seed = 1)
#' file <- tempfile(fileext = ".html")
#' save_explorer(pretrained_sheep(), x, file, grid = 12)
#' if (interactive()) utils::browseURL(file)
save_explorer <- function(fit, x, file, clusters = NULL, anomalies = NULL, labels = NULL, z = NULL,
                          title = "Latent space", dims = 1:2, grid = 40) {
  check_class(fit, "vae", made_by = "vae_fit()")
  x <- check_drawings_fit(x, fit$model)
  file <- check_output(file, c("html", "htm"))
  grid <- check_count(grid, min = 2, max = 200)
  data <- explorer_data(fit, x, clusters, anomalies, labels, title, dims, z)
  meta <- c(
    data$meta,
    list(
      baked = baked_planes(fit, data$z, dims, data$meta$limits, grid), pixels = packed(data$x$pixels),
      z = packed(little_endian(t(data$z), "double")), mse = packed(little_endian(data$mse, "double"))
    ),
    lapply(data$groups, function(of) packed(little_endian(of, "integer")))
  )
  # "<" as an escape: no text can end the script element that holds the data.
  json <- gsub("<", "\\u003c", list_to_json_cpp(meta), fixed = TRUE)
  page <- c(
    "<!DOCTYPE html>", "<html lang=\"en\"><head><meta charset=\"utf-8\">",
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">",
    # It loads nothing, and no text of the data can make it do so.
    paste0("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ",
      "script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:\">"),
    paste0("<title>", html(title), "</title>"), "<style>", explorer_file("explorer.css"), "</style></head><body>",
    explorer_file("explorer.html"),
    paste0("<script id=\"explorer-data\" type=\"application/json\">", json, "</script>"),
    "<script>", explorer_script(), "</script>", "</body></html>"
  )
  write_whole(file, function(part) write_lines(page, part))
  invisible(file)
}

# Decoded drawings on planes along `dims`, a plane's from the lower left, row by row of places: first the plane through
# the medians, then for each other dimension planes at even distances over its range.
baked_planes <- function(fit, z, dims, limits, grid) {
  medians <- apply(z, 2, stats::median)
  range_of <- function(k) limits[2 * k - 1:0]
  plane <- function(code) {
    code <- matrix(code, grid^2, length(code), byrow = TRUE)
    code[, dims[[1]]] <- rep(seq(range_of(dims[[1]])[[1]], range_of(dims[[1]])[[2]], length.out = grid), grid)
    code[, dims[[2]]] <- rep(seq(range_of(dims[[2]])[[1]], range_of(dims[[2]])[[2]], length.out = grid), each = grid)
    drawings_of(vae_decode(fit, code))$pixels
  }
  planes <- list(plane(medians))
  others <- lapply(setdiff(seq_len(ncol(z)), dims), function(k) {
    ends <- range_of(k)
    # Two on either side of the median.
    values <- c(ends[[1]], (ends[[1]] + medians[[k]]) / 2, medians[[k]], (medians[[k]] + ends[[2]]) / 2, ends[[2]])
    first <- length(planes)
    planes <<- c(planes, lapply(values[-3], function(value) plane(replace(medians, k, value))))
    list(dim = k - 1L, values = I(values), plane = I(c(first, first + 1, 0, first + 2, first + 3)))
  })
  list(dims = I(dims - 1L), grid = grid, others = I(others), planes = packed(do.call(c, planes)))
}

# Bytes as compressed text.
packed <- function(bytes) base64(memCompress(bytes, "gzip"))
