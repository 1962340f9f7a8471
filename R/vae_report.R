#' The whole analysis on one page
#'
#' Writes one HTML page that needs nothing else, neither a network nor other files: the drawings, the
#' model, how training went, the latent space, clusters with their drawings, the odd ones, new drawings, walks
#' through latent space, and what all this was made with.
#'
#' Without `clusters` the page looks for them: it leaves out far outliers ([latent_outliers()]), searches 100
#' pairs of `eps` and `minPts` ([latent_dbscan_search()]) in ranges that suit the number and the spread of the codes,
#' and takes, of the pairs with at most 12 clusters, the one that puts the most drawings into clusters other
#' than the largest. Where no gap parts clusters, it says so.
#'
#' @param fit A fitted `vae`.
#' @param x The drawings to analyse: anything [as_drawings()] takes.
#' @param file The page to write, which ends in `.html` or `.htm`, or has no ending.
#' @param clusters A clustering of all drawings of `x`, a vector with a whole number for each of them (0 is noise),
#'   or `NULL` to look for clusters.
#' @param title The page's heading.
#' @param seed A whole number: decides which pairs are searched and which new drawings are drawn.
#' @param outliers Show points that lie far from all others on the maps of the latent space, as in [plot_latent()]?
#' @param verbose Say what is being done, and how long it took?
#' @returns `file`, invisibly.
#' @section Errors: Clusters that don't fit the drawings; a file that cannot be written.
#' @export
#' @examples
#' x <- simulate_sheep(200, anomalies = 4, seed = 1)
#' file <- tempfile(fileext = ".html")
#' vae_report(pretrained_sheep(), x, file)
#' file.size(file)
vae_report <- function(fit, x, file, clusters = NULL, title = "What the computer learned", seed = 1,
                       outliers = FALSE, verbose = interactive()) {
  call <- rlang::current_call()
  check_class(fit, "vae", made_by = "vae_fit()")
  x <- check_drawings_fit(x, fit$model)
  file <- check_output(file, c("html", "htm"))
  cluster <- if (!is.null(clusters)) check_clusters(clusters, length(x))
  title <- check_string(title)
  seed <- check_count(seed, min = 0, max = .Machine$integer.max)
  check_flag(outliers)
  check_flag(verbose)
  say <- function(what) if (verbose) cli::cli_progress_step(what, .envir = parent.frame())

  say(paste("Encoding", drawings_text(length(x))))
  z <- vae_encode(fit, x)
  if (is.null(cluster)) say("Looking for clusters with 100 pairs of eps and minPts")
  found <- if (is.null(cluster)) find_clusters(z, seed) else list(cluster = cluster, how = NULL)
  say("Measuring how well each drawing is redrawn")
  anomalies <- mse_anomalies(fit, x)
  say("Drawing the page's pictures: drawings, training, maps")
  first <- list(
    report_drawings(x),
    report_model(fit),
    # A fit with imported weights has no training to show.
    if (NROW(fit$history) > 0) report_training(fit),
    report_latent(fit, z, x, outliers)
  )
  say("Drawing the page's pictures: clusters")
  clustered <- report_clusters(fit, x, z, found, outliers)
  say("Drawing the page's pictures: odd ones, new ones, walks")
  sections <- drop_null(c(first, list(
    clustered,
    report_anomalies(fit, x, anomalies),
    report_new(fit, z, seed),
    report_walks(fit, z),
    report_made_with(fit, call)
  )))
  lines <- page(title, facts(fit, x, found, anomalies), sections)
  write_whole(file, function(part) write_lines(lines, part))
  invisible(file)
}

# ---- the sections: a heading, and pieces of HTML --------------------------------------------------

report_drawings <- function(x) {
  list("Drawings", c(
    paragraph(if (length(unique(x$labels)) > 1 && length(x) > 60) "Some of each label, of " else "The first of ", drawings_text(length(x)), "."),
    figure(plot_drawings(x, n = 60, ncol = 12), 8, 8 * ceiling(min(length(x), 60) / 12) / 12 + .3,
      "A mosaic of drawings"),
    if (!is.null(x$labels)) {
      counts <- sort(table(label = x$labels, useNA = "ifany"), decreasing = TRUE)
      html_table(utils::head(data.frame(
        label = names(counts), drawings = as.vector(counts), share = as.vector(counts) / length(x)
      ), 20))
    }
  ))
}

report_model <- function(fit) {
  list("Model", c(
    printed(fit),
    details("Layers", printed(summary(fit$model)))
  ))
}

