#' Schedules of the learning rate
#'
#' How the learning rate moves over the epochs of a fit: `vae_fit(learning_rate = )` takes one instead of a
#' number, a model's recipe as `learning_rate_schedule`. Within an epoch the rate stays as it is. What was
#' used stands in the fit's history as `learning_rate`. Epochs count from 1.
#'
#' * `lr_schedule_constant()`: `rate` throughout, as a plain number.
#' * `lr_schedule_step()`: `rate * factor^((epoch - 1) %/% every)`. A fit that is trained further goes on
#'   with the count of its epochs.
#' * `lr_schedule_cosine()`: from `rate` in the first epoch along half a cosine to `floor * rate` in the
#'   last, `rate * (floor + (1 - floor) * (1 + cos(pi * share)) / 2)` (Loshchilov and Hutter, 2017). Without
#'   `epochs` these are the first and last epoch of the call of `vae_fit()`, so that a fit that is trained
#'   further starts at `rate` again. With `epochs` they are 1 and `epochs`, after which the rate stays at the
#'   bottom.
#' * `lr_schedule_plateau()`: multiplied by `factor` when `monitor` has not fallen for `patience` epochs; the
#'   epochs before the KL term's full weight don't count. It is [callback_reduce_lr()] as a part of the fit.
#'
#' A fit that is resumed from a checkpoint (`vae_fit(checkpoint = )`, [vae_resume()]) takes the same steps as
#' one that was never stopped. To prolong a fit with `lr_schedule_cosine()` by the same call with more
#' epochs, give the schedule its `epochs`: without them the longer call is another fit. `vae_resume(epochs = )`
#' keeps the schedule that the fit was begun with.
#'
#' @param rate The learning rate that the schedule starts from, a number above 0; `NULL`: the optimizer's.
#' @param every Epochs between steps, a whole number from 1.
#' @param factor What the rate is multiplied by, a number above 0 and below 1.
#' @param epochs The epoch in which the bottom is reached, a whole number from 2, or `NULL`: the last one of the
#'   call of `vae_fit()`.
#' @param floor The share of `rate` at the bottom, from 0 to below 1.
#' @param monitor A column of the history, or `NULL`: `"val_loss"` where there is a validation, else `"loss"`.
#' @inheritParams callbacks
#' @returns An object of class `vae_lr_schedule`: a list whose first element is `kind`.
#' @references Loshchilov and Hutter (2017), SGDR: Stochastic Gradient Descent with Warm Restarts,
#'   <https://arxiv.org/abs/1608.03983>.
#' @examples
#' lr_schedule_cosine(floor = .01)
#' x <- simulate_sheep(64, seed = 1)
#' fit <- vae_fit(x, model_binary(hidden = 20), epochs = 4, seed = 1,
#'   learning_rate = lr_schedule_step(every = 2, factor = .1, rate = .01))
#' fit$history[c("epoch", "learning_rate", "loss")]
#' @name lr_schedule
NULL

#' @rdname lr_schedule
#' @export
lr_schedule_constant <- function(rate = NULL) {
  new_lr_schedule("constant", rate)
}

#' @rdname lr_schedule
#' @export
lr_schedule_step <- function(every, factor = .5, rate = NULL) {
  new_lr_schedule("step", rate, every = check_count(every, max = most), factor = check_factor(factor))
}

#' @rdname lr_schedule
#' @export
lr_schedule_cosine <- function(epochs = NULL, floor = 0, rate = NULL) {
  epochs <- check_count(epochs, min = 2, max = most, null = TRUE)
  new_lr_schedule("cosine", rate, epochs = epochs, floor = check_share(floor))
}

#' @rdname lr_schedule
#' @export
lr_schedule_plateau <- function(factor = .5, patience = 3, min_delta = 0, min_rate = 0, monitor = NULL,
                                rate = NULL) {
  new_lr_schedule("plateau", rate,
    factor = check_factor(factor), patience = check_count(patience), min_delta = check_number(min_delta, min = 0),
    min_rate = check_number(min_rate, min = 0), monitor = check_string(monitor, null = TRUE)
  )
}

