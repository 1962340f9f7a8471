#' Train a variational autoencoder on drawings
#'
#' `vae_fit(x)`, `vae_fit(x, model_digits())` and `vae_fit(x, model_binary())` are the three systems
#' that the package implements: every argument left `NULL` takes the model's own recipe. Training runs
#' wholly in C++; drawings stay one byte a pixel until a batch needs them.
#'
#' The loss is always `reconstruction + kl_weight * kl + regularization`, averaged over the drawings of
#' an epoch, the last short batch counting by its size.
#'
#' # KL annealing
#' Epochs count from 1. The weight of the KL term is 0 up to and including epoch `kl_start`, then
#' `min((epoch - kl_start) / kl_steep, 1)`: full at `kl_start + kl_steep`. (The sheep post's own
#' callback counts Keras' epochs from 0 and sets a weight that applies from the next epoch on, so that
#' its weights come two epochs later than its text says; this is what the text says.) A fit that ends
#' before the full weight warns. Other schedules are part of a model's recipe: see [kl_schedule].
#'
#' # Seeds
#' On the CPU a fit is a function of `seed`, data and arguments: the same on the same machine with the
#' same number of threads and the same LibTorch, bit for bit. `seed = NULL` draws one number from R's
#' generator, so that `set.seed()` before `vae_fit()` does the same. Initial weights, the order of the
#' drawings, noise and dropout are the same on every machine and device (noise up to rounding); a GPU's
#' sums are in another order, so that a fit on it starts as one on the CPU does and then drifts away.
#'
#' # Stopping and going on
#' Ctrl-C is obeyed within a batch, and never loses a finished epoch, with `tryCatch(interrupt = )` around the fit
#' or without. The fit then holds the weights of the last finished epoch,
#' `$interrupted` is `TRUE`, and a message says so; before the end of the first epoch it is a plain
#' interrupt. A loss that is not finite stops training at that batch: the last good epoch is kept, with
#' a warning. A fitted `vae` given as `model` is trained further: epoch numbers, history and KL schedule
#' go on, the optimizer's state starts fresh. Going on exactly where a killed run stood is what
#' `checkpoint` is for; see [vae_resume()].
#'
#' @param x Drawings: what [load_quickdraw()], [load_mnist()] or [simulate_sheep()] give, or anything
#'   [as_drawings()] takes.
#' @param model A model ([model_sheep()], [model_digits()], [model_binary()], [vae_model()]), or a fitted
#'   `vae` to train further.
#' @param epochs How many epochs to train, a whole number from 1 to 1e9.
#' @param batch_size Drawings a step, a whole number from 1 to 1e9. The last batch may be shorter.
#' @param kl_start,kl_steep The last epoch with KL weight 0, a whole number from 0 to 1e9, and in how many
#'   epochs the weight grows to 1, a number from 1e-9 to 1e9. One given alone goes with the recipe's other.
#' @param optimizer `"rmsprop"`, `"adam"`, `"adamw"`, `"sgd"`, or one made by [optimizer_rmsprop()] and
#'   its like.
#' @param learning_rate A number above 0 and up to 1e6, which replaces the optimizer's own, or a schedule: see [lr_schedule].
#' @param validation Drawings to validate on after every epoch, or the fraction of `x` (its last rows,
#'   as in Keras, `n - floor(n * (1 - fraction))` of them) to hold out: a number above 0 and below 1. Scored with sampled codes, dropout off, the
#'   epoch's KL weight.
#' @param callbacks A function, called at the end of every epoch, or a list of callbacks: see
#'   [callbacks].
#' @param log_dir A folder for TensorBoard event files, or `NULL`.
#' @param checkpoint A folder in which the fit keeps checkpoints and from which it goes on, or the
#'   result of [checkpoints()]; or `NULL`.
#' @param device `"cpu"`, `"cuda"` (an NVIDIA GPU), or `"auto"`: the GPU when there is one that can be
#'   used. [sketchvae_sitrep()] says why not. A fit does not depend on a GPU: it encodes, decodes and
#'   trains on anywhere.
#' @param precision `"float32"`, `"float64"` (slower; for comparisons), or, on a GPU, what convolutions and
#'   dense layers are computed in: `"tf32"` (about three decimals) or `"bf16"` (about two); weights, the
#'   optimizer's state and losses stay float32 with both.
#' @param threads Threads, a whole number from 1; `NULL`: option `sketchvae.threads`, or the physical
#'   cores this process may use, within the environment variable `OMP_THREAD_LIMIT`. Sums depend on how many
#'   threads share them, so that many it is, whatever else the environment wants of OpenMP, or an error where
#'   they cannot be had.
#' @param seed A whole number from 0, or `NULL`.
#' @param verbose Show progress?
#' @param ... Not used. An argument that is not one of these is an error that says which one is meant.
#' @returns An object of class `vae`: a plain list that can be saved with [saveRDS()] or [save_vae()],
#'   of `model`, `weights` (a raw vector), `history` (a data frame with a row an epoch: `epoch`,
#'   `kl_weight`, `loss`, `reconstruction`, `kl`; `regularization` when the model has one;
#'   `learning_rate`, the one that the epoch's steps used, when it changed; `val_loss`, `val_reconstruction`, `val_kl` when validated;
#'   `seconds` of the epoch without validation and callbacks), `seed`, `device`, `precision`, `threads`,
#'   `n` (drawings), `batch_size`, `recipe` (the model's, with what was given instead; training the fit
#'   further starts from it), `interrupted` (did training end before it was done?),
#'   and `restored_epoch` when a callback ended training and restored an earlier epoch's weights.
#' @references Kingma and Welling (2014), Auto-Encoding Variational Bayes, <https://arxiv.org/abs/1312.6114>.
#'   Bowman et al. (2016), Generating Sentences from a Continuous Space, <https://arxiv.org/abs/1511.06349>,
#'   for KL annealing.
#' @export
#' @examples
#' x <- simulate_sheep(64, seed = 1)
#' fit <- vae_fit(x, model_binary(hidden = 20), epochs = 2, batch_size = 16, seed = 1, threads = 1)
#' fit
#' fit$history
vae_fit <- function(x, model = model_sheep(), epochs = NULL, batch_size = NULL, kl_start = NULL,
                    kl_steep = NULL, optimizer = NULL, learning_rate = NULL, validation = NULL,
                    callbacks = NULL, log_dir = NULL, checkpoint = NULL, device = "auto",
                    precision = "float32", threads = NULL, seed = NULL, verbose = interactive(), ...) {
  refuse_unknown(..., own = "vae_fit")
  before <- if (inherits(model, "vae")) model
  model <- if (is.null(before)) check_class(model, "vae_model", made_by = "?vae_model") else before$model
  x <- check_drawings_fit(x, model)
  recipe <- fit_recipe(before$recipe %||% model$recipe, epochs, batch_size, kl_start, kl_steep, optimizer, learning_rate)
  split <- split_validation(x, validation, model)
  first_epoch <- last_epoch_of(before$history) + 1
  schedule <- engine_lr_schedule(recipe, first_epoch, length(split$validation) > 0, model)
  callbacks <- check_callbacks(callbacks)
  if (schedule$kind != "constant" && any(vapply(callbacks, `[[`, "", "name") == "callback_reduce_lr")) {
    cli::cli_abort("{.arg learning_rate} has a schedule already ({schedule$kind}): {.fn callback_reduce_lr} cannot change it too.")
  }
  checkpoint <- check_checkpoint(checkpoint)
  # The same call again goes on with the seed that the first one drew, on the CPU if it did so.
  begun <- if (is.null(seed) || identical(device, "auto")) recorded(checkpoint$folder)
  if (identical(device, "auto") && identical(begun$device, "cpu") && has_checkpoints(checkpoint$folder)) device <- "cpu"
  device <- check_device(device)
  precision <- check_precision(precision, device)
  threads <- check_team(threads)
  check_flag(verbose)
  seed <- check_seed(seed %||% begun$options$seed)
  if (!is.null(log_dir)) callbacks <- c(callbacks, list(callback_tensorboard(check_path(log_dir))))

  options <- list(
    epochs = recipe$epochs, first_epoch = first_epoch, batch_size = recipe$batch_size,
    shuffle = recipe$shuffle, optimizer = recipe$optimizer,
    kl_schedule = recipe_kl_schedule(recipe), learning_rate_schedule = schedule,
    seed = seed, threads = threads, precision = precision,
    reference = isTRUE(getOption("sketchvae.reference"))
  )
  plan <- list(
    model = model, recipe = recipe, options = options, split = split,
    weights = before$weights %||% raw(), history = history_with_rate(before), device = device
  )
  train(plan, callbacks, checkpoint, verbose)
}