report_training <- function(fit) {
  history <- fit$history
  shown <- unique(c(1, pretty(seq_len(nrow(history)), 6), nrow(history)))
  list("Training", c(
    figure(plot_history(fit), 8, 5, "Loss and its parts by epoch"),
    html_table(history[history$epoch %in% shown, ])
  ))
}

report_latent <- function(fit, z, x, outliers) {
  colour <- labels_as_colour(x$labels, 12)
  by_label <- !is.null(colour)
  p <- if (ncol(z) > 1) {
    latent_map(z, colour, 1:2, map_limits(z[, 1:2, drop = FALSE], outliers), rest = report_rest)
  } else {
    inside <- on_map(z, map_limits(z, outliers))
    ggplot2::ggplot(data.frame(z = z[inside, 1]), ggplot2::aes(.data$z)) +
      ggplot2::geom_histogram(bins = 50, fill = okabe_ito[[1]]) +
      ggplot2::labs(x = "Latent dimension 1", y = "Drawings", title = "Codes of the drawings",
        caption = outside_text(sum(!inside), report_rest)) +
      theme_sketchvae()
  }
  list("Latent space", c(
    paragraph("Every drawing is a point",
      if (by_label) ", coloured by its label, which the model never saw",
      if (ncol(z) > 2) paste0("; the first two of ", ncol(z), " dimensions are shown"), "."),
    figure(p, 8, if (ncol(z) > 1) map_height(z, outliers, legend = if (by_label) levels(colour)) else 5.6, "The codes of the drawings")
  ))
}

# How one sees points outside a map of the report.
report_rest <- "vae_report(outliers = TRUE) shows all"

# How high a map of 8 inches must be to leave no bands of white: its panel has the shape of its limits where both axes
# have one scale.
map_height <- function(z, outliers, legend = NULL) {
  limits <- map_limits(plane_of(z), outliers)
  spans <- limits[2, ] / 2 - limits[1, ] / 2
  if (max(spans) > 10 * min(spans)) return(5.6)
  # Inches, about: numbers and name of the axis, the legend's keys and letters; title, caption and the other axis.
  beside <- 0.75 + if (!is.null(legend)) 0.6 + 0.085 * max(nchar(legend)) else 0
  (8 - beside) * min(max(spans[[2]] / spans[[1]], 0.2), 1.2) + 1.2
}

report_anomalies <- function(fit, x, anomalies) {
  n <- min(12, length(x))
  best <- min(ceiling(n / 2), length(x) - n)
  rows <- ceiling(2 * n / 6) + ceiling(2 * best / 6)
  list("The odd ones", c(
    if (length(anomalies$anomalies) == 0) paragraph("None stands out: these have the highest squared errors."),
    printed(anomalies),
    figure(plot_scores(anomalies), 8, 4, "Squared error of every drawing, and the cut-off"),
    figure(plot_worst(anomalies, x, fit, n), 8, 8 * rows / 6 + 0.4,
      "The drawings that were redrawn worst and best, each beside its reconstruction")
  ))
}

report_new <- function(fit, z, seed) {
  list("New drawings", c(
    paragraph("Decoded from codes drawn from the prior, a standard normal distribution:"),
    figure(plot_drawings(vae_generate(fit, 30, seed = seed), ncol = 10), 8, 2.5, "Drawings from the prior"),
    # Where the KL term is weak, the prior is not where drawings are.
    paragraph("Decoded near codes of drawings:"),
    figure(plot_drawings(vae_generate(fit, 30, seed = seed, near = z), ncol = 10), 8, 2.5, "Drawings near known ones")
  ))
}

report_walks <- function(fit, z) {
  middle <- apply(z, 2, stats::median)
  list("Walks through latent space", c(
    paragraph("The walks span the middle 96 % of the codes and pass through their median."),
    figure(plot_traversal(fit, at = middle, z = z), 8, 0.8 + .75 * ncol(z), "One dimension at a time"),
    if (ncol(z) > 1) figure(plot_grid(fit, at = middle, z = z), 8, 8, "Two dimensions at once")
  ))
}

report_made_with <- function(fit, call) {
  list("Made with", c(
    html_table(data.frame(
      what = c("sketchvae", "R", "LibTorch", "threads of the fit", "device", "seed of the fit", "written"),
      value = c(
        as.character(utils::packageVersion("sketchvae")), as.character(getRversion()),
        libtorch_versions_cpp()[["loaded"]], as.character(fit$threads %||% NA), as.character(fit$device %||% NA),
        format_number_plain(fit$seed %||% NA), format(Sys.time(), "%Y-%m-%d %H:%M")
      )
    )),
    code_block(rlang::expr_deparse(call, width = 80))
  ))
}
