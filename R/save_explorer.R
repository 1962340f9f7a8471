#' A map of latent space to walk in, as one file
#'
#' Writes one HTML page that any browser opens, with no network, no server and no R: all drawings as points
#' of the latent space; pointing at a place shows what the decoder draws there and the nearest
#' drawing. Points are coloured by cluster, label, squared error or density; a lasso selects drawings and gives their
#' row numbers; a path drawn with the mouse plays as a walk. It can be used by keyboard.
#'
#' What the decoder draws is computed beforehand on a grid of `grid` x `grid` places and blended in
#' between. Of a fit of more than two dimensions the plane of `dims` is shown, through the median of the other
#' dimensions.
#'
#' @param fit A fitted `vae` of two or more latent dimensions.
#' @param x The drawings to show: anything [as_drawings()] takes; their labels are shown. 10,000 make a page of 3 to 6 MB.
#' @param file The page to write, by custom with the ending `.html`.
#' @param clusters A clustering of all drawings of `x`, a vector with a whole number for each of them (0 is noise), or
#'   `NULL`.
#' @param title The page's heading.
#' @param dims Which two latent dimensions.
#' @param grid How many places along each side, a whole number from 2 to 200.
#' @returns `file`, invisibly.
#' @section Errors: Clusters that don't fit the drawings; a fit of one dimension; a file that cannot be written.
#' @export
#' @examples
#' x <- simulate_sheep(200, anomalies = 4, seed = 1)
#' file <- tempfile(fileext = ".html")
#' save_explorer(pretrained_sheep(), x, file, grid = 12)
#' if (interactive()) utils::browseURL(file)
save_explorer <- function(fit, x, file, clusters = NULL, title = "Latent space", dims = 1:2, grid = 40) {
  check_class(fit, "vae", made_by = "vae_fit()")
  x <- as_drawings(x)
  check_drawings_fit(x, fit$model)
  file <- check_path(file)
  cluster <- if (!is.null(clusters)) check_clusters(clusters, length(x))
  check_string(title)
  d <- fit$model$latent_dim
  if (d < 2) {
    cli::cli_abort("{.arg fit} has one latent dimension; a map needs two.")
  }
  dims <- check_dimensions(dims, d, many = 2)
  grid <- check_count(grid, min = 2, max = 200)

  z <- vae_encode(fit, x)
  limits <- c(map_range(z[, dims[[1]]]), map_range(z[, dims[[2]]]))
  data <- c(
    list(
      z = packed(as.vector(t(z[, dims])), 4L), mse = packed(mse_anomalies(fit, x)$mse, 4L),
      pixels = packed(x$pixels),
      grid = packed(decoded_grid(fit, z, dims, limits, grid)), grid_n = grid, limits = I(limits),
      palette = I(unname(cluster_palette(21)[-1])), noise = "#BFBFBF",
      viridis = I(substr(grDevices::hcl.colors(64, "viridis"), 1, 7))
    ),
    if (!is.null(cluster)) grouping("cluster", factor(cluster, noise_last(cluster)), "noise"),
    if (!is.null(x$labels)) grouping("label", factor(x$labels), "no label")
  )
  # "<" as an escape: no text can end the script element that holds the data.
  json <- gsub("<", "\\u003c", list_to_json_cpp(data), fixed = TRUE)
  template <- system.file("explorer", "explorer.html", package = "sketchvae", mustWork = TRUE)
  page <- paste(readLines(template, encoding = "UTF-8"), collapse = "\n")
  # The data first: a title may hold anything.
  page <- fill(page, "{{data}}", json)
  write_page(fill(page, "{{title}}", html(title)), file)
  invisible(file)
}

# The middle 99.8 % of the codes and a margin: one drawing far out must not shrink all others.
map_range <- function(values) {
  ends <- unname(stats::quantile(values, c(0.001, 0.999)))
  margin <- if (ends[[1]] < ends[[2]]) diff(ends) * 0.05 else 1
  ends + c(-margin, margin)
}

# Bytes of the decoded drawings, from the lower left, row by row of places.
decoded_grid <- function(fit, z, dims, limits, grid) {
  code <- matrix(apply(z, 2, stats::median), grid^2, ncol(z), byrow = TRUE)
  code[, dims[[1]]] <- rep(seq(limits[[1]], limits[[2]], length.out = grid), grid)
  code[, dims[[2]]] <- rep(seq(limits[[3]], limits[[4]], length.out = grid), each = grid)
  as_drawings(vae_decode(fit, code))$pixels
}

# Bytes as compressed text: those of numbers when `size` says how many bytes each takes.
packed <- function(x, size = NULL) {
  if (!is.null(size)) x <- writeBin(x, raw(), size = size, endian = "little")
  base64(memCompress(x, "gzip"))
}

# The groups that colour points: a number from 0 for each point, and the groups' names.
grouping <- function(what, of, missing_name) {
  names <- levels(of)
  if (what == "cluster") {
    names[names == "0"] <- missing_name # noise
  } else if (anyNA(of)) {
    names <- c(names, missing_name)
  }
  of <- as.integer(of)
  of[is.na(of)] <- length(names)
  stats::setNames(list(packed(of - 1L, 4L), I(names)), c(what, paste0(what, "_names")))
}

# Every place of `mark` in a text; neither is a pattern.
fill <- function(text, mark, value) paste(strsplit(text, mark, fixed = TRUE)[[1]], collapse = value)
