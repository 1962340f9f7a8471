test_that("ten epochs are five and five more, with dropout, shuffling and a callback", {
  x <- few_sheep()
  half <- function() callback_reduce_lr("loss", factor = .5, patience = 1, min_delta = 1e6)
  train <- function(epochs, folder = NULL) {
    quick_fit(x, tiny_conv(), epochs = epochs, validation = .25, callbacks = list(half()), checkpoint = folder)
  }
  whole <- train(10)
  folder <- withr::local_tempdir()
  train(5, folder)
  expect_same_fit(train(10, folder), whole)
  expect_gt(length(unique(whole$history$learning_rate)), 2)
  # In another process, from the folder alone.
  other <- withr::local_tempdir()
  train(5, other)
  resumed <- in_fresh_session(function(folder) {
    library(sketchvae)
    vae_resume(folder, epochs = 10, callbacks = callback_reduce_lr("loss", factor = .5, patience = 1, min_delta = 1e6))
  }, list(other))
  expect_identical(resumed$history$seconds > 0, rep(TRUE, 10))
  expect_same_fit(resumed, whole)
  resumed$history <- whole$history
  expect_identical(resumed, whole)
})

test_that("a fit that was interrupted within an epoch goes on to the same end", {
  x <- few_sheep()
  folder <- withr::local_tempdir()
  cut <- function(epoch, step) {
    list(every = 1, on_batch_end = function(state) if (state$epoch == epoch && state$step == step) stop("cut"))
  }
  settings <- checkpoints(folder, minutes = 1e-9)
  train <- function(...) quick_fit(x, tiny_conv(), epochs = 4, checkpoint = settings, ...)
  expect_warning(train(callbacks = cut(1, 3)), "failed in on_batch_end")
  expect_warning(train(callbacks = cut(3, 5)), "failed in on_batch_end")
  expect_same_fit(train(), quick_fit(x, tiny_conv(), epochs = 4))
})

test_that("a fit that goes on within an epoch has the weights of the epoch before, however it ends", {
  x <- few_sheep()
  folder <- withr::local_tempdir()
  train <- function(epochs, ...) {
    quick_fit(x, tiny_conv(), epochs = epochs, checkpoint = checkpoints(folder, minutes = 1e-9), ...)
  }
  train(3)
  cut <- list(every = 1, on_batch_end = function(state) if (state$epoch == 6 && state$step == 4) stop("cut"))
  expect_warning(train(10, callbacks = cut), "failed in on_batch_end")
  five <- quick_fit(x, tiny_conv(), epochs = 5)
  expect_message(fit <- vae_resume(folder), "begun with 3 epochs and holds 5")
  expect_same_fit(fit, five)
  expect_false(fit$interrupted)
  for (epochs in c(2, 5)) expect_same_fit(train(epochs), five)
  failing <- list(on_train_begin = function(state) stop("no"))
  expect_warning(fit <- vae_resume(folder, epochs = 10, callbacks = failing), "failed in on_train_begin")
  expect_same_fit(fit, five)
  expect_true(fit$interrupted)
  interrupting <- list(on_train_begin = function(state) rlang::interrupt())
  fit <- suppressMessages(vae_resume(folder, epochs = 10, callbacks = interrupting))
  expect_same_fit(fit, five)
  expect_true(fit$interrupted)
  expect_same_fit(train(10), quick_fit(x, tiny_conv(), epochs = 10))
})

test_that("a process that was killed goes on to the same end", {
  skip_on_cran()
  skip_on_os("windows")
  folder <- withr::local_tempdir()
  x <- few_sheep(200)
  whole <- quick_fit(x, tiny_conv(), epochs = 12)
  train <- function(folder) {
    x <- sketchvae::simulate_sheep(200, seed = 1)
    model <- sketchvae::load_vae(file.path(folder, "model.safetensors"))$model
    sketchvae::vae_fit(x, model, epochs = 12, seed = 1, threads = 1,
      checkpoint = sketchvae::checkpoints(file.path(folder, "run"), minutes = 1e-9))
  }
  save_vae(whole, file.path(folder, "model.safetensors"))
  for (i in 1:5) {
    process <- callr::r_bg(train, list(folder), libpath = .libPaths())
    # Killed at five instants after the first checkpoint is there.
    wait <- Sys.time()
    while (length(list.files(file.path(folder, "run"), "^checkpoint-")) == 0 && Sys.time() - wait < 30) Sys.sleep(.005)
    Sys.sleep(.03 * i)
    process$kill()
  }
  expect_same_fit(train(folder), whole)
  expect_length(list.files(file.path(folder, "run"), "part"), 0)
})

