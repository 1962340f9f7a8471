# What the engine calls while it trains: the progress bar and the user's callbacks, as two closures, and
# what is left to do when it has come back.
fit_door <- function(plan, callbacks, verbose) {
  model <- plan$model
  options <- plan$options
  split <- plan$split
  history <- plan$history
  failed <- NULL
  stopped <- FALSE
  rate <- options$optimizer$learning_rate
  factor <- 1
  bar <- fit_progress(verbose, options, length(split$train))

  state_of <- function(extra, weights) {
    fit <- function() {
      new_vae(model = model, weights = weights(), history = history, seed = options$seed, device = plan$device,
        precision = options$precision, threads = options$threads, n = length(split$train),
        batch_size = options$batch_size, interrupted = FALSE)
    }
    c(extra, list(
      history = history, model = model, x = split$train, validation = split$validation,
      n = length(split$train), learning_rate = rate * factor, fit = fit,
      encode = function(x) vae_encode(fit(), x, threads = options$threads),
      decode = function(z) vae_decode(fit(), z, threads = options$threads),
      stop = function() stopped <<- TRUE,
      set_learning_rate = function(value) factor <<- check_number(value, min = 0) / rate
    ))
  }
  call_all <- function(moment, extra, weights, due = function(callback) TRUE) {
    for (callback in callbacks) {
      if (is.null(callback[[moment]]) || !is.null(failed) || !due(callback)) next
      tryCatch(callback[[moment]](state_of(extra, weights)), error = function(e) {
        failed <<- list(name = callback$name, moment = moment, message = conditionMessage(e))
      })
    }
    is.null(failed) && !stopped
  }
  has <- function(moment) any(vapply(callbacks, function(callback) !is.null(callback[[moment]]), NA))
  begun <- !has("on_train_begin")

  on_batch <- function(state, weights) {
    bar$update(state)
    if (!begun) {
      begun <<- TRUE
      call_all("on_train_begin", state["last_epoch"], weights)
    }
    call_all("on_batch_end", state, weights, function(callback) state$step %% callback$every == 0)
    if (is.null(failed)) NULL else FALSE
  }
  on_epoch <- function(row, weights) {
    row <- tidy_history(row, model)
    history <<- rbind_history(history, row)
    bar$epoch(row)
    extra <- list(epoch = row$epoch, last_epoch = options$first_epoch + options$epochs - 1,
      kl_weight = row$kl_weight)
    if (call_all("on_epoch_end", extra, weights)) factor else FALSE
  }
  every_batch <- has("on_batch_end") || has("on_train_begin")
  list(
    on_batch = if (every_batch || verbose) on_batch,
    on_epoch = if (length(callbacks) > 0 || verbose) on_epoch,
    batch_every = as.double(every_batch),
    close = bar$close,
    # The fit, after on_train_end and a warning for what a callback did wrong.
    finish = function(fit) {
      history <<- fit$history
      call_all("on_train_end", list(epoch = nrow(history)), function() fit$weights)
      if (!is.null(failed)) {
        cli::cli_warn(c(
          "{failed$name} failed in {failed$moment}, and training ended there: {failed$message}",
          i = "The fit holds its first {nrow(history)} epoch{?s}."
        ), call = NULL)
      }
      fit
    }
  )
}

# The bar over all epochs: loss, KL weight, speed, time left. After twenty batches it says what the whole
# fit will take.
fit_progress <- function(show, options, n, env = rlang::caller_env()) {
  if (!show) {
    quiet <- function(...) NULL
    return(list(update = quiet, epoch = quiet, close = quiet))
  }
  bar <- NULL
  told <- FALSE
  steps <- ceiling(n / options$batch_size)
  status <- ""
  list(
    update = function(state) {
      suspendInterrupts({
        if (is.null(bar)) {
          bar <<- cli::cli_progress_bar(
            total = options$epochs * steps, .envir = env, clear = FALSE,
            format = "{cli::pb_bar} {cli::pb_extra$status} | {cli::pb_eta}",
            extra = list(status = "")
          )
        }
        done <- (state$epoch - options$first_epoch) * steps + state$step
        speed <- state$drawings / max(state$seconds, 1e-9)
        if (!told && state$drawings >= 20 * options$batch_size) {
          told <<- TRUE
          cli::cli_inform(paste(
            "{options$epochs} epochs of {count_text(n)} drawings will take about",
            "{format_seconds(options$epochs * n / speed)} ({count_text(round(speed))} drawings a second)."
          ))
        }
        status <- sprintf("epoch %d/%d loss %s KL weight %s %s drawings/s", as.integer(state$epoch),
          as.integer(state$last_epoch), format(state$loss, digits = 4),
          format(state$kl_weight, digits = 2), count_text(round(speed)))
        cli::cli_progress_update(set = done, id = bar, extra = list(status = status), .envir = env)
      })
    },
    epoch = function(row) NULL,
    close = function() if (!is.null(bar)) cli::cli_progress_done(id = bar, .envir = env)
  )
}
