#' The drawings that a fit redraws worst
#'
#' The squared differences between a drawing and its reconstruction, summed over the pixels: a model that
#' has learned sheep redraws a car badly. Deterministic: mean code, dropout off.
#'
#' @param fit A fitted `vae`.
#' @param x Drawings, seen in training or not: anything [as_drawings()] takes.
#' @param cutoff Scores above it are anomalies: a number, or `NULL` for the median plus five median
#'   absolute deviations (scaled as [stats::mad()] does, so that five of them are five standard deviations
#'   of a normal distribution).
#' @param threads Threads; see [vae_fit()].
#' @returns An object of class `mse_anomalies`: a list of `mse` (a score a drawing, in the order of `x`),
#'   `cutoff`, `anomalies` (row numbers of the scores above it, worst first). `plot(a)` draws the scores
#'   with the cut-off, `plot(a, x)` the worst drawings, `plot(a, x, fit)` beside their reconstructions.
#' @export
#' @examples
#' x <- simulate_sheep(100, anomalies = 3, seed = 1)
#' fit <- vae_fit(x, model_binary(hidden = 20), epochs = 2, seed = 1)
#' mse_anomalies(fit, x)
mse_anomalies <- function(fit, x, cutoff = NULL, threads = NULL) {
  check_class(fit, "vae", made_by = "vae_fit()")
  x <- as_drawings(x)
  check_drawings_fit(x, fit$model)
  cutoff <- check_number(cutoff, null = TRUE)
  threads <- check_threads(threads)
  mse <- run_engine(score_cpp(
    x$pixels, fit$model, fit$weights, scoring_on(fit, threads),
    progress_callback("Scoring", show = show_progress(length(x)))
  ))
  rule <- if (is.null(cutoff)) "median + 5 MAD" else "given"
  cutoff <- cutoff %||% (stats::median(mse) + 5 * stats::mad(mse))
  above <- which(mse > cutoff)
  structure(
    list(mse = mse, cutoff = cutoff, anomalies = above[order(-mse[above])], rule = rule),
    class = "mse_anomalies"
  )
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
#' @param drawings The drawings that were scored; with them the worst `n` are drawn instead of the scores.
#' @param n How many drawings to draw.
#' @rdname mse_anomalies
#' @export
plot.mse_anomalies <- function(x, drawings = NULL, fit = NULL, n = 12, ...) {
  p <- if (is.null(drawings)) plot_scores(x) else plot_worst(x, as_drawings(drawings), fit, n)
  print(p)
  invisible(p)
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
      title = paste(count_text(length(x$anomalies)), "drawings above the cut-off"),
      subtitle = paste0("cut-off ", format(x$cutoff, digits = 4), " (", x$rule, ")")
    ) +
    theme_sketchvae()
}

plot_worst <- function(x, drawings, fit, n) {
  if (length(drawings) != length(x$mse)) {
    cli::cli_abort(
      "{.arg drawings} must be the {count_text(length(x$mse))} drawings that were scored, not {count_text(length(drawings))}.",
      call = rlang::caller_env(2)
    )
  }
  worst <- utils::head(order(-x$mse), n)
  shown <- drawings[worst]
  labels <- paste0(count_text(worst), ": ", format(x$mse[worst], digits = 3, trim = TRUE))
  title <- "The worst, by squared error"
  if (!is.null(fit)) {
    # Each drawing and, right of it, what the model makes of it.
    both <- c(shown, as_drawings(vae_reconstruct(fit, shown)))
    shown <- both[as.vector(rbind(seq_along(worst), length(worst) + seq_along(worst)))]
    labels <- as.vector(rbind(labels, "redrawn"))
    title <- "The worst, each beside its reconstruction"
  }
  # An even number of columns keeps the pairs together.
  columns <- if (!is.null(fit)) 6
  plot_drawings(shown, labels = labels, ncol = columns) + ggplot2::labs(title = title)
}
