#' How well scores tell the odd ones, when these are known
#'
#' The area under the ROC curve: the probability that an odd drawing scores higher than an ordinary one,
#' equal scores counting half. Precision and recall at k: of the `k` drawings that score highest, the share
#' that is odd, and the share of the odd ones that are among them. Where scores are equal, precision and
#' recall are the mean over all orders of these drawings.
#'
#' @param scores What [mse_anomalies()] gives, or any numbers that are higher for odder drawings.
#' @param odd Which are truly odd: a logical vector with a value for each score, both values occurring.
#' @param k Whole numbers from 1 to the number of scores; `NULL` takes as many as there are odd ones.
#' @returns An object of class `anomaly_quality`: a list of `auroc`, `at` (a data frame with a row for each
#'   `k`: `k`, `precision`, `recall`), `n` and `odd` (how many drawings, how many odd ones).
#' @section Errors: Scores that are missing; `odd` of another length, or of one value only.
#' @source Fawcett (2006), An introduction to ROC analysis. Pattern Recognition Letters 27(8). McSherry and
#'   Najork (2008), Computing information retrieval performance measures efficiently in the presence of
#'   tied scores. ECIR.
#' @export
#' @examples
#' x <- simulate_sheep(300, anomalies = 6, seed = 1)
#' scores <- mse_anomalies(pretrained_sheep(), x)
#' anomaly_quality(scores, labels(x) == "car", k = c(6, 12))
anomaly_quality <- function(scores, odd, k = NULL) {
  if (!missing(scores) && inherits(scores, "mse_anomalies")) scores <- scores$mse
  if (!missing(scores)) scores <- plain_number(scores)
  if (missing(scores) || !is.numeric(scores) || length(scores) == 0 || anyNA(scores)) {
    abort_argument(scores, "scores", "what mse_anomalies() gives, or numbers, none of them missing", rlang::current_env())
  }
  n <- length(scores)
  if (missing(odd) || !is.logical(odd) || length(odd) != n || anyNA(odd) || length(unique(odd)) != 2) {
    abort_argument(odd, "odd", paste("a logical vector of", count_text(n), "values, TRUE and FALSE both among them"),
      rlang::current_env())
  }
  total <- sum(odd)
  k <- if (is.null(k)) total else plain_number(k)
  if (!is.numeric(k) || length(k) == 0 || !all(k %in% seq_len(n))) {
    abort_argument(k, "k", paste("whole numbers from 1 to", count_text(n)), rlang::current_env())
  }
  found <- vapply(k, function(k) {
    last <- -sort(-scores, partial = k)[[k]]
    surely <- scores > last
    tied <- scores == last
    sum(odd[surely]) + (k - sum(surely)) * mean(odd[tied])
  }, 0)
  structure(
    list(
      # By the ranks of the odd ones (Mann and Whitney); ties share theirs.
      auroc = (mean(rank(scores)[odd]) - (total + 1) / 2) / (n - total),
      at = data.frame(k = as.integer(k), precision = found / k, recall = found / total),
      n = n, odd = total
    ),
    class = "anomaly_quality"
  )
}

#' @export
print.anomaly_quality <- function(x, ...) {
  cat(count_text(x$odd), " odd among ", count_text(x$n), " drawings: AUROC ", format(x$auroc, digits = 3), "\n", sep = "")
  at <- x$at
  share <- function(part) vapply(part, percent_text, "", whole = 1)
  cat(sprintf("  of the first %s, %s are odd: %s of all odd ones\n", count_text(at$k),
    share(at$precision), share(at$recall)), sep = "")
  invisible(x)
}
