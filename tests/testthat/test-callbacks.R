test_that("callbacks are called at their moments, with the state that the page names", {
  x <- few_sheep()
  calls <- character()
  states <- list()
  note <- function(moment) {
    function(state) {
      calls <<- c(calls, moment)
      states[[moment]] <<- state
    }
  }
  moments <- c("on_train_begin", "on_batch_end", "on_epoch_end", "on_train_end")
  watcher <- c(lapply(stats::setNames(moments, moments), note), every = 2, name = "watcher")
  fit <- quick_fit(x, batch_size = 12, callbacks = watcher, validation = .25)
  # Three batches an epoch; every second is told.
  expect_identical(calls, c(
    "on_train_begin", "on_batch_end", "on_epoch_end", "on_batch_end", "on_epoch_end", "on_train_end"
  ))
  common <- c("history", "model", "x", "validation", "n", "learning_rate", "fit", "encode", "decode", "stop", "set_learning_rate")
  for (state in states) expect_true(all(c("epoch", "last_epoch", common) %in% names(state)))
  expect_true(all(c("step", "steps", "loss", "kl_weight") %in% names(states$on_batch_end)))
  end <- states$on_epoch_end
  expect_identical(c(end$epoch, end$last_epoch), c(2, 2))
  expect_identical(end$n, 36L)
  expect_length(end$validation, 12)
  expect_identical(end$history[names(fit$history)], fit$history)
  expect_identical(end$learning_rate, fit$recipe$optimizer$learning_rate)
  expect_identical(nrow(states$on_train_begin$history), 0L)
})

test_that("a callback can use the model so far, without changing what comes", {
  x <- few_sheep()
  codes <- list()
  fit <- quick_fit(x, tiny_conv(), epochs = 3, callbacks = function(state) {
    codes[[state$epoch]] <<- state$encode(x)
    expect_identical(dim(state$decode(codes[[state$epoch]])), c(48L, 28L, 28L))
  })
  expect_same_fit(fit, quick_fit(x, tiny_conv(), epochs = 3))
  expect_identical(codes[[3]], vae_encode(fit, x, threads = 1))
  expect_false(identical(codes[[1]], codes[[2]]))
  shorter <- suppressWarnings(quick_fit(x, tiny_conv(), epochs = 2))
  expect_identical(codes[[2]], vae_encode(shorter, x, threads = 1))
})

test_that("what a callback kept of a fit does not outlive it in silence", {
  kept <- NULL
  fit <- quick_fit(callbacks = function(state) kept <<- state)
  expect_error(kept$encode(few_sheep(2)), "this fit has ended")
})

test_that("an error in a callback ends the fit, keeps it, and is named", {
  x <- few_sheep()
  fail_at <- function(when) function(state) if (state$epoch == when) stop("no such thing")
  expect_snapshot({
    fit <- quick_fit(x, epochs = 5, callbacks = fail_at(3))
    fit$history$epoch
    fit <- quick_fit(x, epochs = 5, callbacks = list(list(name = "my watcher", every = 1, on_batch_end = fail_at(2))))
    fit$history$epoch
    fit <- quick_fit(x, epochs = 5, callbacks = list(on_train_begin = function(state) stop("not today")))
    fit$history$epoch
    fit <- quick_fit(x, epochs = 1, callbacks = list(on_train_end = function(state) stop("too late")))
    fit$history$epoch
  })
  kept <- suppressWarnings(quick_fit(x, epochs = 5, callbacks = fail_at(3)))
  expect_true(kept$interrupted)
  expect_same_fit(kept, quick_fit(x, epochs = 3))
  # Within an epoch: the weights of the last finished one.
  kept <- suppressWarnings(quick_fit(x, batch_size = 8, epochs = 5, callbacks = list(
    every = 1, on_batch_end = function(state) if (state$epoch == 3 && state$step == 4) stop("here")
  )))
  expect_same_fit(kept, quick_fit(x, batch_size = 8, epochs = 2))
})

test_that("the other callbacks are not called once one has failed", {
  called <- 0
  suppressWarnings(quick_fit(callbacks = list(function(state) stop("x"), function(state) called <<- called + 1)))
  expect_identical(called, 0)
})

test_that("Ctrl-C in a callback ends the fit as Ctrl-C in a batch does", {
  expect_message(
    fit <- quick_fit(epochs = 5, callbacks = function(state) if (state$epoch == 2) rlang::interrupt()),
    "Interrupted: the fit holds its first 2 epochs"
  )
  expect_true(fit$interrupted)
  expect_same_fit(fit, quick_fit(epochs = 2))
})

test_that("a callback stops training and sets the learning rate", {
  x <- few_sheep()
  fit <- quick_fit(x, epochs = 5, callbacks = function(state) if (state$epoch == 2) state$stop())
  expect_identical(fit$history$epoch, 1:2)
  expect_false(fit$interrupted)
  fit <- quick_fit(x, epochs = 3, callbacks = function(state) state$set_learning_rate(state$learning_rate / 2))
  expect_equal(fit$history$learning_rate, 1e-3 / c(1, 2, 4))
})

