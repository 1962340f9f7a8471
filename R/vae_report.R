#' The whole analysis on one page
#'
#' Writes one HTML page that needs nothing else, neither a network nor other files: the drawings, the
#' model, how training went, the latent space, clusters with their drawings, the odd ones, new drawings, walks
#' through latent space, and what all this was made with.
#'
#' Without `clusters` the page looks for them: it leaves out far outliers ([latent_outliers()]), searches 100
#' pairs of `eps` and `minPts` ([latent_dbscan_search()]) in ranges that suit the number and the spread of the codes,
#' and takes, of the pairs with at most 12 clusters, the one that puts the most drawings into clusters other
#' than the largest.
#'
#' @param fit A fitted `vae`.
#' @param x The drawings to analyse: anything [as_drawings()] takes.
#' @param file The page to write, which ends in `.html` or `.htm`, or has no ending.
#' @param clusters A clustering of all drawings of `x`, a vector with a whole number for each of them (0 is noise),
#'   or `NULL` to look for clusters.
#' @param title The page's heading.
#' @param seed A whole number: decides which pairs are searched and which new drawings are drawn.
#' @param outliers Show points that lie far from all others on the maps of the latent space, as in [plot_latent()]?
#' @returns `file`, invisibly.
#' @section Errors: Clusters that don't fit the drawings; a file that cannot be written.
#' @export
#' @examples
#' x <- simulate_sheep(200, anomalies = 4, seed = 1)
#' file <- tempfile(fileext = ".html")
#' vae_report(pretrained_sheep(), x, file)
#' file.size(file)
vae_report <- function(fit, x, file, clusters = NULL, title = "What the computer learned", seed = 1,
                       outliers = FALSE) {
  call <- rlang::current_call()
  check_class(fit, "vae", made_by = "vae_fit()")
  x <- check_drawings_fit(x, fit$model)
  file <- check_ending(check_path(file), c("html", "htm"), "file")
  cluster <- if (!is.null(clusters)) check_clusters(clusters, length(x))
  check_string(title)
  seed <- check_count(seed, min = 0, max = .Machine$integer.max)
  check_flag(outliers)

  z <- vae_encode(fit, x)
  found <- if (is.null(cluster)) find_clusters(z, seed) else list(cluster = cluster, how = NULL)
  anomalies <- mse_anomalies(fit, x)
  sections <- list(
    report_drawings(x),
    report_model(fit),
    if (NROW(fit$history) > 0) report_training(fit),
    report_latent(fit, z, x, outliers),
    report_clusters(fit, x, z, found, outliers),
    report_anomalies(fit, x, anomalies),
    report_new(fit, z, seed),
    report_walks(fit, z),
    report_made_with(fit, call)
  )
  # A fit with imported weights has no training to show.
  sections <- drop_null(sections)
  write_page(page(title, facts(fit, x, found$cluster, anomalies), sections), file)
  invisible(file)
}

# ---- clusters by the rule that the help page states ----------------------------------------------

find_clusters <- function(z, seed) {
  cluster <- integer(nrow(z))
  far <- suppressMessages(latent_outliers(z))
  inside <- z[!far, , drop = FALSE]
  spread <- mean(apply(inside, 2, stats::sd))
  if (nrow(inside) < 20 || !isTRUE(spread > 0)) {
    return(list(cluster = cluster, how = "Too few different drawings to look for clusters."))
  }
  search <- latent_dbscan_search(inside,
    eps = c(0.02, 0.5) * spread, minPts = pmin(pmax(nrow(inside) / c(100, 20), c(5, 10)), 300), seed = seed
  )
  few <- search[search$clusters <= 12, ]
  best <- few[which.min(few$noise + few$largest), ]
  if (nrow(best) == 0 || best$clusters < 1) {
    return(list(cluster = cluster, how = "None of 100 pairs of eps and minPts gave clusters."))
  }
  cluster[!far] <- latent_dbscan(inside, best$eps, best$minPts)$cluster
  how <- sprintf(paste(
    "DBSCAN with eps = %s and minPts = %s: of 100 random pairs with at most 12 clusters, the one that",
    "puts the most drawings into clusters other than the largest. %s far out were left aside."
  ), format(best$eps, digits = 3), best$minPts, drawings_text(sum(far)))
  list(cluster = cluster, how = how, search = search)
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
    latent_map(z, colour, 1:2, map_limits(z[, 1:2], outliers), rest = NULL)
  } else {
    ggplot2::ggplot(data.frame(z = z[, 1]), ggplot2::aes(.data$z)) +
      ggplot2::geom_histogram(bins = 50, fill = okabe_ito[[1]]) +
      ggplot2::labs(x = "Latent dimension 1", y = "Drawings", title = "Codes of the drawings") +
      theme_sketchvae()
  }
  list("Latent space", c(
    paragraph("Every drawing is a point",
      if (by_label) ", coloured by its label, which the model never saw",
      if (ncol(z) > 2) paste0("; the first two of ", ncol(z), " dimensions are shown"), "."),
    figure(p, 8, if (ncol(z) > 1) map_height(z, outliers, legend = if (by_label) levels(colour)) else 5.6, "The codes of the drawings")
  ))
}