test_that("losses that are not finite come back as they were", {
  train <- function(...) suppressWarnings(fit_with_infinite_validation(...))
  whole <- train(epochs = 4)
  expect_identical(whole$history$val_loss, c(NA, NaN, NaN, NaN, NaN))
  expect_identical(whole$history$val_kl, c(NA, Inf, Inf, Inf, Inf))
  folder <- withr::local_tempdir()
  settings <- checkpoints(folder, minutes = 1e-9)
  train(epochs = 4, checkpoint = settings,
    callbacks = list(every = 1, on_batch_end = function(state) if (state$epoch == 4 && state$step == 1) stop("cut")))
  seen <- NULL
  fit <- suppressWarnings(vae_resume(folder, callbacks = list(on_train_begin = function(state) seen <<- state$history)))
  expect_same_fit(fit, whole)
  expect_identical(seen$val_kl, c(NA, Inf, Inf))
  # A fit that is trained further has them in its record.
  more <- train(epochs = 2, checkpoint = withr::local_tempdir())
  other <- withr::local_tempdir()
  further <- function(...) suppressWarnings(quick_fit(few_sheep(16), more, ..., kl_start = 100, kl_steep = 1))
  further(epochs = 1, checkpoint = other)
  expect_identical(suppressWarnings(vae_resume(other))$history$val_kl, c(NA, Inf, Inf))
})

test_that("a finished fit is returned at once, and epochs may grow", {
  x <- few_sheep()
  folder <- withr::local_tempdir()
  fit <- quick_fit(x, epochs = 2, checkpoint = folder)
  again <- quick_fit(x, epochs = 2, checkpoint = folder, callbacks = function(state) stop("trained"))
  expect_identical(again, fit)
  expect_identical(vae_resume(folder), fit)
  expect_identical(nrow(vae_resume(folder, epochs = 3)$history), 3L)
})

test_that("without a seed the same call goes on with the seed that it drew", {
  x <- few_sheep()
  folder <- withr::local_tempdir()
  fit <- quick_fit(x, seed = NULL, checkpoint = folder)
  expect_identical(quick_fit(x, seed = NULL, checkpoint = folder), fit)
})

test_that("a fit that a callback stopped is finished, until epochs grow; one that failed is not", {
  x <- few_sheep()
  folder <- withr::local_tempdir()
  stop_at_2 <- function(state) if (state$epoch == 2) state$stop()
  fit <- quick_fit(x, epochs = 4, checkpoint = folder, callbacks = stop_at_2)
  expect_identical(quick_fit(x, epochs = 4, checkpoint = folder), fit)
  expect_identical(nrow(quick_fit(x, epochs = 5, checkpoint = folder)$history), 5L)

  other <- withr::local_tempdir()
  suppressWarnings(quick_fit(x, epochs = 4, checkpoint = other, callbacks = function(state) if (state$epoch == 2) stop("oh")))
  expect_same_fit(quick_fit(x, epochs = 4, checkpoint = other), quick_fit(x, epochs = 4))
})

test_that("a fitted model that is trained further can be resumed as well", {
  x <- few_sheep()
  first <- quick_fit(x)
  folder <- withr::local_tempdir()
  more <- quick_fit(x, first, epochs = 3, seed = 2)
  suppressWarnings(quick_fit(x, first, epochs = 3, seed = 2, checkpoint = folder,
    callbacks = function(state) if (state$epoch == 4) stop("cut")))
  expect_same_fit(vae_resume(folder), more)
})

test_that("the threads of a checkpoint are restored", {
  skip_if(parallel::detectCores() < 2, "one core only")
  x <- few_sheep()
  folder <- withr::local_tempdir()
  whole <- quick_fit(x, tiny_conv(), epochs = 4, threads = 2)
  suppressWarnings(quick_fit(x, tiny_conv(), epochs = 2, threads = 2, checkpoint = folder))
  resumed <- quick_fit(x, tiny_conv(), epochs = 4, threads = 1, checkpoint = folder)
  expect_same_fit(resumed, whole)
  expect_identical(resumed$threads, 2L)
})