# Trains by a plan: everything that decides the result, as vae_fit() put it together or as a checkpoint's
# folder recorded it. From the first epoch's end on Ctrl-C never loses the fit: R takes no interrupt from before
# the engine begins until the fit is whole, but in callbacks, where the door catches it. `note` may say more of
# the fit.
train <- function(plan, callbacks, checkpoint, verbose, note = function(fit) NULL, call = rlang::caller_env()) {
  obey <- !interrupts_held_cpp()
  fit <- suspendInterrupts(train_held(plan, callbacks, checkpoint, verbose, note, obey, call))
  if (is.null(fit)) rlang::interrupt()
  fit
}

# NULL: interrupted before the end of the first epoch.
train_held <- function(plan, callbacks, checkpoint, verbose, note, obey, call) {
  callbacks <- c(schedule_callbacks(plan$options$learning_rate_schedule), callbacks)
  for (callback in callbacks) if (is.function(callback$check)) callback$check(plan, callback$name, call)
  door <- fit_door(plan, callbacks, verbose, obey)
  on.exit(door$close())
  settings <- start_checkpoints(checkpoint, plan, call)
  door$record <- function(resumed) write_record(checkpoint$folder, plan, resumed, call)
  door$record_again <- function() {
    tryCatch(
      {
        write_record(checkpoint$folder, plan, resumed = FALSE, call)
        NULL
      },
      error = conditionMessage
    )
  }
  result <- run_engine(fit_cpp(
    plan$split$train, plan$split$validation, plan$model,
    c(plan$options, device = plan$device), plan$weights, settings, door
  ), call = call, obey = obey, interrupted = NULL)
  if (is.null(result)) {
    return(NULL)
  }
  door$close()
  # A checkpoint's threads go before the plan's.
  plan$options$threads <- result$threads
  ending <- endings[[result$ending + 1]]
  history <- rbind_history(plan$history, full_history(result$history, plan$model))
  fit <- fit_of(plan, result$weights, drop_constant_rate(history), ending %in% c("interrupted", "non_finite", "failed"))
  if (!is.null(checkpoint)) remember_checkpoints(fit, checkpoint$folder)
  if (result$restored_epoch > 0) fit$restored_epoch <- as.integer(result$restored_epoch)
  for (text in result$warnings) warn_and_return("{text}", call)
  report_ending(ending, fit, plan$options, call)
  door$finish(fit, call)
  note(fit)
  # Ctrl-C after the last look for one: there is nothing left to end but what comes after this call.
  if (obey && take_interrupt_cpp() && !fit$interrupted) {
    cli::cli_inform("Interrupted: the fit was done, and is whole.", class = "sketchvae_interrupted")
  }
  fit
}

