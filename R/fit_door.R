# What the engine calls while it trains (src/rcpp_fit.h): the progress bar and the user's callbacks. Each
# function answers with a verdict, the factor on the learning rate, and what is to become of the weights. R takes interrupts in callbacks only, if
# the fit obeys them at all, and they are caught here, so that Ctrl-C in a callback ends the fit as Ctrl-C in a
# batch does, and not the call.
fit_door <- function(plan, callbacks, verbose, obey) {
  model <- plan$model
  options <- plan$options
  split <- plan$split
  history <- plan$history
  failed <- time_limit <- NULL
  finish <- FALSE
  keep <- FALSE
  restore <- FALSE
  rate <- options$optimizer$learning_rate
  factor <- 1
  bar <- fit_progress(verbose, options, length(split$train))

  state_of <- function(moment, extra, weights) {
    fit <- function() fit_of(plan, weights(), drop_constant_rate(history))
    c(extra, list(
      history = history, model = model, x = split$train, validation = split$validation,
      n = length(split$train), learning_rate = rate * factor, fit = fit,
      encode = function(x) vae_encode(fit(), x, threads = options$threads),
      decode = function(z) vae_decode(fit(), z, threads = options$threads),
      first_epoch = options$first_epoch,
      keep = function() {
        if (moment != "on_epoch_end") cli::cli_abort("{.fn keep} keeps the weights of a finished epoch: call it in {.field on_epoch_end}.")
        keep <<- TRUE
      },
      stop = function(restore = FALSE) {
        restore <<- check_flag(restore)
        finish <<- TRUE
      },
      set_learning_rate = function(value) factor <<- check_number(value, min = 0, max = most_rate) / rate
    ))
  }
  weights_of <- function(live) function() run_engine(live_weights_cpp(live))
  call_all <- function(moment, extra, weights, due = function(callback) TRUE) {
    for (callback in callbacks) {
      if (is.null(callback[[moment]]) || !is.null(failed) || !due(callback)) next
      tryCatch(let_interrupts(obey, callback[[moment]](state_of(moment, extra, weights))), error = function(e) {
        failed <<- list(name = callback$name, moment = moment, message = conditionMessage(e))
      })
    }
  }
  # A function for the engine, which never sees an error of a callback or an interrupt.
  door <- function(act) {
    function(...) {
      keep <<- FALSE
      verdict <- tryCatch(
        {
          act(...)
          if (!is.null(failed)) "fail" else if (finish) "finish" else "go_on"
        },
        interrupt = function(e) "interrupt"
      )
      list(verdict = verdict, factor = factor, keep = keep, restore = restore)
    }
  }
  has <- function(moment) any(vapply(callbacks, function(callback) !is.null(callback[[moment]]), NA))
  place <- function() list(epoch = last_epoch_of(history), last_epoch = options$first_epoch + options$epochs - 1)
  watched <- has("on_batch_end")

  list(
    begin = door(function(rows, factor_then, restore_then, live) {
      history <<- rbind_history(plan$history, full_history(rows, model))
      factor <<- factor_then
      restore <<- restore_then
      bar$begin(nrow(history) - NROW(plan$history))
      call_all("on_train_begin", place(), weights_of(live))
    }),
    batch = if (watched || verbose) {
      door(function(state, live) {
        bar$update(state)
        call_all("on_batch_end", state, weights_of(live), function(callback) state$step %% callback$every == 0)
      })
    },
    epoch = if (length(callbacks) > 0 || verbose) {
      door(function(rows, live) {
        history <<- rbind_history(plan$history, full_history(rows, model))
        last <- history[nrow(history), ]
        bar$epoch(last)
        call_all("on_epoch_end", c(place(), list(kl_weight = last$kl_weight)), weights_of(live))
      })
    },
    batch_every = as.double(watched),
    # Other things that R does now and then, of which a time limit (setTimeLimit()) is an error: it ends the fit, and
    # is no reason to lose it. TRUE: end.
    events = function() {
      tryCatch(process_events_cpp(), error = function(e) time_limit <<- conditionMessage(e))
      !is.null(time_limit)
    },
    time_limit = function() time_limit,
    close = bar$close,
    # on_train_end, and a warning for what a callback did wrong.
    finish = function(fit, call) {
      history <<- fit$history
      ended <- door(function() call_all("on_train_end", place(), function() fit$weights))()
      if (ended$verdict == "interrupt") {
        cli::cli_inform("Interrupted in on_train_end: the fit was done, and is whole.", class = "sketchvae_interrupted")
      }
      if (!is.null(failed)) {
        done <- nrow(fit$history)
        warn_and_return(c(
          "{failed$name} failed in {failed$moment}{if (failed$moment != 'on_train_end') ', and training ended there'}: {failed$message}",
          i = if (done > 0) "The fit holds its first {done} epoch{?s}." else "The fit holds the initial weights."
        ), call)
      }
    }
  )
}