test_that("a fit that goes on keeps the rule of its kernels, and both name it", {
  x <- few_sheep()
  folder <- withr::local_tempdir()
  train <- function(epochs, rule, ...) {
    withr::with_options(list(sketchvae.plan = rule), quick_fit(x, tiny_conv(), epochs = epochs, ...))
  }
  whole <- train(4, "libtorch")
  expect_identical(whole$plan, "libtorch")
  expect_identical(suppressWarnings(train(2, "libtorch", checkpoint = folder))$plan, "libtorch")
  resumed <- train(4, "native", checkpoint = folder)
  expect_same_fit(resumed, whole)
  expect_identical(resumed$plan, "libtorch")
  expect_false(identical(train(4, "native")$weights, whole$weights))
})

test_that("other data, another model and other arguments are refused", {
  x <- few_sheep()
  folder <- withr::local_tempdir()
  quick_fit(x, checkpoint = folder)
  shown <- function(lines) gsub("[0-9]{15,}", "<hash>", gsub(folder, "<folder>", lines, fixed = TRUE))
  expect_snapshot(error = TRUE, transform = shown, quick_fit(x[2:48], checkpoint = folder))
  for (other in list(
    list(model = model_binary(2, hidden = 21)), list(batch_size = 7), list(seed = 2), list(learning_rate = .1),
    list(kl_start = 1), list(validation = .5), list(precision = "float64"), list(x = x[48:1])
  )) {
    arguments <- utils::modifyList(list(x = x, checkpoint = folder), other)
    expect_error(suppressWarnings(do.call(quick_fit, arguments)), "checkpoints of another fit")
  }
  expect_error(quick_fit(x, batch_size = 7, checkpoint = folder), "another fit: batch_size is 7 here and 100 there[.]")
  expect_error(quick_fit(x, model_binary(2, hidden = 21), checkpoint = folder), "encoder[[2]]$units is 21 here and 20 there", fixed = TRUE)
  # Begun on a GPU that is not there any more.
  plan <- read_record(folder)
  plan$device <- "cuda"
  expect_identical(fingerprint_differences_cpp(fingerprint_of(plan), fingerprint_of(read_record(folder))),
    'device is "cuda" here and "cpu" there')
})

test_that("every part of a fingerprint that the first version did not have has a default", {
  folder <- withr::local_tempdir()
  quick_fit(checkpoint = folder)
  here <- json_to_list_cpp(fingerprint_of(read_record(folder)), own = TRUE)
  file <- load_bytes_cpp(list.files(test_path("fixtures", "checkpoints-1"), "^checkpoint-", full.names = TRUE))
  first <- json_to_list_cpp(file$meta$fingerprint)
  expect_setequal(setdiff(names(here), "defaults"), c(names(first), setdiff(names(here$defaults), c("options", "model"))))
  expect_setequal(names(here$options), c(names(first$options), names(here$defaults$options)))
  expect_setequal(names(here$model), c(names(first$model), names(here$defaults$model)))
})

test_that("a folder of the first version is resumed", {
  folder <- withr::local_tempdir()
  # Made by tests/testthat/fixtures/make-checkpoints-1.R, never again.
  file.copy(list.files(test_path("fixtures", "checkpoints-1"), full.names = TRUE), folder)
  seen <- NULL
  fit <- vae_resume(folder, callbacks = list(on_train_begin = function(state) seen <<- state))
  expect_identical(nrow(seen$history), 1L)
  expect_identical(labels(seen$x), c(.5, .25, .125, 3))
  whole <- load_vae(file.path(folder, "whole.safetensors"))
  expect_equal(vae_weights(fit), vae_weights(whole), tolerance = 1e-4)
  expect_equal(without_seconds(fit$history), without_seconds(whole$history), tolerance = 1e-4)
  # The epochs asked for are done: those of the epoch before, not of the middle of one.
  part <- withr::local_tempdir()
  file.copy(list.files(test_path("fixtures", "checkpoints-1"), full.names = TRUE), part)
  one <- vae_resume(part, epochs = 1)
  expect_equal(without_seconds(one$history), without_seconds(whole$history[1, ]), tolerance = 1e-4)
})

