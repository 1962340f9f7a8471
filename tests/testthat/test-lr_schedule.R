rates <- function(fit) fit$history$learning_rate

test_that("the rates of a fit are those of the schedule", {
  fit <- function(schedule) quick_fit(epochs = 5, learning_rate = schedule)
  expect_equal(rates(fit(lr_schedule_step(2, .1, rate = .01))), .01 * c(1, 1, .1, .1, .01), tolerance = 1e-12)
  half <- (1 + cos(pi * (0:4) / 4)) / 2
  expect_equal(rates(fit(lr_schedule_cosine(rate = .01))), .01 * half, tolerance = 1e-12)
  expect_equal(rates(fit(lr_schedule_cosine(3, floor = .2, rate = .01))), .01 * c(1, .6, .2, .2, .2), tolerance = 1e-12)
  # One that does not move leaves no column.
  expect_null(rates(fit(lr_schedule_constant(.01))))
  expect_same_fit(fit(lr_schedule_constant(.01)), fit(.01))
})

test_that("a rate of a schedule trains as that rate does", {
  x <- few_sheep()
  stepped <- quick_fit(x, epochs = 2, learning_rate = lr_schedule_step(1, .5, rate = .01))
  expect_identical(stepped$history$loss[[1]], quick_fit(x, epochs = 1, learning_rate = .01)$history$loss)
  # SGD keeps nothing between epochs: the second is one epoch at half the rate from where the first ended.
  sgd <- function(...) quick_fit(x, optimizer = optimizer_sgd(1e-3), batch_size = 48, ...)
  both <- sgd(epochs = 2, learning_rate = lr_schedule_step(1, .5))
  first <- sgd(epochs = 1)
  second <- vae_fit(x, first, epochs = 1, learning_rate = 5e-4, seed = 1, threads = 1)
  expect_equal(vae_weights(both), vae_weights(second), tolerance = 1e-6)
})

test_that("without a rate a schedule starts from the optimizer's; a number ends a schedule", {
  x <- few_sheep()
  fit <- quick_fit(x, optimizer = optimizer_adam(.02), learning_rate = lr_schedule_step(1))
  expect_identical(rates(fit), c(.02, .01))
  expect_identical(fit$recipe$optimizer$learning_rate, .02)
  expect_s3_class(fit$recipe$learning_rate_schedule, "vae_lr_schedule")
  after <- vae_fit(x, fit, epochs = 2, learning_rate = .005, seed = 1)
  expect_identical(rates(after), c(.02, .01, .005, .005))
  expect_null(after$recipe$learning_rate_schedule)
})

test_that("a fit that is trained further goes on stepping, and begins its cosine again", {
  x <- few_sheep()
  stepped <- quick_fit(x, learning_rate = lr_schedule_step(2, .1, rate = .01))
  expect_equal(rates(vae_fit(x, stepped, epochs = 2, seed = 1)), .01 * c(1, 1, .1, .1), tolerance = 1e-12)
  cosine <- quick_fit(x, epochs = 3, learning_rate = lr_schedule_cosine(rate = .01))
  expect_equal(rates(vae_fit(x, cosine, seed = 1)), .01 * c(1, .5, 0, 1, .5, 0), tolerance = 1e-12)
})

test_that("a recipe can hold a schedule, files keep it, and summary() says it", {
  model <- tiny_conv(learning_rate_schedule = lr_schedule_cosine(floor = .1, rate = .004))
  expect_identical(model$recipe$optimizer$learning_rate, .004)
  fit <- suppressWarnings(quick_fit(few_sheep(16), model))
  expect_equal(rates(fit), c(.004, .0004), tolerance = 1e-12)
  path <- withr::local_tempfile(fileext = ".safetensors")
  save_vae(fit, path)
  expect_identical(load_vae(path)$recipe, fit$recipe)
  expect_snapshot(cat(tail(capture.output(print(model)), 3), sep = "\n"))
})