# Trainer's Ending, in its order.
endings <- c("finished", "interrupted", "non_finite", "callback", "failed")

fit_of <- function(plan, weights, history, interrupted = FALSE) {
  options <- plan$options
  new_vae(
    model = plan$model, weights = weights, history = history, seed = options$seed, device = plan$device,
    precision = options$precision, threads = as.integer(options$threads), n = length(plan$split$train),
    batch_size = as.integer(options$batch_size), recipe = plan$recipe, interrupted = interrupted
  )
}

# What an ending means to a user. What a callback did wrong is said by the door.
report_ending <- function(ending, fit, options, call = rlang::caller_env()) {
  done <- last_epoch_of(fit$history)
  if (ending == "interrupted") {
    cli::cli_inform("Interrupted: the fit holds its first {done} epoch{?s}.", class = "sketchvae_interrupted")
  } else if (ending == "non_finite") {
    warn_and_return(c(
      "Training stopped: the loss was no longer finite in epoch {done + 1}.",
      i = if (done > 0) "The fit holds its first {done} epoch{?s}." else "The fit holds the initial weights.",
      i = "Try a smaller {.arg learning_rate}, or an optimizer with {.arg clipnorm}."
    ), call)
  } else if (ending == "finished") {
    schedule <- options$kl_schedule
    full <- schedule$start + schedule$steep
    if (schedule$kind == "linear" && schedule$by == "epoch" && done < full) {
      warn_and_return(c(
        "Training ended in epoch {done}, before the KL term reached its full weight in epoch {full}.",
        i = "Train on with {.code vae_fit(x, fit)}, or give other {.arg kl_start} and {.arg kl_steep}."
      ), call)
    }
  }
}

# The engine's own limits: of counts (epochs, drawings a batch, a schedule's epochs), and of a learning rate.
most <- 1e9
most_rate <- 1e6