new_lr_schedule <- function(kind, rate, ..., call = rlang::caller_env()) {
  rate <- check_number(rate, "rate", min = 0, max = most_rate, open_min = TRUE, null = TRUE, call = call)
  structure(as_doubles(drop_null(list(kind = kind, rate = rate, ...))), class = "vae_lr_schedule")
}

check_factor <- function(x, arg = rlang::caller_arg(x), call = rlang::caller_env()) {
  check_number(x, arg, min = 0, max = 1, open_min = TRUE, open_max = TRUE, call = call)
}

# The recipe with a learning rate: a number, a schedule, or NULL for the recipe's own.
set_learning_rate <- function(recipe, learning_rate, call = rlang::caller_env()) {
  if (is.null(learning_rate)) {
    return(recipe)
  }
  if (inherits(learning_rate, "vae_lr_schedule")) {
    recipe$optimizer$learning_rate <- learning_rate$rate %||% recipe$optimizer$learning_rate
    recipe$learning_rate_schedule <- learning_rate
    return(recipe)
  }
  learning_rate <- plain_number(learning_rate)
  if (!is.numeric(learning_rate) || length(learning_rate) != 1 || !is.finite(learning_rate) || learning_rate <= 0 || learning_rate > most_rate) {
    abort_argument(learning_rate, "learning_rate", "a number above 0 and up to 1e6, or a schedule (see ?lr_schedule)", call)
  }
  recipe$optimizer$learning_rate <- as.double(learning_rate)
  recipe["learning_rate_schedule"] <- list(NULL)
  recipe
}

# The recipe's schedule as the engine takes it: what is left open depends on this call of vae_fit().
engine_lr_schedule <- function(recipe, first_epoch, validated, model, call = rlang::caller_env()) {
  schedule <- unclass(recipe$learning_rate_schedule %||% lr_schedule_constant())
  schedule$rate <- NULL
  if (schedule$kind == "cosine") {
    schedule$first <- if (is.null(schedule$epochs)) first_epoch else 1
    schedule$last <- schedule$epochs %||% (first_epoch + recipe$epochs - 1)
    schedule$epochs <- NULL
  } else if (schedule$kind == "plateau") {
    schedule$monitor <- schedule$monitor %||% if (validated) "val_loss" else "loss"
    columns <- monitored_columns(model, validated)
    if (!schedule$monitor %in% columns) {
      cli::cli_abort(
        "{.arg learning_rate}: this fit's history has no column {.field {schedule$monitor}} to monitor; it has {.field {columns}}.",
        call = call
      )
    }
  }
  schedule
}

# A plateau is seen by a callback; the factor that it sets is kept in checkpoints.
schedule_callbacks <- function(schedule) {
  if (schedule$kind != "plateau") {
    return(list())
  }
  callback <- with(schedule, callback_reduce_lr(monitor, factor, patience, min_delta, min_rate))
  callback$name <- "lr_schedule_plateau"
  check_callbacks(callback)
}

#' @export
print.vae_lr_schedule <- function(x, ...) {
  cat("learning rate ", if (!is.null(x$rate)) paste0(format(x$rate), ", "), format_lr_schedule(x), "\n", sep = "")
  invisible(x)
}

format_lr_schedule <- function(x) {
  epochs <- function(n) paste0(count_text(n), " epoch", if (n != 1) "s")
  switch(x$kind,
    constant = "constant",
    step = paste("times", format(x$factor), "every", epochs(x$every)),
    cosine = paste0("along a cosine to ", if (x$floor == 0) "0" else paste(format(x$floor), "of it"), " in ",
      if (is.null(x$epochs)) "the last epoch" else paste("epoch", count_text(x$epochs))),
    plateau = paste0("times ", format(x$factor), " when ", x$monitor %||% "the loss", " has not fallen for ",
      epochs(x$patience), if (x$min_rate > 0) paste(", down to", format(x$min_rate)))
  )
}