test_that("a fit that ended before its first checkpoint leaves the folder to the next", {
  x <- few_sheep()
  dies <- function(x, ...) {
    try(quick_fit(x, callbacks = list(on_train_begin = function(state) rlang::interrupt()), ...), silent = TRUE)
  }
  die <- function(...) tryCatch(dies(...), interrupt = function(e) NULL)
  folder <- withr::local_tempdir()
  die(x, seed = 1, checkpoint = folder)
  expect_identical(list.files(folder), c("fit.safetensors", "lock"))
  # The next one ends before its first checkpoint too: what is resumed is the last.
  die(x[1:40], seed = 2, checkpoint = folder)
  expect_same_fit(vae_resume(folder), quick_fit(x[1:40], seed = 2))
  expect_error(quick_fit(x, seed = 1, checkpoint = folder), "seed is 1 here and 2 there")

  other <- withr::local_tempdir()
  die(x, seed = 1, checkpoint = other)
  b <- quick_fit(x[1:40], seed = 2, epochs = 3, checkpoint = other)
  expect_identical(vae_resume(other), b)
  # The same fit, asked for more epochs than the one that died.
  again <- withr::local_tempdir()
  die(x, epochs = 2, checkpoint = again)
  die(x, epochs = 3, checkpoint = again)
  expect_identical(nrow(vae_resume(again)$history), 3L)
  # Folders of earlier versions may hold the record of one and the checkpoints of the other.
  mixed <- withr::local_tempdir()
  die(x, seed = 1, checkpoint = mixed)
  file.copy(list.files(other, "^checkpoint", full.names = TRUE), mixed)
  expect_error(vae_resume(mixed), "checkpoints of another fit: .*seed is 1 here and 2 there")
  expect_same_fit(quick_fit(x[1:40], seed = 2, epochs = 3, checkpoint = mixed), b)
  expect_same_fit(vae_resume(mixed), b)
})

test_that("a record that is damaged is an error, and written anew by the same call", {
  x <- few_sheep()
  folder <- withr::local_tempdir()
  fit <- quick_fit(x, checkpoint = folder)
  record <- file.path(folder, "fit.safetensors")
  good <- readBin(record, "raw", file.size(record))
  for (at in c(1, 100, round(length(good) / 2), length(good))) {
    writeBin(replace(good, at, xor(good[[at]], as.raw(4))), record)
    expect_error(vae_resume(folder), "fit.safetensors")
  }
  writeBin(good[1:1000], record)
  expect_error(vae_resume(folder), "fit.safetensors")
  expect_identical(quick_fit(x, checkpoint = folder), fit)
  expect_identical(readBin(record, "raw", 2 * length(good)), good)
})

test_that("labels and the size of drawings come back from the folder", {
  x <- few_sheep()
  kinds <- list(
    labels(x), factor(labels(x), levels = rev(sheep_kinds)), rep(c(3L, NA, -1L), 16), rep(c(.1, NA, 1 / 3), 16),
    rep(c(NaN, NA, Inf, -1.5), 12), rep(NA_real_, 48),
    factor(rep(NA, 48)), rep(NA_character_, 48), rep(2.5, 48),
    rep(c(TRUE, NA), 24), c("häst", NA, "\"", rep("a", 45)), NULL
  )
  for (kind in kinds) {
    x$labels <- kind
    folder <- withr::local_tempdir()
    quick_fit(x, epochs = 1, validation = validation_last(.25), checkpoint = folder)
    seen <- NULL
    vae_resume(folder, epochs = 2, callbacks = function(state) seen <<- state)
    expect_identical(seen$x, x[1:36])
    expect_identical(seen$validation, x[37:48])
  }
  small <- as_drawings(array(rep(c(0, .5, 1), 128), c(6, 8, 8)))
  model <- vae_model(list(flatten(), dense(3)), 2, list(dense(64, "sigmoid")), input = c(8, 8))
  folder <- withr::local_tempdir()
  fit <- suppressWarnings(quick_fit(small, model, epochs = 1, checkpoint = folder))
  expect_identical(suppressWarnings(vae_resume(folder)), fit)
})

