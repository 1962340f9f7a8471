#' Where the odd ones begin
#'
#' Rules for `mse_anomalies(cutoff = )`. Each is a function of the scores; your own function of a numeric
#' vector that gives one number will do as well.
#'
#' * `cutoff_mad()`: so many median absolute deviations above the median. The scores of the odd ones
#'   hardly move either, so that it holds while fewer than half of the drawings are odd. With `times = 5`
#'   it is the default of [mse_anomalies()].
#' * `cutoff_percentile()`: a given share of the drawings is odd, whatever the scores.
#' * `cutoff_tail()`: the scores above a percentile are taken as the tail of a distribution, and the
#'   cut-off is what ordinary drawings exceed with probability `p`. The excesses over any high threshold
#'   follow, nearly, a generalized Pareto distribution; its scale and shape are estimated by maximum
#'   likelihood in Grimshaw's way, the shape kept between -0.5 and 1. Odd ones among the scores make the
#'   tail heavier and the cut-off higher: with more than some per cent of them, take the cut-off of
#'   drawings that are known to be ordinary, `mse_anomalies(fit, ordinary, cutoff_tail())$cutoff`.
#'
#' @param times How many median absolute deviations (see [stats::mad()]), a number above 0.
#' @param percent A number above 0 and below 100.
#' @param p The probability that an ordinary drawing scores higher: a number above 0, below the share
#'   of drawings above the threshold.
#' @param threshold The percentile at which the tail begins: a number above 0 and below 100. At least ten
#'   scores must lie above it.
#' @returns A function that takes scores and gives the cut-off: a number whose attribute `rule` says in
#'   words how it was found.
#' @section Errors: Numbers outside these ranges; too few scores for a tail.
#' @source Grimshaw (1993), Computing maximum likelihood estimates for the generalized Pareto distribution.
#'   Technometrics 35(2). Coles (2001), An Introduction to Statistical Modeling of Extreme Values, chapter 4.
#' @name mse_cutoffs
#' @examples
#' fit <- pretrained_sheep()
#' x <- simulate_sheep(300, anomalies = 6, seed = 1)
#' mse_anomalies(fit, x, cutoff = cutoff_percentile(98))
#'
#' # What one ordinary drawing in a thousand exceeds
#' ordinary <- mse_anomalies(fit, simulate_sheep(500, seed = 2), cutoff = cutoff_tail(p = 0.001))
#' mse_anomalies(fit, x, cutoff = ordinary$cutoff)
NULL

#' @rdname mse_cutoffs
#' @export
cutoff_mad <- function(times = 5) {
  times <- check_number(times, min = 0, open_min = TRUE)
  function(mse) {
    structure(
      stats::median(mse) + times * stats::mad(mse), rule = paste("median +", format(times), "MAD")
    )
  }
}

#' @rdname mse_cutoffs
#' @export
cutoff_percentile <- function(percent = 99) {
  percent <- check_number(percent, min = 0, max = 100, open_min = TRUE, open_max = TRUE)
  if (percent <= 1) {
    cli::cli_inform("{.arg percent} goes from 0 to 100: {percent} means that {100 - percent} % of the drawings are odd. Was {100 * percent} meant?")
  }
  function(mse) {
    structure(stats::quantile(mse, percent / 100, names = FALSE), rule = paste("percentile", format(percent)))
  }
}

#' @rdname mse_cutoffs
#' @export
cutoff_tail <- function(p = 0.001, threshold = 90) {
  threshold <- check_number(threshold, min = 0, max = 100, open_min = TRUE, open_max = TRUE)
  p <- check_number(p, min = 0, max = 1 - threshold / 100, open_min = TRUE, open_max = TRUE)
  call <- rlang::call2("cutoff_tail")
  function(mse) {
    from <- stats::quantile(mse, threshold / 100, names = FALSE)
    above <- mse[mse > from] - from
    if (length(above) < 10) {
      cli::cli_abort(c(
        "A tail needs at least 10 scores above percentile {threshold}; there {cli::qty(length(above))}{?is/are} {length(above)}.",
        i = "Give more drawings, a lower {.arg threshold}, or another rule."
      ), call = call)
    }
    tail <- fit_pareto(above)
    structure(
      from + pareto_quantile(1 - p * length(mse) / length(above), tail),
      rule = sprintf(
        "p = %s of a generalized Pareto tail above percentile %s, shape %s, scale %s", format(p),
        format(threshold), format(tail[["shape"]], digits = 2), format(tail[["scale"]], digits = 3)
      )
    )
  }
}

# Shape and scale of a generalized Pareto distribution of positive numbers, by maximum likelihood. For a
# given ratio of shape and scale the best shape is the mean of log(1 + ratio * y): one number is searched.
fit_pareto <- function(y, shapes = c(-0.5, 1)) {
  unit <- mean(y)
  y <- y / unit
  shape_at <- function(ratio) mean(log1p(ratio * y))
  # Without its constant factor; at 0 it is the exponential distribution.
  likelihood <- function(ratio) {
    if (abs(ratio) < 1e-7) -1 else -log(shape_at(ratio) / ratio) - shape_at(ratio) - 1
  }
  # The shape grows with the ratio, which lies above -1 / max(y).
  ratio_of <- function(shape, from, to) {
    stats::uniroot(function(r) shape_at(r) - shape, c(from, to), tol = 1e-12)$root
  }
  lowest <- -(1 - 1e-12) / max(y)
  low <- if (shape_at(lowest) > shapes[[1]]) lowest else ratio_of(shapes[[1]], lowest, 0)
  high <- 1
  while (shape_at(high) < shapes[[2]]) high <- 2 * high
  high <- ratio_of(shapes[[2]], 0, high)
  # There may be more than one hill: the best of a grid, then its top.
  grid <- seq(low, high, length.out = 400)
  best <- which.max(vapply(grid, likelihood, 0))
  top <- stats::optimize(likelihood, grid[c(max(1, best - 1), min(400, best + 1))], maximum = TRUE, tol = 1e-10)$maximum
  shape <- shape_at(top)
  c(shape = shape, scale = unit * if (abs(top) < 1e-7) 1 else shape / top)
}

pareto_quantile <- function(q, tail) {
  if (abs(tail[["shape"]]) < 1e-7) {
    return(-tail[["scale"]] * log1p(-q))
  }
  tail[["scale"]] * expm1(-tail[["shape"]] * log1p(-q)) / tail[["shape"]]
}

# A number or a rule, NULL being the default's.
check_cutoff <- function(cutoff, call = rlang::caller_env()) {
  if (is.null(cutoff)) {
    return(cutoff_mad())
  }
  if (is.function(cutoff)) {
    return(cutoff)
  }
  cutoff <- plain_number(cutoff)
  if (!is.numeric(cutoff) || length(cutoff) != 1 || !is.finite(cutoff)) {
    abort_argument(cutoff, "cutoff", "a number or a rule such as cutoff_mad()", call)
  }
  function(mse) structure(as.double(cutoff), rule = "given")
}
