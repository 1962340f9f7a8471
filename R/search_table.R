# The data frame that a search gives, printed and plotted.

# The rows that are known as a data frame.
search_table <- function(candidates, rows, folder) {
  candidates <- Filter(function(one) !is.null(rows[[one$key]]), candidates)
  column <- function(values) {
    # One type a column: text as soon as one value is text.
    unlist(if (any(vapply(values, is.character, NA))) lapply(values, as.character) else values)
  }
  table <- data.frame(candidate = vapply(candidates, `[[`, 0L, "number"))
  if (!all(vapply(candidates, function(one) is.null(one$label), NA))) {
    table$model <- vapply(candidates, `[[`, "", "label")
  }
  tried <- names(candidates[[1]]$values)
  for (name in tried) {
    # What was tried goes before what came of it, were they called the same.
    table[[name]] <- column(lapply(candidates, function(one) value_text(one$values[[name]])))
  }
  for (name in setdiff(c("parameters", "epochs", search_measures, "squared_error", "seconds"), names(table))) {
    table[[name]] <- vapply(candidates, function(one) as.double(rows[[one$key]][[name]] %||% NA), 0)
  }
  for (name in c("warning", "error")) {
    table[[name]] <- vapply(candidates, function(one) rows[[one$key]][[name]] %||% NA_character_, "")
  }
  if (!is.null(folder)) {
    files <- vapply(candidates, candidate_file, "", folder = folder)
    table$file <- ifelse(file.exists(files), files, NA)
  }
  structure(table, class = c("vae_search", "data.frame"), tried = c(intersect("model", names(table)), tried))
}

# Rows that did not fail, the best first.
best_rows <- function(x, by, call = rlang::caller_env()) {
  columns <- names(x)[vapply(x, is.numeric, NA)]
  check_choice(by, columns, "by", call)
  x <- as.data.frame(x)
  x <- x[!is.na(x[[by]]), ]
  x[order(x[[by]]), ]
}

#' @param by A column of numbers: lower is better.
#' @param n How many candidates to show.
#' @rdname vae_search
#' @export
print.vae_search <- function(x, by = "val_loss", n = 10, ...) {
  tried <- intersect(attr(x, "tried"), names(x))
  # A part of the columns is a plain data frame.
  if (!all(c("candidate", "error", by) %in% names(x))) {
    return(invisible(print(as.data.frame(x), ...)))
  }
  best <- best_rows(x, by)
  failed <- sum(!is.na(x$error))
  cat("Search over ", count_text(nrow(x)), if (nrow(x) == 1) " candidate" else " candidates",
    if (failed > 0) paste0(" (", count_text(failed), " failed, see $error)"), ", the best by ", by, " first\n", sep = "")
  shown <- utils::head(best[unique(c("candidate", tried, by, "val_loss", "squared_error", "kl", "seconds"))], n)
  if (nrow(shown) > 0) {
    print(format(shown, digits = 4), row.names = FALSE)
  }
  invisible(x)
}

#' @export
as.data.frame.vae_search <- function(x, row.names = NULL, optional = FALSE, ...) {
  attr(x, "tried") <- NULL
  class(x) <- "data.frame"
  x
}

#' @rdname vae_search
#' @export
plot.vae_search <- function(x, by = "val_loss", n = 25, ...) {
  best <- utils::head(best_rows(x, by), n)
  if (nrow(best) == 0) {
    cli::cli_abort("{.arg x} has no candidate that did not fail.")
  }
  tried <- attr(x, "tried")
  said <- vapply(seq_len(nrow(best)), function(i) {
    paste(tried, vapply(best[i, tried, drop = FALSE], function(v) if (is.numeric(v)) format(v, digits = 3) else v, ""), collapse = "; ")
  }, "")
  best$what <- if (length(tried) > 0) paste0(best$candidate, ": ", said) else as.character(best$candidate)
  best$what <- factor(best$what, rev(best$what))
  best$value <- best[[by]]
  failed <- sum(!is.na(x$error))
  ggplot2::ggplot(best, ggplot2::aes(.data$value, .data$what)) +
    ggplot2::geom_point(size = 2, colour = okabe_ito[[1]]) +
    ggplot2::geom_point(data = best[1, ], size = 3.5, shape = 21, stroke = 1.2, colour = okabe_ito[[2]]) +
    ggplot2::labs(
      x = by, y = NULL, title = paste0(
        if (nrow(best) < sum(!is.na(x[[by]]))) paste("The best", nrow(best), "of"), if (nrow(best) < sum(!is.na(x[[by]]))) " ",
        count_text(nrow(x)), " candidates by ", by
      ),
      caption = if (failed > 0) paste(count_text(failed), if (failed == 1) "candidate" else "candidates", "failed")
    ) +
    theme_sketchvae()
}