test_that("a decimal comma of the locale does not come into files", {
  folder <- withr::local_tempdir()
  seen <- with_decimal_comma(function(folder) {
    library(sketchvae)
    x <- simulate_sheep(48, seed = 1)
    x$labels <- rep(c(.5, 1e-300, NaN), 16)
    run <- file.path(folder, "run")
    model <- model_binary(latent_dim = 2, hidden = 20)
    fit <- vae_fit(x, model, epochs = 1, seed = 1, threads = 1, learning_rate = .0015, checkpoint = run)
    save_vae(fit, file.path(folder, "fit.safetensors"))
    found <- vae_search(x, model, list(learning_rate = c(.25e-3, .5e-3)), epochs = 1, seed = 1, folder = file.path(folder, "search"))
    labels <- NULL
    vae_resume(run, epochs = 2, callbacks = function(state) labels <<- labels(state$x))
    list(fit = fit, labels = labels, found = found)
  }, folder)
  expect_identical(seen$labels, rep(c(.5, 1e-300, NaN), 16))
  expect_identical(load_vae(file.path(folder, "fit.safetensors")), seen$fit)
  expect_identical(nrow(vae_resume(file.path(folder, "run"), epochs = 3)$history), 3L)
  x <- few_sheep()
  labels(x) <- seen$labels
  again <- vae_search(x, small_binary(), list(learning_rate = c(.25e-3, .5e-3)), epochs = 1, seed = 1,
    folder = file.path(folder, "search"), callbacks = function(state) stop("trained"))
  expect_identical(again, seen$found)
  # Labels as an earlier version kept them.
  expect_identical(restore_labels(label_codes(c(.1, 2, NA)), list(type = "double", kinds = list("0,10000000000000001", "2"))),
    c(.1, 2, NA))
})

test_that("a folder that a running fit uses is refused, until that fit's process is gone", {
  skip_on_cran()
  skip_on_os("windows")
  folder <- withr::local_tempdir()
  x <- few_sheep()
  other <- callr::r_bg(function(folder) {
    x <- sketchvae::simulate_sheep(48, seed = 1)
    sketchvae::vae_fit(x, sketchvae::model_binary(latent_dim = 2, hidden = 20), epochs = 2, seed = 1, threads = 1,
      checkpoint = folder, callbacks = function(state) if (state$epoch == 2) Sys.sleep(60))
  }, list(folder), libpath = .libPaths())
  wait <- Sys.time()
  while (length(list.files(folder, "^checkpoint-")) == 0 && Sys.time() - wait < 30) Sys.sleep(.01)
  folder_shown <- function(lines) gsub(folder, "<folder>", lines, fixed = TRUE)
  expect_snapshot(error = TRUE, transform = folder_shown, {
    quick_fit(x, checkpoint = folder)
    vae_resume(folder)
  })
  other$kill()
  expect_same_fit(vae_resume(folder), quick_fit(x))
  # A fit within a fit.
  inner <- NULL
  quick_fit(x, seed = 2, checkpoint = file.path(folder, "b"), callbacks = function(state) {
    inner <<- tryCatch(quick_fit(x, seed = 2, checkpoint = file.path(folder, "b")), error = conditionMessage)
  })
  expect_match(inner, "is in use by another fit")
})

test_that("a damaged newest checkpoint is passed over with a warning", {
  x <- few_sheep()
  whole <- quick_fit(x, epochs = 4)
  damage <- list(
    cut = function(bytes) bytes[seq_len(length(bytes) %/% 2)],
    empty = function(bytes) raw(),
    flipped = function(bytes) replace(bytes, length(bytes) - 99, xor(bytes[[length(bytes) - 99]], as.raw(1)))
  )
  for (how in names(damage)) {
    folder <- withr::local_tempdir()
    quick_fit(x, epochs = 3, checkpoint = folder)
    files <- list.files(folder, "^checkpoint-", full.names = TRUE)
    expect_length(files, 2)
    newest <- files[[2]]
    writeBin(damage[[how]](readBin(newest, "raw", file.size(newest))), newest)
    expect_warning(fit <- quick_fit(x, epochs = 4, checkpoint = folder), "is damaged and was passed over")
    expect_same_fit(fit, whole)
  }
})