test_that("early stopping waits for the full KL weight, then for patience", {
  history <- data.frame(epoch = 1:8, kl_weight = c(0, .5, 1, 1, 1, 1, 1, 1), val_loss = c(1, 2, 9, 8, 8, 7.99, 8, 8))
  stopped_at <- function(...) {
    callback <- callback_early_stopping(...)
    for (e in seq_len(nrow(history))) {
      stopped <- FALSE
      callback$on_epoch_end(list(history = history[1:e, ], epoch = e, first_epoch = 1, keep = function() NULL, model = list(kl = list(weight = 1)), stop = function(restore) stopped <<- TRUE))
      if (stopped) return(e)
    }
    NA
  }
  expect_identical(stopped_at(patience = 1), 5L)
  expect_identical(stopped_at(patience = 2), 8L)
  expect_identical(stopped_at(patience = 2, min_delta = .1), 6L)
  expect_identical(stopped_at(patience = 5), NA)
})

test_that("early stopping ends a real fit", {
  x <- few_sheep()
  fit <- quick_fit(x, epochs = 30, optimizer = "sgd", learning_rate = 1e-30, validation = x[1:4],
    callbacks = callback_early_stopping(patience = 3, min_delta = 1e6))
  expect_identical(nrow(fit$history), 4L)
})

test_that("the learning rate falls when the loss does not, down to min_rate", {
  x <- few_sheep()
  fit <- quick_fit(x, epochs = 8, validation = x[1:4],
    callbacks = callback_reduce_lr(factor = .1, patience = 2, min_delta = 1e6, min_rate = 5e-6))
  # An epoch that sets the mark, two that do not beat it, at each rate.
  expect_equal(fit$history$learning_rate, c(1e-3, 1e-3, 1e-3, 1e-4, 1e-4, 1e-4, 1e-5, 1e-5))
})

test_that("what a callback needs is asked for before the first batch", {
  x <- few_sheep()
  steps <- 0
  fit <- function(...) {
    count <- list(every = 1, on_batch_end = function(state) steps <<- steps + 1)
    quick_fit(x, epochs = 2, callbacks = list(count, ...))
  }
  expect_snapshot(error = TRUE, {
    fit(callback_early_stopping())
    fit(callback_early_stopping("los"))
    fit(callback_reduce_lr())
  })
  file <- withr::local_tempfile(lines = "not a folder")
  inside <- file.path(file, "a")
  expect_error(fit(callback_latent_plot(folder = inside)), "callback_latent_plot.* cannot write to .*: Not a directory")
  expect_error(fit(callback_checkpoint(file.path(inside, "fit.safetensors"))), "callback_checkpoint.* cannot write to")
  expect_error(fit(callback_tensorboard(inside)), "callback_tensorboard.* cannot write to")
  expect_error(quick_fit(x, log_dir = inside), "callback_tensorboard.* cannot write to")
  expect_error(quick_fit(x, checkpoint = inside), "cannot")
  skip_if_not(dir.exists("/proc/self"), "no /proc")
  expect_error(quick_fit(x, log_dir = "/proc/self/logs"), "cannot write to")
  expect_identical(steps, 0)
})

test_that("early stopping returns the best epoch's weights, after a kill too, or the last one's", {
  x <- few_sheep()
  fit <- function(epochs = 30, ...) {
    quick_fit(x, epochs = epochs, optimizer = "adam", learning_rate = .05, validation = x[1:4], ...)
  }
  best <- fit(callbacks = callback_early_stopping(patience = 3))
  at <- which.min(best$history$val_loss)
  expect_identical(nrow(best$history), at + 3L)
  expect_identical(best$restored_epoch, at)
  expect_identical(best$weights, fit(at)$weights)
  expect_output(print(best), paste("Holds the weights of epoch", at))
  last <- fit(callbacks = callback_early_stopping(patience = 3, restore_best = FALSE))
  expect_null(last$restored_epoch)
  expect_identical(last$weights, fit(at + 3L)$weights)
  # Saved and read.
  path <- withr::local_tempfile(fileext = ".safetensors")
  save_vae(best, path)
  expect_identical(load_vae(path), best)
  # Ended between the best epoch and the last, and gone on with; then read again when it is finished.
  folder <- withr::local_tempdir()
  stopper <- callback_early_stopping(patience = 3)
  suppressWarnings(fit(checkpoint = folder, callbacks = list(stopper, function(state) if (state$epoch == at + 1) stop("x"))))
  expect_same_fit(vae_resume(folder, callbacks = stopper), best)
  again <- vae_resume(folder, callbacks = stopper)
  expect_same_fit(again, best)
  expect_identical(again$restored_epoch, at)
  # More epochs go on from the last one's state, not from the best one's.
  more <- vae_resume(folder, epochs = 34)
  expect_same_fit(more, fit(34))
})

