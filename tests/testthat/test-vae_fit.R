test_that("a fit has the fields that its page names, and its losses add up", {
  x <- few_sheep()
  fit <- quick_fit(x, validation = .25)
  expect_s3_class(fit, "vae")
  expect_named(fit, c(
    "model", "weights", "history", "seed", "device", "precision", "threads", "plan", "n", "batch_size",
    "recipe", "interrupted", "held_out"
  ))
  expect_type(fit$weights, "raw")
  expect_identical(fit$n, 36L)
  expect_false(fit$interrupted)
  h <- fit$history
  expect_named(h, c(
    "epoch", "kl_weight", "loss", "reconstruction", "kl", "regularization", "val_loss",
    "val_reconstruction", "val_kl", "seconds"
  ))
  expect_identical(h$epoch, 1:2)
  # The engine's columns are means of float32 losses, summed in double.
  expect_equal(h$loss, h$reconstruction + h$kl_weight * h$kl + h$regularization, tolerance = 1e-12)
  expect_true(all(is.finite(unlist(h))))
})

test_that("the loss falls", {
  fit <- quick_fit(epochs = 15, batch_size = 8)
  expect_lt(fit$history$loss[[15]], fit$history$loss[[1]] * .7)
})

test_that("a validated loss is that of the epoch's weights, whatever the batches", {
  x <- few_sheep()
  a <- quick_fit(x, validation = x[1:9], batch_size = 16)
  b <- quick_fit(x, batch_size = 16)
  expect_identical(a$weights, b$weights)
})

test_that("the same seed gives the same fit, another one another", {
  x <- few_sheep()
  a <- quick_fit(x, tiny_conv(), epochs = 3)
  b <- quick_fit(x, tiny_conv(), epochs = 3)
  expect_same_fit(a, b)
  expect_false(identical(a$weights, quick_fit(x, tiny_conv(), epochs = 3, seed = 2)$weights))
})

test_that("the same seed gives the same fit in two processes", {
  train <- function() {
    x <- sketchvae::simulate_sheep(48, seed = 1)
    fit <- sketchvae::vae_fit(x, sketchvae::model_digits(), epochs = 1, batch_size = 16, seed = 7, threads = 2)
    fit$history$seconds <- NULL
    fit
  }
  expect_identical(in_fresh_session(train), in_fresh_session(train))
})

test_that("set.seed() does what seed = does, and R's stream is advanced once", {
  x <- few_sheep()
  set.seed(3)
  a <- quick_fit(x, seed = NULL)
  after <- runif(1)
  set.seed(3)
  b <- quick_fit(x, seed = NULL)
  expect_same_fit(a, b)
  set.seed(3)
  drawn <- sample.int(.Machine$integer.max, 1L)
  expect_identical(after, runif(1))
  expect_identical(a$seed, as.double(drawn))
  set.seed(3)
  before <- .Random.seed
  quick_fit(x, seed = 5)
  expect_identical(.Random.seed, before)
})

test_that("nine drawings in batches of eight end with a batch of one, and all is finite", {
  for (model in list(tiny_conv(), small_binary())) {
    fit <- quick_fit(few_sheep(9), model, epochs = 3, batch_size = 8)
    expect_true(all(is.finite(unlist(fit$history))))
    expect_true(all(is.finite(unlist(vae_weights(fit)))))
  }
})

test_that("the loss of an epoch is the mean over drawings, the short batch counting by its size", {
  # With a learning rate of 1e-30 the parameters stand still: an epoch in batches is an epoch in one.
  model <- small_binary()
  loss <- function(batch) {
    quick_fit(few_sheep(10), model, epochs = 1, batch_size = batch, optimizer = "sgd", learning_rate = 1e-30)$history
  }
  # Only the noise differs: the KL term and the regularization do not see it.
  expect_equal(loss(4)$kl, loss(10)$kl, tolerance = 1e-5)
  expect_equal(loss(4)$regularization, loss(10)$regularization, tolerance = 1e-5)
})

