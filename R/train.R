# Training by a plan, and what is said of how it ended.

# Trains by a plan: everything that decides the result, as vae_fit() put it together or as a checkpoint's
# folder recorded it. From the first epoch's end on Ctrl-C never loses the fit: R takes no interrupt from before
# the engine begins until the fit is whole, but in callbacks, where the door catches it. `note` may say more of
# the fit.
train <- function(plan, callbacks, checkpoint, verbose, note = function(fit) NULL, call = rlang::caller_env()) {
  obey <- !interrupts_held_cpp()
  fit <- suspendInterrupts(train_held(plan, callbacks, checkpoint, verbose, note, obey, call))
  if (is.null(fit)) rlang::interrupt()
  if (is.character(fit)) cli::cli_abort("{fit}, before the end of the first epoch.", call = call)
  fit
}

# NULL: interrupted before the end of the first epoch; R's own sentence where a time limit ended it there.
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
    return(door$time_limit())
  }
  door$close()
  # A checkpoint's threads and rule go before the plan's.
  plan$options[c("threads", "plan")] <- result[c("threads", "plan")]
  ending <- endings[[result$ending + 1]]
  history <- rbind_history(plan$history, full_history(result$history, plan$model))
  fit <- fit_of(plan, result$weights, drop_constant_rate(history), ending %in% c("interrupted", "non_finite", "failed"))
  if (!is.null(checkpoint)) remember_checkpoints(fit, checkpoint$folder)
  if (result$restored_epoch > 0) fit$restored_epoch <- as.integer(result$restored_epoch)
  for (text in result$warnings) warn_and_return("{text}", call)
  report_ending(ending, fit, plan$options, door$time_limit(), call)
  door$finish(fit, call)
  if (ending %in% c("finished", "callback")) fit <- report_collapse(fit, plan$split$train, call)
  note(fit)
  if (!fit$interrupted && door$events()) {
    warn_and_return("{door$time_limit()}: the fit was done, and is whole.", call)
  }
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
  fit <- new_vae(
    model = plan$model, weights = weights, history = history, seed = options$seed, device = plan$device,
    precision = options$precision, threads = as.integer(options$threads),
    plan = options$plan %||% "native", n = length(plan$split$train),
    batch_size = as.integer(options$batch_size), recipe = plan$recipe, interrupted = interrupted
  )
  fit$held_out <- plan$split$held_out
  fit
}

# What an ending means to a user. What a callback did wrong is said by the door.
report_ending <- function(ending, fit, options, time_limit = NULL, call = rlang::caller_env()) {
  done <- last_epoch_of(fit$history)
  if (ending == "interrupted" && !is.null(time_limit)) {
    warn_and_return("Training stopped ({time_limit}): the fit holds its first {done} epoch{?s}.", call, "sketchvae_time_limit")
  } else if (ending == "interrupted") {
    cli::cli_inform("Interrupted: the fit holds its first {done} epoch{?s}.", class = "sketchvae_interrupted")
  } else if (ending == "non_finite") {
    warn_and_return(c(
      "Training stopped: the loss was no longer finite in epoch {done + 1}.",
      i = if (done > 0) "The fit holds its first {done} epoch{?s}." else "The fit holds the initial weights.",
      i = "Try a smaller {.arg learning_rate}, or an optimizer with {.arg clipnorm}."
    ), call)
  } else if (ending == "finished") {
    schedule <- options$kl_schedule
    full <- ceiling(schedule$start + schedule$steep)
    if (schedule$kind == "linear" && schedule$by == "epoch" && done < full) {
      warn_and_return(c(
        "Training ended in epoch {done}, before the KL term reached its full weight in epoch {full}.",
        i = "Train on with {.code vae_fit(x, fit)}, or give other {.arg kl_start} and {.arg kl_steep}."
      ), call)
    }
  }
}

new_vae <- function(...) structure(list(...), class = "vae")
