#' Act on a fit while it runs
#'
#' A callback is a function of one argument, `state`, called at the end of every epoch, or a list of such
#' functions named by the moment at which they are called: `on_train_begin`, `on_batch_end`,
#' `on_epoch_end`, `on_train_end`. A list may hold `every`, a whole number: `on_batch_end` is called every
#' so many batches (100 by default), and `name` for messages. `vae_fit(callbacks = )` takes one callback or
#' an unnamed list of them.
#'
#' `state` is a list of
#' * `epoch`, `last_epoch`, and at the end of a batch `step`, `steps`, `loss`;
#' * `history`, the rows so far with their `learning_rate`, those of an earlier fit that goes on included;
#' * `model`, `x`, `validation` (drawings, of length 0 when there are none), `n` (drawings a fit trains on);
#' * `kl_weight`, `learning_rate` (what a schedule, [lr_schedule], multiplies);
#' * `fit()`, a `vae` of the parameters as they are now; `encode(x)`, `decode(z)`, short for
#'   [vae_encode()] and [vae_decode()] with it;
#' * `first_epoch`, the first one of this call;
#' * `keep()`, at the end of an epoch: keeps its weights;
#' * `stop(restore = FALSE)`, which ends training after this epoch; with `restore = TRUE` the fit then holds the
#'   weights that were kept last, and their epoch as `$restored_epoch`;
#' * `set_learning_rate(rate)`, from the next epoch on (a number from 0 to 1e6).
#'
#' What a callback decides is part of a checkpoint: a fit that was killed and goes on decides no other way.
#'
#' An error in a callback ends training; the fit so far is returned with a warning that names the callback
#' and the moment.
#'
#' * `callback_early_stopping()` stops when a column of the history has not fallen by more than
#'   `min_delta` for `patience` epochs. Epochs before the full KL weight don't count: the loss rises while
#'   the KL term grows in. Nor do those of an earlier fit that goes on. The fit then holds the weights of the epoch in
#'   which the column was lowest, or with `restore_best = FALSE` those of the last epoch. A fit that ends
#'   otherwise holds those of its last epoch.
#' * `callback_reduce_lr()` multiplies the learning rate by `factor` when that happens, down to `min_rate`.
#' * `callback_checkpoint()` saves the fit with [save_vae()] every `every` epochs. (To go on after a crash
#'   exactly where a fit stood, use `vae_fit(checkpoint = )`.)
#' * `callback_latent_plot()` draws the latent space every `every` epochs, on the screen or into files.
#'
#' @param monitor A loss of the history; one that the fit will not have is an error before its first batch.
#' @param patience Epochs to wait, a whole number from 1.
#' @param min_delta How much lower counts as lower, a number from 0.
#' @param restore_best `TRUE` or `FALSE`: return the weights of the best epoch, or those of the last?
#' @param factor A number above 0 and below 1.
#' @param min_rate The lowest learning rate, a number from 0.
#' @param path A file name; `{epoch}` in it becomes the epoch's number.
#' @param every Epochs between calls, a whole number from 1.
#' @param x Drawings to encode; `NULL` takes those that are trained on.
#' @param folder A folder for PNG files, or `NULL` for the current graphics device.
#' @returns A callback: a list.
#' @examples
#' x <- simulate_sheep(64, seed = 1)
#' seen <- list()
#' fit <- vae_fit(x, model_binary(hidden = 20), epochs = 3, seed = 1,
#'   callbacks = function(state) seen[[state$epoch]] <<- state$encode(x))
#' length(seen)
#' @name callbacks
NULL

moments <- c("on_train_begin", "on_batch_end", "on_epoch_end", "on_train_end")

check_callbacks <- function(callbacks, call = rlang::caller_env()) {
  if (is.null(callbacks)) {
    return(list())
  }
  if (is.function(callbacks) || any(moments %in% names(callbacks))) callbacks <- list(callbacks)
  if (!is.list(callbacks) || !is.null(names(callbacks))) {
    abort_argument(callbacks, "callbacks", "a function, a callback or a list of them (see ?callbacks)", call)
  }
  lapply(seq_along(callbacks), function(i) {
    one <- callbacks[[i]]
    if (is.function(one)) one <- list(on_epoch_end = one)
    known <- is.list(one) && length(one) > 0 && all(names(one) %in% c(moments, "every", "name", "check")) &&
      all(vapply(one[names(one) %in% moments], is.function, NA))
    if (!known) {
      abort_argument(one, paste0("callbacks[[", i, "]]"),
        paste("a function or a list of functions named", paste(moments, collapse = ", ")), call)
    }
    one$name <- one$name %||% paste("callback", i)
    one$every <- check_count(one$every %||% 100, paste0("callbacks[[", i, "]]$every"), call = call)
    one
  })
}