test_that("what is decided within an epoch holds in a fit that was killed there, and history says what was used", {
  x <- few_sheep()
  decide <- function(die = FALSE) {
    list(every = 1, on_batch_end = function(state) {
      if (state$epoch == 2 && state$step == 2) {
        state$set_learning_rate(state$learning_rate / 10)
        state$stop()
      }
      if (die && state$epoch == 2 && state$step == 4) stop("killed")
    })
  }
  fit <- function(die = FALSE, folder = NULL) {
    checkpoint <- if (!is.null(folder)) checkpoints(folder, minutes = 1e-9)
    suppressWarnings(quick_fit(x, epochs = 4, batch_size = 8, callbacks = decide(die), checkpoint = checkpoint))
  }
  whole <- fit()
  expect_identical(nrow(whole$history), 2L)
  # Set within epoch 2, it is used from the next epoch on: there is none, and the rate never changed.
  expect_null(whole$history$learning_rate)
  folder <- withr::local_tempdir()
  fit(die = TRUE, folder)
  # What goes on has no reason to decide again.
  expect_same_fit(vae_resume(folder), whole)

  rate_only <- function(die) {
    list(every = 1, on_batch_end = function(state) {
      if (state$epoch == 2 && state$step == 2) state$set_learning_rate(1e-4)
      if (die && state$epoch == 2 && state$step == 4) stop("killed")
    })
  }
  whole <- quick_fit(x, epochs = 4, batch_size = 8, callbacks = rate_only(FALSE))
  expect_equal(whole$history$learning_rate, c(1e-3, 1e-3, 1e-4, 1e-4))
  folder <- withr::local_tempdir()
  suppressWarnings(quick_fit(x, epochs = 4, batch_size = 8, callbacks = rate_only(TRUE), checkpoint = checkpoints(folder, minutes = 1e-9)))
  expect_same_fit(vae_resume(folder), whole)
})

test_that("a relative path stays what it was when a callback changes the folder", {
  home <- withr::local_tempdir()
  away <- withr::local_tempdir()
  withr::local_dir(home)
  x <- few_sheep()
  # The paths are made absolute when they are given.
  callbacks <- list(function(state) setwd(away), callback_checkpoint("fits/{epoch}.safetensors"),
    callback_latent_plot(every = 1, folder = "plots"), callback_tensorboard("logs", images_every = 0))
  fit <- quick_fit(x, epochs = 2, checkpoint = "run", callbacks = callbacks)
  expect_length(list.files(away), 0)
  expect_setequal(list.files(home), c("fits", "logs", "plots", "run"))
  expect_length(list.files(file.path(home, "run"), "^checkpoint"), 2)
  expect_same_fit(vae_resume(file.path(home, "run")), fit)
})

test_that("a folder that is removed during the fit is made again, with all that belongs into it", {
  skip_on_os("windows")
  folder <- withr::local_tempdir()
  logs <- withr::local_tempdir()
  x <- few_sheep()
  remove <- function(state) if (state$epoch == 2) unlink(c(folder, logs), recursive = TRUE)
  fit <- quick_fit(x, epochs = 4, checkpoint = folder, log_dir = logs, callbacks = remove)
  expect_true(all(c("fit.safetensors", "lock") %in% list.files(folder)))
  expect_same_fit(vae_resume(folder), fit)
  expect_length(list.files(file.path(logs, "train")), 1)
})

test_that("a child that is forked in a callback does not hold the folder", {
  skip_on_os("windows")
  folder <- withr::local_tempdir()
  child <- NULL
  withr::defer(tools::pskill(child$pid, tools::SIGKILL))
  fork <- function(state) if (state$epoch == 1) child <<- parallel::mcparallel(Sys.sleep(60))
  fit <- quick_fit(epochs = 2, checkpoint = folder, callbacks = fork)
  # The child lives.
  expect_true(tools::pskill(child$pid, 0))
  expect_same_fit(quick_fit(epochs = 2, checkpoint = folder), fit)
})

test_that("fits are saved as they grow", {
  folder <- withr::local_tempdir()
  x <- few_sheep()
  fit <- quick_fit(x, epochs = 4, callbacks = callback_checkpoint(file.path(folder, "fit-{epoch}.safetensors"), every = 2))
  expect_identical(list.files(folder), c("fit-2.safetensors", "fit-4.safetensors"))
  expect_same_fit(load_vae(file.path(folder, "fit-2.safetensors")), quick_fit(x, epochs = 2))
})

test_that("the latent space is plotted into files", {
  folder <- file.path(withr::local_tempdir(), "plots")
  quick_fit(epochs = 2, callbacks = callback_latent_plot(every = 1, folder = folder))
  expect_identical(list.files(folder), c("latent-0001.png", "latent-0002.png"))
})

test_that("callbacks are checked", {
  x <- few_sheep(8)
  expect_snapshot(error = TRUE, {
    vae_fit(x, small_binary(), callbacks = "stop")
    vae_fit(x, small_binary(), callbacks = list(on_epoch = function(state) NULL))
    vae_fit(x, small_binary(), callbacks = list(list(on_epoch_end = 3)))
    vae_fit(x, small_binary(), callbacks = list(on_epoch_end = print, every = 0))
    callback_early_stopping(patience = 0)
    callback_early_stopping(min_delta = -1)
    callback_early_stopping(monitor = 3)
    callback_reduce_lr(factor = 1)
    callback_checkpoint(3)
    callback_latent_plot(every = 0)
  })
})
