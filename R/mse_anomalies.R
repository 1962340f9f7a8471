#' The drawings that a fit redraws worst
#'
#' The squared differences between a drawing and its reconstruction, summed over the pixels: a model that
#' has learned sheep redraws a car badly. Deterministic: mean code, dropout off.
#'
#' A `.npy` file is scored as it is read, batch by batch: memory holds a number a drawing, however large
#' the file (but `.npy.gz`, and `.npz` with deflated arrays, are unpacked into memory).
#'
#' @param fit A fitted `vae`.
#' @param x Drawings, seen in training or not: anything [as_drawings()] takes, or the path of a `.npy`
#'   file such as [load_quickdraw()] reads.
#' @param cutoff Scores above it are anomalies: a number; a rule, [cutoff_mad()], [cutoff_percentile()] or
#'   [cutoff_tail()]; or `NULL` for the median plus five median absolute deviations (scaled as
#'   [stats::mad()] does, so that five of them are five standard deviations of a normal distribution).
#' @param threads Threads; see [vae_fit()].
#' @returns An object of class `mse_anomalies`: a list of `mse` (a score a drawing, in the order of `x`),
#'   `cutoff`, `anomalies` (row numbers of the scores above it, worst first), `rule` (in words, how the
#'   cut-off was found). `plot(a)` draws the scores with the cut-off, `plot(a, x)` the worst drawings,
#'   `plot(a, x, fit)` the worst and the best beside their reconstructions.
#' @seealso [mse_maps()] shows where in a drawing the error is, [anomaly_quality()] how well scores tell
#'   known odd ones.
#' @export
#' @examples
#' x <- simulate_sheep(200, anomalies = 4, seed = 1)
#' fit <- pretrained_sheep()
#' odd <- mse_anomalies(fit, x)
#' odd
#' labels(x)[odd$anomalies]
#' plot(odd, x, fit)
mse_anomalies <- function(fit, x, cutoff = NULL, threads = NULL) {
  check_class(fit, "vae", made_by = "vae_fit()")
  source <- scored_source(x, fit$model)
  rule <- check_cutoff(cutoff)
  threads <- check_team(threads)
  mse <- run_engine(score_cpp(
    source$x, fit$model, fit$weights, scoring_on(fit, threads),
    progress_callback("Scoring")
  ))
  cutoff <- rule(mse)
  rule <- attr(cutoff, "rule") %||% "own rule"
  cutoff <- check_number(cutoff)
  above <- which(mse > cutoff)
  structure(
    list(
      mse = mse, cutoff = cutoff, anomalies = above[order(-mse[above])],
      rule = rule
    ),
    class = "mse_anomalies"
  )
}

# What the scorer reads, and of how many drawings: these, or the path of a .npy file.
scored_source <- function(x, model, call = rlang::caller_env()) {
  if (missing(x) || !is.character(x)) {
    x <- check_drawings_fit(x, model, call = call)
    return(list(x = x, n = length(x)))
  }
  path <- check_path(x, "x", exists = TRUE, call = call)
  check_npy(path, call)
  shape <- run_engine(npy_shape_cpp(path, ""), call)
  if (!identical(c(shape[2:3], 1), as.double(model$input))) {
    cli::cli_abort(
      "{.arg x} names a file of {paste(shape[2:3], collapse = ' x ')}, but the model takes {paste(model$input, collapse = ' x ')}.",
      call = call
    )
  }
  n <- shape[[1]]
  if (n == 0) cli::cli_abort("{.file {path}} holds no drawings.", call = call)
  list(x = path, n = n)
}

# Some of the drawings of what was scored: drawings, or a .npy file.
pick_drawings <- function(x, rows, call = rlang::caller_env()) {
  if (!is.character(x)) {
    return(x[rows])
  }
  new_drawings(run_engine(npy_pick_cpp(x, rows, NULL), call), size = run_engine(npy_shape_cpp(x, ""), call)[2:3])
}

#' @export
print.mse_anomalies <- function(x, ...) {
  n <- length(x$mse)
  found <- length(x$anomalies)
  cat(count_text(found), if (found == 1) " anomaly" else " anomalies", " among ", count_text(n),
    if (n == 1) " drawing" else " drawings", ": squared error above ",
    format(x$cutoff, digits = 4), " (", x$rule, ")\n", sep = "")
  q <- stats::quantile(x$mse, c(0, .5, .95, 1))
  cat("Squared error: ", paste(c("min", "median", "95 %", "max"), format(q, digits = 3, trim = TRUE),
    collapse = ", "), "\n", sep = "")
  if (found > 0) {
    first <- utils::head(x$anomalies, 10)
    cat("Worst first: ", paste(count_text(first), collapse = " "), if (found > 10) " ...", "\n", sep = "")
  }
  invisible(x)
}