# What else to try where no clusters show.
other_ways <- paste(
  "Try latent_hdbscan(z), which needs no eps, or latent_kmeans(z, k), which always divides;",
  "vae_report(clusters = ) shows what either found."
)

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

report_clusters <- function(fit, x, z, found, outliers) {
  if (!any(found$cluster > 0)) {
    return(list("Clusters", paragraph(paste(found$how %||% "All drawings are noise.", other_ways))))
  }
  noise <- mean(found$cluster == 0)
  number <- length(setdiff(unique(found$cluster), 0L))
  rows <- min(12, length(setdiff(unique(found$cluster), 0L)))
  summary <- cluster_summary(fit, x, found$cluster)
  summary$cluster <- ifelse(summary$cluster == 0, "noise", summary$cluster)
  list("Clusters", c(
    if (noise > 0.5 || number == 1) paragraph("No clear clusters at this setting (",
      if (number == 1) "one cluster, ", percent_text(sum(found$cluster == 0), nrow(z)), " noise). ", other_ways),
    if (!is.null(found$how)) paragraph(found$how),
    figure(plot_clustered_points(
      z, found$cluster, paste("Clusters of", drawings_text(nrow(z))), "grey: noise",
      limits = map_limits(plane_of(z), outliers), rest = NULL
    ), 8, map_height(z, outliers) + 0.2, "The codes coloured by cluster"),
    figure(plot_clusters(fit, x, found$cluster), 8, .68 * rows + 1, "Drawings of each cluster"),
    html_table(summary)
  ))
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

# ---- HTML -------------------------------------------------------------------------------------------

# The line under the heading: a handful of numbers.
facts <- function(fit, x, cluster, anomalies) {
  epochs <- NROW(fit$history)
  fact <- function(value, what) sprintf("<div><b>%s</b>%s</div>", html(value), html(what))
  paste0("<div class=\"facts\">", paste0(
    fact(count_text(length(x)), "drawings"),
    if (epochs > 0) fact(count_text(epochs), "epochs"),
    if (epochs > 0) fact(format(fit$history$loss[[epochs]], digits = 4), "loss"),
    fact(count_text(length(setdiff(unique(cluster), 0L))), "clusters"),
    fact(count_text(length(anomalies$anomalies)), "odd ones")
  ), "</div>")
}

# Text of any origin as HTML text: nothing in it is markup.
html <- function(text) {
  for (pair in list(c("&", "&amp;"), c("<", "&lt;"), c(">", "&gt;"), c("\"", "&quot;"), c("'", "&#39;"))) {
    text <- gsub(pair[[1]], pair[[2]], text, fixed = TRUE)
  }
  enc2utf8(text)
}

paragraph <- function(...) paste0("<p>", html(paste0(...)), "</p>")

code_block <- function(lines) paste0("<pre>", html(paste(lines, collapse = "\n")), "</pre>")

printed <- function(x) code_block(cli::ansi_strip(utils::capture.output(print(x))))

details <- function(summary, content) {
  paste0("<details><summary>", html(summary), "</summary>", paste(content, collapse = ""), "</details>")
}

drawings_text <- function(n) paste(count_text(n), if (n == 1) "drawing" else "drawings")

html_table <- function(data) {
  cells <- lapply(names(data), function(name) {
    column <- data[[name]]
    if (grepl("share$", name)) {
      paste(formatC(100 * column, format = "f", digits = 1), "%")
    } else if (is.double(column) && any(column != round(column), na.rm = TRUE)) {
      format(column, digits = 3)
    } else if (is.numeric(column)) {
      count_text(column)
    } else {
      as.character(column)
    }
  })
  number <- ifelse(vapply(data, is.numeric, NA), " class=\"number\"", "")
  row <- function(tag, values) {
    paste0("<tr>", paste0("<", tag, number, ">", html(values), "</", tag, ">", collapse = ""), "</tr>")
  }
  body <- vapply(seq_len(nrow(data)), function(i) row("td", vapply(cells, `[[`, "", i)), "")
  heads <- gsub("_", " ", names(data), fixed = TRUE)
  paste0("<div class=\"wide\"><table>", row("th", heads), paste(body, collapse = "\n"), "</table></div>")
}

# A plot as a picture inside the page; sizes in inches.
figure <- function(plot, width, height, alt) {
  file <- tempfile(fileext = ".png")
  on.exit(unlink(file))
  # A device that is open already, a user's window say, stays the current one.
  # Smaller than it is shown: words that can be read on a phone.
  ggplot2::ggsave(file, plot, width = width, height = height, scale = 0.85, dpi = 150, bg = "white")
  bytes <- readBin(file, "raw", file.size(file))
  sprintf("<figure><img alt=\"%s\" src=\"data:image/png;base64,%s\"></figure>", html(alt), base64(bytes))
}

base64 <- function(bytes) {
  missing <- -length(bytes) %% 3
  b <- matrix(as.integer(c(bytes, raw(missing))), nrow = 3)
  six <- rbind(
    b[1, ] %/% 4L, b[1, ] %% 4L * 16L + b[2, ] %/% 16L, b[2, ] %% 16L * 4L + b[3, ] %/% 64L,
    b[3, ] %% 64L
  )
  text <- c(LETTERS, letters, 0:9, "+", "/")[six + 1L]
  text[length(text) - seq_len(missing) + 1L] <- "="
  paste(text, collapse = "")
}

page <- function(title, facts, sections) {
  heading <- vapply(sections, `[[`, "", 1)
  anchor <- gsub("[^a-z]+", "-", tolower(heading))
  links <- paste0("<a href=\"#", anchor, "\">", html(heading), "</a>", collapse = " ")
  body <- vapply(seq_along(sections), function(i) paste0(
    "<section id=\"", anchor[[i]], "\"><h2>", html(heading[[i]]), "</h2>\n",
    paste(sections[[i]][[2]], collapse = "\n"), "</section>"
  ), "")
  c(
    "<!DOCTYPE html>", "<html lang=\"en\"><head><meta charset=\"utf-8\">",
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">",
    paste0("<title>", html(title), "</title>"), paste0("<style>", page_style, "</style></head><body><main>"),
    paste0("<h1>", html(title), "</h1>"), facts, paste0("<nav>", links, "</nav>"), body,
    "</main></body></html>"
  )
}

page_style <- "
body { margin: 0; background: #f6f5f1; color: #222; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 56rem; margin: 0 auto; padding: 1rem; }
h1 { margin: 1rem 0 .5rem; font-size: 1.9rem; line-height: 1.2; }
h2 { margin: 0 0 .5rem; font-size: 1.25rem; }
section { background: #fff; border: 1px solid #e3e0d8; border-radius: 8px; margin: 1rem 0; padding: 1rem; }
.facts { display: flex; flex-wrap: wrap; gap: .5rem 2rem; }
.facts b { display: block; font-size: 1.5rem; line-height: 1.2; }
nav { margin: 1rem 0; }
nav a { color: #00568a; margin-right: .8rem; white-space: nowrap; }
figure { margin: .5rem 0; }
img { display: block; max-width: 100%; height: auto; margin: 0 auto; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #f6f5f1; border-radius: 6px; padding: .7rem; font-size: .85rem; line-height: 1.4; }
details pre { white-space: pre; overflow-x: auto; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; }
th, td { padding: .25rem .7rem; text-align: left; border-bottom: 1px solid #e3e0d8; white-space: nowrap; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
summary { cursor: pointer; }
@media (max-width: 40rem) {
  main { padding: .5rem; }
  section { padding: .7rem; }
  h1 { font-size: 1.5rem; }
  .facts { gap: .4rem 1.3rem; }
  table { font-size: .8rem; }
  th, td { padding: .2rem .35rem; }
  td:not(.number) { white-space: normal; }
  td:not(.number):not(:first-child) { min-width: 8rem; }
}
@media print { body { background: #fff; } nav { display: none; } section { border: 0; } }
"

# Under a temporary name first: a crash leaves the old file or the new one.
write_page <- function(lines, file, call = rlang::caller_env()) {
  part <- check_path(paste0(file, ".part"), "file", call = call)
  write <- function() {
    con <- base::file(part, "wb")
    on.exit(close(con))
    writeLines(lines, con, useBytes = TRUE)
    TRUE
  }
  written <- tryCatch(write(), error = function(e) FALSE, warning = function(w) FALSE)
  if (!written || !file.rename(part, file)) {
    cli::cli_abort("{.arg file}: {.file {file}} cannot be written.", call = call)
  }
}