last_epoch_of <- function(history) if (NROW(history) > 0) max(history$epoch) else 0L

# The bar over all epochs: loss, KL weight, speed, time left. After twenty batches it says what the whole
# fit will take, and again when that has become another time. Where a bar cannot move (a log file), a line an
# epoch.
fit_progress <- function(show, options, n) {
  quiet <- function(...) NULL
  if (!shows_progress(show)) {
    return(list(begin = quiet, update = quiet, epoch = quiet, close = quiet))
  }
  moving <- cli::is_dynamic_tty(stderr())
  env <- rlang::current_env()
  bar <- NULL
  forecast <- fit_forecast(options$epochs * n, options$batch_size)
  steps <- ceiling(n / options$batch_size)
  last <- options$first_epoch + options$epochs - 1
  status <- left <- ""
  begin <- function(done) forecast <<- fit_forecast((options$epochs - done) * n, options$batch_size)
  update <- function(state) {
    if (moving && is.null(bar)) {
      bar <<- cli::cli_progress_bar(
        total = options$epochs * steps, clear = TRUE, .auto_close = FALSE, .envir = env,
        format = "{cli::pb_bar} {cli::pb_percent} {cli::pb_extra$status}", extra = list(status = "")
      )
    }
    seen <- forecast(state$drawings)
    if (identical(seen$say, "first")) {
      memory <- format(structure(peak_memory_cpp(), class = "object_size"), units = "auto", standard = "SI", digits = 1)
      cli::cli_inform(paste(
        "{options$epochs} epoch{?s} of {count_text(n)} drawings: about {format_seconds(seen$total)} and {memory} of memory",
        "({count_text(round(seen$speed))} drawings a second)."
      ))
    } else if (identical(seen$say, "again")) {
      cli::cli_inform("About {format_seconds(seen$left)} more ({count_text(round(seen$speed))} drawings a second now).")
    }
    if (moving) {
      status <- sprintf("epoch %d/%d, loss %s, KL weight %s, %s drawings/s, %s left",
        as.integer(state$epoch), as.integer(last), format(state$loss, digits = 4),
        format(state$kl_weight, digits = 2), count_text(round(seen$speed)), format_clock(seen$left))
      done <- (state$epoch - options$first_epoch) * steps + state$step
      cli::cli_progress_update(set = done, id = bar, extra = list(status = status), .envir = env)
    }
  }
  epoch <- function(row) {
    if (!moving) cli::cli_inform("Epoch {row$epoch}/{last}: {format_row(row)}, {format_seconds(row$seconds)}")
  }
  list(
    begin = begin, update = update, epoch = epoch,
    close = function() {
      if (!is.null(bar)) cli::cli_progress_done(id = bar, .envir = env)
      bar <<- NULL
    }
  )
}

# A function of the drawings seen so far: list(speed, left, total, say). The speed is that of the last steps, up to ten
# seconds of them: the first ones start threads and choose kernels. `say` is "first" after twenty batches, "again"
# when the time left has become another by half, else NULL.
fit_forecast <- function(todo, batch_size, clock = function() as.double(Sys.time())) {
  began <- clock()
  times <- began
  counts <- 0
  said <- NULL
  function(drawings) {
    now <- clock()
    times <<- c(times, now)
    counts <<- c(counts, drawings)
    # What is old goes, but never what is needed for a speed. Nor do the first three batches count.
    old <- times < now - 10 | counts < 3 * batch_size
    old[utils::tail(seq_along(times), 2)] <- FALSE
    times <<- times[!old]
    counts <<- counts[!old]
    speed <- (drawings - counts[[1]]) / max(now - times[[1]], 1e-3)
    left <- (todo - drawings) / max(speed, 1e-9)
    say <- NULL
    if (is.null(said)) {
      if (drawings >= 20 * batch_size && drawings - counts[[1]] >= batch_size) say <- "first"
    } else if (now - said$at >= 10) {
      expected <- said$left - (now - said$at)
      if (abs(left - expected) > max(10, expected / 2)) say <- "again"
    }
    if (!is.null(say)) said <<- list(at = now, left = left)
    list(speed = speed, left = left, total = now - began + left, say = say)
  }
}

# A row of the history as "loss 12.3, kl 4.5".
format_row <- function(row) {
  shown <- setdiff(names(row), c("epoch", "seconds", "learning_rate"))
  shown <- shown[!is_absent(unlist(row[shown]))]
  values <- vapply(row[shown], format, "", digits = 4, big.mark = ",")
  paste(shown, values, collapse = ", ")
}

# 4210 seconds as "1:10:10".
format_clock <- function(s) {
  s <- max(0, round(s))
  parts <- c(s %/% 3600, s %/% 60 %% 60, s %% 60)
  if (parts[[1]] > 0) sprintf("%d:%02d:%02d", parts[[1]], parts[[2]], parts[[3]]) else sprintf("%d:%02d", parts[[2]], parts[[3]])
}