test_that("the KL weight is 0 up to kl_start and full kl_steep epochs later", {
  fit <- quick_fit(epochs = 6, kl_start = 2, kl_steep = 3)
  expect_equal(fit$history$kl_weight, c(0, 0, 1 / 3, 2 / 3, 1, 1))
})

test_that("a fit that ends before the full KL weight says so", {
  expect_snapshot(fit <- quick_fit(epochs = 2, kl_start = 1, kl_steep = 2))
  expect_snapshot(fit <- quick_fit(epochs = 3, kl_start = 1, kl_steep = 2))
})

test_that("a fitted model is trained further: epochs, history and schedule go on", {
  x <- few_sheep()
  fit <- suppressWarnings(quick_fit(x, epochs = 2, kl_start = 1, kl_steep = 3, learning_rate = .01))
  more <- suppressWarnings(quick_fit(x, fit, epochs = 2))
  expect_identical(more$history$epoch, 1:4)
  expect_identical(more$history[1:2, ], fit$history)
  expect_equal(more$history$kl_weight, c(0, 1, 2, 3) / 3)
  expect_equal(more$recipe$optimizer$learning_rate, .01)
  expect_false(identical(more$weights, fit$weights))
  # It begins with the parameters of the fit.
  still <- suppressWarnings(quick_fit(x, fit, epochs = 1, optimizer = "sgd", learning_rate = 1e-30))
  expect_identical(still$weights, fit$weights)
})

test_that("columns that only one of two fits has are NA in the other's rows", {
  x <- few_sheep()
  more <- quick_fit(x, quick_fit(x, validation = .5), epochs = 1)
  expect_identical(is.na(more$history$val_loss), c(FALSE, FALSE, TRUE))
  expect_identical(names(more$history)[[ncol(more$history)]], "seconds")
})

test_that("a loss that is not finite ends training with the last good epoch", {
  x <- few_sheep()
  model <- small_binary()
  expect_snapshot(fit <- quick_fit(x, model, optimizer = "sgd", learning_rate = 1e6, batch_size = 4, epochs = 3))
  expect_true(fit$interrupted)
  expect_identical(nrow(fit$history), 0L)
  initial <- quick_fit(x, model, optimizer = "sgd", learning_rate = 1e-30, epochs = 1)
  expect_equal(unlist(vae_weights(fit)), unlist(vae_weights(initial)), tolerance = 1e-12)
  expect_output(print(fit), "stopped early")
  # An epoch that went well is kept.
  blow_up <- function(state) if (state$epoch == 2) state$set_learning_rate(1e6)
  expect_snapshot(fit <- quick_fit(x, model, optimizer = "sgd", learning_rate = 1e-5, batch_size = 4, epochs = 5, callbacks = blow_up))
  expect_identical(fit$history$epoch, 1:2)
  expect_identical(fit$weights, quick_fit(x, model, optimizer = "sgd", learning_rate = 1e-5, batch_size = 4, epochs = 2)$weights)
})

test_that("threads are the call's, and LibTorch's global state is left as found", {
  skip_if(parallel::detectCores() < 2, "one core only")
  before <- sketchvae_sitrep()$threads
  x <- few_sheep()
  a <- quick_fit(x, tiny_conv(), epochs = 3, threads = 2)
  b <- quick_fit(x, tiny_conv(), epochs = 3, threads = 1)
  expect_identical(c(a$threads, b$threads), 2:1)
  expect_identical(sketchvae_sitrep()$threads, before)
  # Another number of threads sums in another order, no more.
  expect_equal(unlist(vae_weights(a)), unlist(vae_weights(b)), tolerance = 1e-3)
})

test_that("float64 trains in float64, and close to float32", {
  x <- few_sheep()
  a <- quick_fit(x, precision = "float64", epochs = 1)
  b <- quick_fit(x, epochs = 1)
  expect_identical(a$precision, "float64")
  expect_gt(length(a$weights), 1.9 * length(b$weights))
  expect_equal(a$history$loss, b$history$loss, tolerance = 1e-4)
  expect_equal(vae_encode(a, x), vae_encode(b, x), tolerance = 1e-2)
})