test_that("damaged checkpoints never push good ones out, wherever the next kill comes", {
  skip_on_cran()
  x <- few_sheep(16)
  whole <- quick_fit(x, epochs = 8)
  stop_after <- function(k) function(state) if (nrow(state$history) == k) stop("killed")
  for (keep in 1:2) {
    for (round in 1:4) {
      folder <- withr::local_tempdir()
      settings <- checkpoints(folder, minutes = 1e-9, keep = keep)
      train <- function(...) suppressWarnings(quick_fit(x, epochs = 8, checkpoint = settings, ...))
      train(callbacks = stop_after(4))
      files <- list.files(folder, "^checkpoint-", full.names = TRUE)
      set.seed(10 * keep + round)
      for (file in files[seq_len(min(round, keep, length(files) - (keep == 2)))]) {
        bytes <- readBin(file, "raw", file.size(file))
        at <- sample(length(bytes), 1)
        writeBin(if (round %% 2) bytes[seq_len(at - 1)] else replace(bytes, at, xor(bytes[[at]], as.raw(2^sample(0:7, 1)))), file)
      }
      # Killed in the middle of the epoch, before the damaged one is written again.
      cut <- list(every = 1, on_batch_end = function(state) if (state$step == 1) stop("killed"))
      train(callbacks = cut)
      begun <- NULL
      expect_same_fit(train(callbacks = list(on_train_begin = function(state) begun <<- nrow(state$history))), whole)
      if (keep == 2) expect_gte(begun, 3L)
      expect_length(list.files(folder, "^checkpoint-"), keep)
    }
  }
})

test_that("a folder that cannot be written is refused at the start", {
  skip_on_os("windows")
  file <- withr::local_tempfile(lines = "not a folder")
  expect_error(quick_fit(checkpoint = file), "cannot write")
  folder <- withr::local_tempdir()
  Sys.chmod(c(dirname(folder), folder), c("755", "555"))
  expect_match(as_a_user(folder, function(folder) {
    x <- sketchvae::simulate_sheep(48, seed = 1)
    tryCatch(
      sketchvae::vae_fit(x, sketchvae::model_binary(hidden = 20), epochs = 1, checkpoint = folder, threads = 1),
      error = conditionMessage
    )
  }), "cannot write")
})

test_that("a finished fit is read from a folder that cannot be written", {
  skip_on_os("windows")
  folder <- withr::local_tempdir()
  fit <- quick_fit(checkpoint = folder)
  Sys.chmod(c(list.files(folder, full.names = TRUE), dirname(folder), folder), c("444", "444", "444", "444", "755", "555"))
  expect_identical(as_a_user(folder, function(folder) sketchvae::vae_resume(folder)), fit)
})

test_that("a checkpoint that cannot be written warns once and does not end the fit", {
  x <- few_sheep()
  folder <- withr::local_tempdir()
  # A folder where the second checkpoint's temporary file should be: nothing can be written there.
  block <- function(state) {
    if (state$epoch == 1) {
      unlink(folder, recursive = TRUE)
      file.create(folder)
    }
  }
  warned <- character()
  fit <- withCallingHandlers(
    quick_fit(x, epochs = 4, checkpoint = folder, callbacks = block),
    warning = function(w) {
      warned <<- c(warned, conditionMessage(w))
      rlang::cnd_muffle(w)
    }
  )
  expect_length(warned, 1)
  expect_match(warned, "a checkpoint could not be written after epoch 1: cannot make the folder")
  expect_same_fit(fit, quick_fit(x, epochs = 4))
  unlink(folder)
})

test_that("a full disk is survived", {
  full <- small_disk()
  x <- few_sheep()
  folder <- file.path(full, "run")
  withr::defer(unlink(c(folder, file.path(full, "filler")), recursive = TRUE))
  fill <- function(state) {
    if (state$epoch == 1) suppressWarnings(try(writeBin(raw(2e7), file.path(full, "filler")), silent = TRUE))
    if (state$epoch == 3) unlink(file.path(full, "filler"))
  }
  expect_warning(fit <- quick_fit(x, epochs = 4, checkpoint = folder, callbacks = fill), "No space left on device")
  expect_same_fit(fit, quick_fit(x, epochs = 4))
  # The last one was written again.
  expect_identical(vae_resume(folder), fit)
})

test_that("what cannot be resumed is named", {
  folder <- withr::local_tempdir()
  writeLines("{}", file.path(folder, "fit.safetensors"))
  expect_error(vae_resume(folder), "not a good safetensors file")
  expect_snapshot(error = TRUE, {
    vae_resume("/nowhere/at/all")
    vae_resume(3)
    checkpoints("x", minutes = 0)
    checkpoints("x", keep = 0)
  })
})