test_that("on a plateau the rate falls, and no lower than it may", {
  x <- few_sheep()
  # Nothing ever falls by as much: after the first epoch each is a wait.
  schedule <- lr_schedule_plateau(.1, patience = 2, min_delta = 1e6, min_rate = 5e-5, rate = .01)
  fit <- quick_fit(x, epochs = 9, learning_rate = schedule)
  expect_equal(rates(fit), c(.01, .01, .01, .001, .001, .001, 1e-4, 1e-4, 1e-4), tolerance = 1e-12)
  # What always falls keeps its rate.
  expect_null(rates(quick_fit(x, epochs = 4, learning_rate = lr_schedule_plateau(patience = 1))))
  # The same as the callback.
  by_callback <- quick_fit(x, epochs = 9, learning_rate = .01,
    callbacks = callback_reduce_lr("loss", .1, 2, 1e6, 5e-5))
  expect_same_fit(fit, by_callback)
  # Where there is a validation, it is what is watched.
  val <- quick_fit(x, epochs = 3, validation = .25, learning_rate = lr_schedule_plateau(.5, 1, 1e6))
  expect_identical(rates(val) / rates(val)[[1]], c(1, 1, .5))
})

test_that("a fit with a schedule that was cut goes on to the same end", {
  x <- few_sheep()
  cut <- function(state) if (state$epoch == 3 && state$step == 2) stop("cut")
  schedules <- list(
    lr_schedule_step(2, .5), lr_schedule_cosine(floor = .1),
    lr_schedule_plateau(.5, patience = 1, min_delta = 1e6)
  )
  for (schedule in schedules) {
    train <- function(...) quick_fit(x, tiny_conv(), epochs = 5, learning_rate = schedule, ...)
    whole <- train()
    expect_gt(length(unique(rates(whole))), 1)
    folder <- withr::local_tempdir()
    settings <- checkpoints(folder, minutes = 1e-9)
    expect_warning(train(checkpoint = settings, callbacks = list(every = 1, on_batch_end = cut)), "failed in on_batch_end")
    expect_same_fit(vae_resume(folder), whole)
  }
})

test_that("prolonging: a given length goes on, vae_resume() keeps what it began with, another cosine is another fit", {
  x <- few_sheep()
  train <- function(epochs, schedule, folder) quick_fit(x, epochs = epochs, learning_rate = schedule, checkpoint = folder)
  given <- withr::local_tempdir()
  schedule <- lr_schedule_cosine(4, floor = .1)
  train(2, schedule, given)
  expect_same_fit(train(5, schedule, given), train(5, schedule, NULL))
  open <- withr::local_tempdir()
  first <- train(3, lr_schedule_cosine(floor = .1), open)
  expect_error(train(5, lr_schedule_cosine(floor = .1), open), "another fit: learning_rate_schedule")
  longer <- vae_resume(open, epochs = 5)
  expect_equal(rates(longer), c(rates(first), rep(rates(first)[[3]], 2)), tolerance = 1e-12)
})

test_that("schedules are printed in words", {
  expect_snapshot({
    lr_schedule_constant()
    lr_schedule_step(10, .5, rate = .01)
    lr_schedule_step(1)
    lr_schedule_cosine()
    lr_schedule_cosine(30, floor = .01)
    lr_schedule_plateau()
    lr_schedule_plateau(.1, 1, min_rate = 1e-5, monitor = "val_kl", rate = .001)
  })
})

test_that("wrong schedules are refused", {
  expect_snapshot(error = TRUE, {
    lr_schedule_constant(0)
    lr_schedule_step(0)
    lr_schedule_step(2, 1)
    lr_schedule_cosine(1)
    lr_schedule_cosine(floor = 1)
    lr_schedule_plateau(patience = .5)
    lr_schedule_plateau(monitor = 1)
    quick_fit(learning_rate = "cosine")
    quick_fit(learning_rate = -1)
    quick_fit(learning_rate = lr_schedule_plateau(monitor = "val_loss"))
    quick_fit(learning_rate = lr_schedule_step(1), callbacks = callback_reduce_lr())
    tiny_conv(learning_rate_schedule = .1)
  })
})