# Interrupts f(flag), called in another session, once it has made the file `flag`. f returns a list with
# the seconds of processor time from there to its end: those of the clock say how busy the machine is.
interrupted <- function(f) {
  session <- fresh_session()
  on.exit(session$kill())
  flag <- withr::local_tempfile()
  session$call(f, list(flag))
  wait <- Sys.time()
  while (!file.exists(flag) && Sys.time() - wait < 30) Sys.sleep(.01)
  session$interrupt()
  session$poll_process(60000)
  session$read()
}

test_that("Ctrl-C ends a fit within a second and keeps its epochs", {
  skip_on_cran()
  skip_on_os("windows")
  done <- interrupted(function(flag) {
    x <- simulate_sheep(2000, seed = 1)
    fit <- vae_fit(x, model_binary(hidden = 20), epochs = 1000, seed = 1, threads = 1, callbacks = function(state) {
      if (state$epoch == 3) {
        began <<- sum(proc.time()[1:2])
        file.create(flag)
      }
    })
    list(seconds = sum(proc.time()[1:2]) - began, fit = fit, codes = dim(vae_encode(fit, x)), again = nrow(vae_fit(x, fit, epochs = 1, seed = 1)$history))
  })
  expect_null(done$error)
  expect_lt(done$result$seconds, 1)
  fit <- done$result$fit
  expect_true(fit$interrupted)
  expect_gte(nrow(fit$history), 3)
  expect_true(all(is.finite(fit$history$loss)))
  expect_identical(done$result$codes, c(2000L, 5L))
  expect_identical(done$result$again, nrow(fit$history) + 1L)
})

test_that("Ctrl-C at any instant keeps the epochs that are done, with tryCatch() around the fit or without", {
  skip_on_cran()
  skip_on_os("windows")
  # Epochs of a millisecond: some of the instants fall between two of them. The session is not interactive, as
  # scripts are: R ends such a one at an interrupt that it takes itself.
  answer <- in_fresh_session(function() {
    library(sketchvae)
    x <- simulate_sheep(64, seed = 1)
    fit <- function(epochs) suppressWarnings(vae_fit(x, model_binary(hidden = 8), epochs = epochs, seed = 1, threads = 1))
    interrupted <- function(caught) {
      system(sprintf("(sleep %f; kill -INT %d)", stats::runif(1, .15, .3), Sys.getpid()), wait = FALSE)
      suppressMessages(if (caught) tryCatch(fit(1e6), interrupt = function(e) NULL) else fit(1e6))
    }
    found <- lapply(rep(c(TRUE, FALSE), 4), interrupted)
    list(found = found, whole = fit(nrow(found[[1]]$history)))
  }, timeout = 60)
  expect_length(answer$found, 8)
  for (fit in answer$found) {
    expect_s3_class(fit, "vae")
    expect_true(fit$interrupted)
    expect_gte(nrow(fit$history), 1)
  }
  expect_same_fit(answer$found[[1]], answer$whole)
})

test_that("Ctrl-C in on_train_end, or when the fit is done, loses nothing", {
  skip_on_cran()
  skip_on_os("windows")
  whole <- quick_fit(epochs = 2)
  # Pending since the engine's last look: raised in a message that is heard while R holds interrupts back.
  interrupt_at <- function(what) {
    withCallingHandlers(
      tryCatch(what(), interrupt = function(e) "lost"),
      message = function(m) invokeRestart("muffleMessage")
    )
  }
  expect_same_fit(interrupt_at(function() quick_fit(epochs = 2, callbacks = list(on_train_end = function(state) rlang::interrupt()))), whole)
  late <- function() {
    withCallingHandlers(
      quick_fit(epochs = 2, kl_start = 5),
      warning = function(w) {
        tools::pskill(Sys.getpid(), tools::SIGINT)
        invokeRestart("muffleWarning")
      }
    )
  }
  kept <- interrupt_at(late)
  expect_s3_class(kept, "vae")
  expect_identical(nrow(kept$history), 2L)
})