#' @param ... Not used.
#' @param drawings What was scored, drawings or the path of the file; with it the worst `n` are drawn
#'   instead of the scores.
#' @param n How many of the worst drawings to draw; with `fit`, half as many of the best below them.
#' @rdname mse_anomalies
#' @export
plot.mse_anomalies <- function(x, drawings = NULL, fit = NULL, n = 12, ...) {
  rlang::check_dots_empty()
  n <- check_count(n)
  if (is.null(drawings)) plot_scores(x) else plot_worst(x, drawings, fit, n)
}

plot_scores <- function(x) {
  data <- data.frame(drawing = seq_along(x$mse), mse = x$mse, odd = x$mse > x$cutoff)
  ggplot2::ggplot(data, ggplot2::aes(.data$drawing, .data$mse, colour = .data$odd)) +
    ggplot2::geom_point(size = if (nrow(data) > 5000) .3 else .8) +
    ggplot2::geom_hline(yintercept = x$cutoff, linetype = 2, colour = "#D55E00") +
    ggplot2::scale_colour_manual(values = c(`FALSE` = "grey55", `TRUE` = "#D55E00"), guide = "none") +
    ggplot2::scale_x_continuous(labels = count_text) +
    ggplot2::labs(
      x = "Drawing", y = "Squared error",
      title = if (length(x$anomalies) == 0) "None stands out: no drawing is above the cut-off" else
        paste(drawings_text(length(x$anomalies)), "above the cut-off"),
      subtitle = paste0("cut-off ", format(x$cutoff, digits = 4), " (", x$rule, ")")
    ) +
    theme_sketchvae()
}

plot_worst <- function(x, drawings, fit, n, call = rlang::caller_env(2)) {
  if (!is.character(drawings)) drawings <- to_drawings(drawings, call = call)
  there <- if (is.character(drawings)) run_engine(npy_shape_cpp(drawings, ""), call)[[1]] else length(drawings)
  if (there != length(x$mse)) {
    cli::cli_abort(
      "{.arg drawings} must be the {count_text(length(x$mse))} drawings that were scored, not {count_text(there)}.",
      call = call
    )
  }
  by_error <- order(-x$mse)
  worst <- utils::head(by_error, n)
  if (is.null(fit)) {
    return(
      plot_drawings(pick_drawings(drawings, worst, call), n = length(worst), labels = score_labels(x, worst)) +
        ggplot2::labs(title = worst_title(x, ", by squared error"))
    )
  }
  best <- utils::head(rev(by_error[-seq_along(worst)]), ceiling(n / 2))
  columns <- 6 # an even number keeps the pairs together
  # Each drawing and, right of it, what the model makes of it; rows filled up with paper.
  pairs <- function(rows) {
    shown <- pick_drawings(drawings, rows, call)
    shown$labels <- NULL
    both <- c(shown, drawings_of(vae_reconstruct(fit, shown)))
    both <- both[as.vector(rbind(seq_along(rows), length(rows) + seq_along(rows)))]
    missing <- -length(both) %% columns
    blank <- drawings_of(array(0, c(1, shown$size)))
    list(
      drawings = c(both, rep(blank, missing)),
      labels = c(rbind(score_labels(x, rows), "redrawn"), rep("", missing))
    )
  }
  above <- pairs(worst)
  below <- if (length(best) > 0) pairs(best)
  all <- if (is.null(below)) above$drawings else c(above$drawings, below$drawings)
  p <- plot_drawings(all, n = length(all), labels = c(above$labels, below$labels), ncol = columns)
  if (is.null(below)) {
    return(p + ggplot2::labs(title = worst_title(x, ", each beside its reconstruction")))
  }
  tile <- tile_size(all)
  border <- 2 - tile[[1]] * length(above$drawings) / columns # above the words
  p +
    ggplot2::annotate("segment", x = 0, xend = columns * tile[[2]], y = border, yend = border, colour = "grey60") +
    ggplot2::labs(title = worst_title(x, ", each beside its reconstruction"), subtitle = below_line(x))
}

# Where nothing is above the cut-off, there is nothing bad to name.
worst_title <- function(x, how) {
  paste0(if (length(x$anomalies) > 0) "The worst" else "None stands out: the highest squared errors", how)
}

below_line <- function(x) paste("Below the line:", if (length(x$anomalies) > 0) "the best" else "the lowest")

score_labels <- function(x, rows) {
  paste0(count_text(rows), ": ", format(x$mse[rows], digits = 3, trim = TRUE))
}
