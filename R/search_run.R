# Training the candidates of a search, here or elsewhere.

# Trains the candidates, here or as futures, and hands to came() what train_candidate() found, as it comes. Ends early,
# and says FALSE, when a fit was interrupted.
run_candidates <- function(candidates, split, common, seed, keep, obey, came) {
  if (rlang::is_installed("future") && !inherits(future::plan(), "sequential")) {
    return(tryCatch(
      let_interrupts(obey, run_futures(candidates, split, common, seed, keep, function(...) suspendInterrupts(came(...)))),
      interrupt = function(e) FALSE
    ))
  }
  for (one in candidates) {
    found <- train_candidate(one, split, common, seed, keep, obey)
    if (is.null(found)) {
      return(FALSE)
    }
    came(one, found)
  }
  TRUE
}

run_futures <- function(candidates, split, common, seed, keep, came) {
  if (future::nbrOfWorkers() > 1) common$threads <- common$threads %||% 1L
  running <- list()
  collect <- function() {
    done <- vapply(running, function(job) future::resolved(job$future), NA)
    for (job in running[done]) {
      # A worker that died is a row as well.
      found <- tryCatch(future::value(job$future), error = function(e) list(row = list(error = conditionMessage(e))))
      if (!is.null(found)) came(job$one, found)
    }
    running <<- running[!done]
  }
  for (one in candidates) {
    # Waits until a worker is free.
    globals <- list(
      train = train_candidate, one = one, split = split, common = common, seed = seed, keep = keep
    )
    job <- future::future(train(one, split, common, seed, keep),
      substitute = TRUE, globals = globals, packages = "sketchvae", seed = NULL)
    running <- c(running, list(list(one = one, future = job)))
    collect()
  }
  while (length(running) > 0) {
    collect()
    Sys.sleep(.02)
  }
  TRUE
}

# A candidate's row, and its fit, if that is to be kept; NULL when it was interrupted.
train_candidate <- function(one, split, common, seed, keep, obey = TRUE) {
  warnings <- character()
  fit <- NULL
  row <- tryCatch(
    let_interrupts(obey, withCallingHandlers(
      {
        if (!is.null(one$error)) stop(one$error, call. = FALSE)
        arguments <- c(one$fit, common[setdiff(names(common), names(one$fit))])
        fit <- do.call(vae_fit, c(
          list(split$train, one$model, validation = split$validation, seed = seed, verbose = FALSE), arguments
        ))
        last <- fit$history[nrow(fit$history), ]
        c(
          list(parameters = plan_model(one$model)$total, epochs = nrow(fit$history)),
          as.list(last[intersect(search_measures, names(last))]),
          list(
            squared_error = mean(mse_anomalies(fit, split$validation, threads = common$threads)$mse),
            seconds = sum(fit$history$seconds)
          )
        )
      },
      # What a time limit cut is no result, and the limit is the search's.
      sketchvae_time_limit = function(w) rlang::signal("", "sketchvae_interrupted"),
      warning = function(w) {
        warnings <<- c(warnings, conditionMessage(w))
        invokeRestart("muffleWarning")
      },
      # The same for every candidate, and in its history.
      sketchvae_annealing = function(m) rlang::cnd_muffle(m)
    )),
    sketchvae_interrupted = function(e) NULL,
    interrupt = function(e) NULL,
    error = function(e) list(error = conditionMessage(e))
  )
  if (is.null(row)) {
    return(NULL)
  }
  if (length(warnings) > 0) row$warning <- paste(warnings, collapse = " | ")
  list(row = row, fit = if (keep) fit)
}

search_measures <- c("loss", "reconstruction", "kl", "val_loss", "val_reconstruction", "val_kl")
