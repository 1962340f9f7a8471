#' Schedules of the KL term's weight
#'
#' What the KL term is multiplied by, epoch by epoch (or step by step), before the model's own
#' full weight ([kl_divergence()]'s `weight`). Epochs and steps count from 1. The result goes into
#' a model's recipe as `kl_schedule`; `kl_start` and `kl_steep` there, or in `vae_fit()`, are
#' short for `kl_schedule_linear()`.
#'
#' * `none`: 1 throughout.
#' * `linear`: 0 up to and including `start`, then `min((e - start) / steep, 1)`: full at
#'   `start + steep`.
#' * `cyclical`: `linear` that begins again after every `period`: e is counted from 1 in each.
#' * `sigmoid`: `1 / (1 + exp(-(e - middle) / width))`, 1/2 at `middle`.
#'
#' @param start The last epoch with weight 0, a whole number from 0 to 1e9.
#' @param steep In how many epochs the weight grows to 1, a number from 1e-9 to 1e9.
#' @param period The length of a cycle, a whole number from 1 to 1e9.
#' @param middle,width Where the sigmoid is 1/2 (from -1e9 to 1e9) and how wide its slope is (from 1e-9 to 1e9), in epochs.
#' @param by `"epoch"`, or `"step"`: then all numbers are steps (batches) instead of epochs.
#' @returns An object of class `vae_kl_schedule`: a list of `kind`, `start`, `steep`, `period`,
#'   `by`.
#' @examples
#' kl_schedule_linear(10, 10)
#' kl_schedule_cyclical(start = 2, steep = 4, period = 10)
#' @name kl_schedule
NULL

#' @rdname kl_schedule
#' @export
kl_schedule_none <- function() {
  new_kl_schedule("none", 0, 1, 1, "epoch")
}

#' @rdname kl_schedule
#' @export
kl_schedule_linear <- function(start, steep, by = c("epoch", "step")) {
  start <- check_count(start, min = 0, max = most)
  steep <- check_steep(steep)
  new_kl_schedule("linear", start, steep, 1, rlang::arg_match(by))
}

#' @rdname kl_schedule
#' @export
kl_schedule_cyclical <- function(start, steep, period, by = c("epoch", "step")) {
  start <- check_count(start, min = 0, max = most)
  steep <- check_steep(steep)
  period <- check_count(period, max = most)
  new_kl_schedule("cyclical", start, steep, period, rlang::arg_match(by))
}

#' @rdname kl_schedule
#' @export
kl_schedule_sigmoid <- function(middle, width, by = c("epoch", "step")) {
  middle <- check_number(middle, min = -most, max = most)
  width <- check_steep(width)
  new_kl_schedule("sigmoid", middle, width, 1, rlang::arg_match(by))
}

# What a schedule divides by.
check_steep <- function(x, arg = rlang::caller_arg(x), null = FALSE, call = rlang::caller_env()) {
  check_number(x, arg, min = 1e-9, max = most, null = null, call = call)
}

new_kl_schedule <- function(kind, start, steep, period, by) {
  structure(list(kind = kind, start = start, steep = steep, period = period, by = by),
            class = "vae_kl_schedule")
}

# The schedule that a recipe asks for, kl_start and kl_steep going before kl_schedule.
recipe_kl_schedule <- function(recipe) {
  if (is.null(recipe$kl_start)) return(recipe$kl_schedule %||% kl_schedule_none())
  kl_schedule_linear(recipe$kl_start, recipe$kl_steep %||% 1)
}

#' @export
print.vae_kl_schedule <- function(x, ...) {
  cat(format_kl_schedule(x), "\n", sep = "")
  invisible(x)
}

format_kl_schedule <- function(x) {
  span <- function(n) paste0(count_text(n), " ", x$by, if (n != 1) "s")
  switch(x$kind,
    none = "no annealing",
    linear = paste0("weight 0 up to ", x$by, " ", count_text(x$start), ", full ",
                    span(x$steep), " later"),
    cyclical = paste0("in every ", span(x$period), ": weight 0 up to ", count_text(x$start),
                      ", full ", span(x$steep), " later"),
    sigmoid = paste0("sigmoid around ", x$by, " ", count_text(x$start), ", ", span(x$steep),
                     " wide")
  )
}