# The model's recipe with what the user gave instead.
fit_recipe <- function(recipe, epochs, batch_size, kl_start, kl_steep, optimizer, learning_rate,
                       call = rlang::caller_env()) {
  recipe$epochs <- check_count(epochs, max = most, null = TRUE, call = call) %||% recipe$epochs
  recipe$batch_size <- check_count(batch_size, max = most, null = TRUE, call = call) %||% recipe$batch_size
  kl_start <- check_count(kl_start, min = 0, max = most, null = TRUE, call = call)
  kl_steep <- check_steep(kl_steep, null = TRUE, call = call)
  if (!is.null(kl_start) || !is.null(kl_steep)) {
    recipe$kl_start <- kl_start %||% recipe$kl_start %||% 0
    recipe$kl_steep <- kl_steep %||% recipe$kl_steep %||% 1
  }
  if (!is.null(optimizer)) recipe$optimizer <- as_optimizer(optimizer, "optimizer", call)
  as_doubles(set_learning_rate(recipe, learning_rate, call))
}

split_validation <- function(x, validation, model, call = rlang::caller_env()) {
  none <- new_drawings(raw())
  if (is.null(validation)) {
    return(list(train = x, validation = none))
  }
  if (is.numeric(plain_number(validation)) && length(validation) == 1) {
    validation <- check_number(validation, min = 0, max = 1, open_min = TRUE, open_max = TRUE, call = call)
    # Keras' own arithmetic, with its rounding: .29 of 100 are 29.
    kept <- floor(length(x) * (1 - validation))
    if (kept < 1 || kept >= length(x)) {
      cli::cli_abort("{.arg validation}: {validation} of {length(x)} drawings leaves nothing to {if (kept < 1) 'train' else 'validate'} on.", call = call)
    }
    train <- seq_len(kept)
    return(list(train = x[train], validation = x[-train]))
  }
  list(train = x, validation = check_drawings_fit(validation, model, "validation", call = call))
}

# Anything as_drawings() takes, as drawings that the model takes, one at least.
check_drawings_fit <- function(x, model, arg = "x", call = rlang::caller_env()) {
  x <- to_drawings(x, arg = arg, call = call)
  if (length(x) == 0) {
    cli::cli_abort("{.arg {arg}} holds no drawings.", call = call)
  }
  if (!identical(as.double(c(x$size, 1)), as.double(model$input))) {
    cli::cli_abort(
      "{.arg {arg}} holds drawings of {paste(x$size, collapse = ' x ')}, but the model takes {paste(model$input, collapse = ' x ')}.",
      call = call
    )
  }
  x
}

# A whole number that C++ can take exactly; NULL draws one from R's generator.
check_seed <- function(seed, call = rlang::caller_env()) {
  if (is.null(seed)) {
    return(as.double(sample.int(.Machine$integer.max, 1L)))
  }
  as.double(check_count(seed, "seed", min = 0, max = 2^53, call = call))
}

new_vae <- function(...) structure(list(...), class = "vae")

# The engine's columns as a data frame without those that have nothing to say. The learning rate stays in
# it for callbacks; a fit's own history has it only when it changed.
full_history <- function(columns, model) {
  history <- as.data.frame(columns)
  history$epoch <- as.integer(history$epoch)
  if (is.null(model$regularizer)) history$regularization <- NULL
  if (all(is_absent(history$val_loss))) {
    history[c("val_loss", "val_reconstruction", "val_kl")] <- NULL
  }
  history
}

# NA, which stands where nothing was measured. NaN was measured.
is_absent <- function(x) is.na(x) & !is.nan(x)

# The history of a fit that is trained further, in full.
history_with_rate <- function(fit) {
  history <- fit$history
  if (NROW(history) > 0 && is.null(history$learning_rate)) {
    history$learning_rate <- as.double(fit$recipe$optimizer$learning_rate %||% NA)
  }
  history
}

drop_constant_rate <- function(history) {
  if (length(unique(history$learning_rate)) <= 1) history$learning_rate <- NULL
  history
}

# Rows of two fits, whose columns may differ (one validated, the other not).
rbind_history <- function(before, after) {
  if (is.null(before)) {
    return(after)
  }
  for (name in setdiff(names(after), names(before))) before[[name]] <- rep(NA_real_, nrow(before))
  for (name in setdiff(names(before), names(after))) after[[name]] <- rep(NA_real_, nrow(after))
  all <- rbind(before, after[names(before)])
  all[c(setdiff(names(all), "seconds"), "seconds")]
}