test_that("a caller that holds interrupts back is not interrupted", {
  skip_on_os("windows")
  fit <- suspendInterrupts({
    tools::pskill(Sys.getpid(), tools::SIGINT)
    kept <- quick_fit(epochs = 2, callbacks = function(state) state$encode(few_sheep(2)))
    codes <- vae_encode(kept, few_sheep(4))
    waited <- take_interrupt_cpp()
    kept
  })
  expect_true(waited)
  expect_false(fit$interrupted)
  expect_identical(nrow(fit$history), 2L)
})

test_that("a warning after the training does not lose the fit where warnings are errors", {
  # In a session of its own: testthat takes warnings before R makes errors of them.
  answer <- in_fresh_session(function() {
    library(sketchvae)
    options(warn = 2)
    x <- simulate_sheep(32, seed = 1)
    fit <- function(...) vae_fit(x, model_binary(hidden = 8), epochs = 3, seed = 1, threads = 1, ...)
    list(
      annealed = fit(kl_start = 5),
      failed = fit(callbacks = function(state) if (state$epoch == 2) warning("too hot")),
      late = fit(callbacks = list(on_train_end = function(state) stop("too late"))),
      diverged = fit(optimizer = "sgd", learning_rate = 1e6),
      evaluated = vae_evaluate(vae_fit(x, model_binary(hidden = 8), epochs = 1, learning_rate = 1e-9, seed = 1), x, samples = 2, seed = 1),
      warn = getOption("warn")
    )
  }, timeout = 60)
  epochs <- vapply(answer[c("annealed", "failed", "late")], function(fit) nrow(fit$history), 0L)
  expect_identical(unname(epochs), c(3L, 2L, 3L))
  expect_identical(vapply(answer[1:4], function(fit) fit$interrupted, NA), c(annealed = FALSE, failed = TRUE, late = FALSE, diverged = TRUE))
  expect_s3_class(answer$evaluated, "vae_evaluation")
  expect_equal(answer$warn, 2)
})

test_that("Ctrl-C before the end of the first epoch is a plain interrupt", {
  skip_on_cran()
  skip_on_os("windows")
  done <- interrupted(function(flag) {
    x <- simulate_sheep(20000, seed = 1)
    watch <- list(every = 1, on_batch_end = function(state) if (state$step == 3) {
      began <<- sum(proc.time()[1:2])
      file.create(flag)
    })
    end <- tryCatch(
      vae_fit(x, model_digits(), epochs = 2, seed = 1, threads = 1, callbacks = watch),
      interrupt = function(e) "interrupted"
    )
    list(end = end, seconds = sum(proc.time()[1:2]) - began)
  })
  expect_identical(done$result$end, "interrupted")
  expect_lt(done$result$seconds, 1)
})

test_that("a forked child is refused with a sentence, and does not hang", {
  skip_on_os("windows")
  answer <- in_fresh_session(function() {
    library(sketchvae)
    x <- simulate_sheep(32, seed = 1)
    fit <- vae_fit(x, model_binary(hidden = 20), epochs = 1, seed = 1)
    ask <- function(i) tryCatch(vae_encode(fit, x), error = conditionMessage)
    list(
      encode = parallel::mclapply(1:2, ask, mc.cores = 2),
      fit = parallel::mclapply(1:2, function(i) tryCatch(vae_fit(x, fit, epochs = 1), error = conditionMessage), mc.cores = 2),
      # The latent half starts its own threads and works there.
      dbscan = parallel::mclapply(1:2, function(i) latent_dbscan(cbind(c(0, 0, 0), 0), eps = 1, minPts = 2)$cluster, mc.cores = 2)
    )
  }, timeout = 30)
  expect_identical(answer$dbscan, list(c(1L, 1L, 1L), c(1L, 1L, 1L)))
  for (text in unlist(answer[c("encode", "fit")])) expect_match(text, "do not survive a fork. Use parallel::makeCluster()", fixed = TRUE)
})