#' @rdname callbacks
#' @export
callback_early_stopping <- function(monitor = "val_loss", patience = 5, min_delta = 0, restore_best = TRUE) {
  stalled <- stall_counter(monitor, patience, min_delta)
  check_flag(restore_best)
  list(name = "callback_early_stopping", check = check_monitor(monitor), on_epoch_end = function(state) {
    since <- state$first_epoch - 1
    if (restore_best && is_last_best(monitored(state, monitor, since), state$epoch)) state$keep()
    if (stalled(state, since)) state$stop(restore = restore_best)
  })
}

#' @rdname callbacks
#' @export
callback_reduce_lr <- function(monitor = "val_loss", factor = .5, patience = 3, min_delta = 0,
                               min_rate = 0) {
  factor <- check_factor(factor)
  min_rate <- check_number(min_rate, min = 0)
  stalled <- stall_counter(monitor, patience, min_delta)
  list(name = "callback_reduce_lr", check = check_monitor(monitor), on_epoch_end = function(state) {
    # The epochs since the rate is what it is: from the history, so that a resumed fit knows them too.
    other <- which(abs(state$history$learning_rate / state$learning_rate - 1) > 1e-9)
    if (stalled(state, since = max(0L, state$history$epoch[other]))) {
      state$set_learning_rate(max(state$learning_rate * factor, min_rate))
    }
  })
}

# A function of the state: has `monitor` not fallen for `patience` epochs? It looks at the history alone,
# so that a fit that was resumed decides as one that never stopped.
stall_counter <- function(monitor, patience, min_delta, call = rlang::caller_env()) {
  monitor <- check_string(monitor, call = call)
  patience <- check_count(patience, call = call)
  min_delta <- check_number(min_delta, min = 0, call = call)
  function(state, since = 0L) {
    best <- Inf
    waited <- 0
    for (value in monitored(state, monitor, since)$value) {
      waited <- if (value < best - min_delta) 0 else waited + 1
      best <- min(best, value)
    }
    waited >= patience
  }
}

# The column's values that count, with their epochs.
monitored <- function(state, monitor, since) {
  history <- state$history
  counts <- history$kl_weight >= .99 * state$model$kl$weight & history$epoch > since & !is.na(history[[monitor]])
  list(epoch = history$epoch[counts], value = history[[monitor]][counts])
}

# Does the epoch count, and is it better than all before?
is_last_best <- function(values, epoch) {
  n <- length(values$value)
  n > 0 && values$epoch[[n]] == epoch && values$value[[n]] < min(Inf, values$value[-n])
}

#' @rdname callbacks
#' @export
callback_checkpoint <- function(path, every = 1) {
  path <- absolute_path(check_ending(check_path(path), "safetensors"))
  every <- check_count(every)
  check <- if (!grepl("{epoch}", dirname(path), fixed = TRUE)) check_folder(dirname(path))
  list(name = "callback_checkpoint", check = check, on_epoch_end = function(state) {
    if (state$epoch %% every == 0) {
      file <- gsub("{epoch}", state$epoch, path, fixed = TRUE)
      dir.create(dirname(file), showWarnings = FALSE, recursive = TRUE)
      save_vae(state$fit(), file)
    }
  })
}

#' @rdname callbacks
#' @export
callback_latent_plot <- function(x = NULL, every = 5, folder = NULL) {
  if (!is.null(x)) x <- to_drawings(x)
  every <- check_count(every)
  if (!is.null(folder)) folder <- absolute_path(check_path(folder))
  list(name = "callback_latent_plot", check = if (!is.null(folder)) check_folder(folder), on_epoch_end = function(state) {
    if (state$epoch %% every != 0) {
      return()
    }
    shown <- x %||% state$x
    p <- plot_latent(state$encode(shown), colour = labels(shown)) +
      ggplot2::labs(title = paste("Latent space after epoch", state$epoch))
    if (is.null(folder)) {
      print(p)
    } else {
      dir.create(folder, showWarnings = FALSE, recursive = TRUE)
      file <- file.path(folder, sprintf("latent-%04d.png", state$epoch))
      ggplot2::ggsave(file, p, width = 6, height = 5, dpi = 120)
    }
  })
}