test_that("workers of a PSOCK cluster encode with a fit that was sent to them", {
  skip_on_cran()
  cluster <- parallel::makeCluster(1)
  on.exit(parallel::stopCluster(cluster))
  x <- few_sheep(8)
  fit <- quick_fit(x)
  parallel::clusterCall(cluster, .libPaths, .libPaths())
  there <- parallel::clusterCall(cluster, function(fit, x) sketchvae::vae_encode(fit, x, threads = 1), fit, x)
  expect_identical(there[[1]], vae_encode(fit, x, threads = 1))
})

test_that("too little memory is said in one or two lines without a backtrace", {
  # A batch of a million drawings needs more memory than a process may have here.
  text <- in_fresh_session(function() {
    library(sketchvae)
    x <- simulate_sheep(8, seed = 1)
    big <- x[rep(1:8, 20000)]
    wide <- vae_model(
      list(conv_2d(500, 3, activation = "relu"), flatten(), dense(2)), 2, list(dense(784, "sigmoid"))
    )
    # 250 GB are asked for, of LibTorch or of the package's own kernels.
    tryCatch(vae_fit(big, wide, epochs = 1, batch_size = 160000, threads = 1), error = conditionMessage)
  })
  skip_if(inherits(text, "vae"), "this machine has the memory")
  expect_match(text, "there is not enough memory for this batch; try a smaller batch_size")
  expect_lte(length(strsplit(text, "\n")[[1]]), 2)
  expect_no_match(text, "Exception raised|frame #|0x[0-9a-f]{6}")
})

test_that("a batch larger than the drawings takes the memory of the drawings", {
  skip_on_os("windows")
  # 64 drawings in batches of 1e8: three gigabytes once, for the validation alone.
  peak <- in_fresh_session(function() {
    library(sketchvae)
    x <- simulate_sheep(64, seed = 1)
    fit <- function(batch_size) vae_fit(x, model_binary(hidden = 8), epochs = 1, batch_size = batch_size, validation = .25, seed = 1, threads = 1)
    fit(32)
    before <- sketchvae:::peak_memory_cpp()
    fit(1e8)
    sketchvae:::peak_memory_cpp() - before
  })
  expect_lt(peak, 1e8)
})

test_that("arguments are checked in the user's words", {
  x <- few_sheep(8)
  model <- small_binary()
  expect_snapshot(error = TRUE, {
    vae_fit("sheep", model)
    vae_fit(x[0], model)
    vae_fit(x, "sheep")
    vae_fit(x, "small")
    vae_fit(x, model_binary)
    vae_fit(x, list(1))
    vae_fit(x, vae_model(list(flatten(), dense(3)), 2, list(dense(64)), input = c(8, 8)))
    vae_fit(x, model, epochs = 0)
    vae_fit(x, model, epochs = 2.5)
    vae_fit(x, model, batch_size = "8")
    vae_fit(x, model, kl_start = -1)
    vae_fit(x, model, kl_steep = 0)
    vae_fit(x, model, optimizer = "adagrad")
    vae_fit(x, model, learning_rate = 0)
    vae_fit(x, model, learning_rate = NA)
    vae_fit(x, model, validation = 1)
    vae_fit(x, model, validation = .95)
    vae_fit(x, model, validation = x[0])
    vae_fit(x, model, device = "gpu")
    vae_fit(x, model, precision = "half")
    vae_fit(x, model, threads = 0)
    vae_fit(x, model, seed = -1)
    vae_fit(x, model, seed = 1.5)
    vae_fit(x, model, verbose = NA)
    vae_fit(x, model, checkpoint = 3)
    vae_fit(x, model, log_dir = 3)
  })
})
