#' Search for good models
#'
#' Trains one candidate after the other, all on the same drawings with the same seed, scores all on the same
#' validation drawings, and tells how they did: latent dimensions, filters, batch sizes, schedules, whole
#' architectures. The whole grid, or `draws` candidates at random.
#'
#' A candidate that fails is a row with the error's message, not the search's end. Through the future package,
#' where it is installed, candidates run wherever `future::plan()` says: `plan(multisession)` for several
#' processes on this machine, `plan(cluster, workers = hosts)` for several machines. Without a plan they run
#' one after the other here. (`plan(multicore)` forks, which LibTorch does not survive.)
#'
#' @param x Drawings: anything [as_drawings()] takes.
#' @param models A function that makes models ([model_sheep], not `model_sheep()`), whose arguments may be part
#'   of `grid`; a model; or a list of models, best a named one.
#' @param grid What is tried: a named list of vectors or lists, of which every combination is a candidate, or
#'   a data frame with a row a candidate. Names are arguments of `models`, if it is a function, or `epochs`,
#'   `batch_size`, `kl_start`, `kl_steep`, `optimizer`, `learning_rate` of [vae_fit()]. With `draws`, an
#'   element may be a function of n that gives n random values: `\(n) 10^runif(n, -4, -2)`.
#' @param draws How many candidates to draw at random, a whole number from 1; `NULL`: all.
#' @param validation A fraction of `x` (its last rows) or drawings; see [vae_fit()].
#' @param folder A folder that keeps what was found: a line a candidate in `results.jsonl`, appended as it
#'   comes, and each fit, whose file stands in column `file`, for [load_vae()]. The same call again, after a kill
#'   too, trains only what is missing, and so does one with a larger grid; other drawings, another seed or
#'   other arguments in `...` are an error. `NULL` keeps nothing.
#' @param seed A whole number from 0, the seed of every candidate and of the draws; `NULL` takes the folder's, or
#'   draws one from R's generator.
#' @param ... More arguments of [vae_fit()] for all candidates, such as `epochs` or `callbacks`. `threads` is
#'   1 where several candidates run at a time, unless given.
#' @param verbose Tell of each candidate as it comes?
#' @returns A data frame of class `vae_search` with a row a candidate, in the grid's order: `candidate` (its
#'   number), `model` (where there are several), what was tried, `parameters` (of the model), then of the
#'   last epoch `epochs`, `loss`, `reconstruction`, `kl`, `val_loss`, `val_reconstruction`, `val_kl`, then
#'   `squared_error` (mean over the validation drawings, as [mse_anomalies()] has it: the one to compare models
#'   of different losses by), `seconds`, `warning` and `error` (messages, or `NA`), and `file`, if there is a
#'   folder. `print()` shows the best, `plot()` draws them, by any of the numbers. An interrupted search returns the
#'   rows there are.
#' @section Errors: A grid that names something else; more `draws` than there are combinations, where none is
#'   random.
#' @export
#' @examples
#' x <- simulate_sheep(100, seed = 1)
#' found <- vae_search(x, model_binary, list(latent_dim = c(2, 5), batch_size = c(10, 50)),
#'   hidden = 20, epochs = 2, seed = 1)
#' found
vae_search <- function(x, models, grid = list(), draws = NULL, validation = .2, folder = NULL, seed = NULL,
                       ..., verbose = interactive()) {
  x <- to_drawings(x)
  models <- check_models(models)
  draws <- check_count(draws, null = TRUE)
  folder <- if (!is.null(folder)) absolute_path(check_path(folder))
  check_flag(verbose)
  common <- list(...)
  makes <- is.function(models)
  own <- if (makes) common[names(common) %in% names(formals(models))] else list()
  common <- common[setdiff(names(common), names(own))]
  check_search_names(common, setdiff(names(formals(vae_fit)), c("x", "model", "validation", "seed", "verbose", "checkpoint", "...")), "...")
  seed <- check_seed(seed %||% search_header(folder)$seed)
  values <- search_values(grid, if (makes) setdiff(names(formals(models)), "...") else character(), draws, seed)
  candidates <- search_candidates(models, own, values)

  size <- candidates[[match(TRUE, vapply(candidates, function(one) is.null(one$error), NA), nomatch = 1)]]$model$input
  split <- split_validation(x, validation, list(input = size %||% x$size))
  results <- search_results(folder, seed, split, common)
  todo <- Filter(function(one) is.null(results$rows[[one$key]]), candidates)
  came <- function(one, found) {
    # Here, not where it was trained: a worker may have another disk.
    if (!is.null(found$fit)) save_vae(found$fit, candidate_file(folder, one))
    row <- found$row
    results$add(one$key, row)
    if (verbose) cli::cli_inform("Candidate {one$number} of {length(candidates)}: {describe_candidate(one, row)}")
  }
  # R takes interrupts while candidates are trained, and nowhere else: the rows so far are kept.
  obey <- !interrupts_held_cpp()
  suspendInterrupts({
    whole <- run_candidates(todo, split, common, seed, !is.null(folder), obey, came)
    table <- search_table(candidates, results$rows, folder)
    if ((obey && take_interrupt_cpp()) || !whole) cli::cli_inform("Interrupted: the rows so far are returned.")
    table
  })
}

# A function that makes models, or a list of models.
check_models <- function(models, call = rlang::caller_env()) {
  if (!missing(models) && inherits(models, "vae_model")) models <- list(models)
  if (missing(models) || !is.function(models) &&
    (!is.list(models) || length(models) == 0 || !all(vapply(models, inherits, NA, "vae_model")))) {
    abort_argument(models, "models", "a function that makes models, a model or a list of models (see ?vae_model)", call)
  }
  models
}

# Arguments of vae_fit() that a grid may hold.
searched_arguments <- c("epochs", "batch_size", "kl_start", "kl_steep", "optimizer", "learning_rate")

check_search_names <- function(x, allowed, arg, call = rlang::caller_env()) {
  given <- names(x) %||% rep("", length(x))
  wrong <- !given %in% allowed | duplicated(given)
  if (any(wrong)) {
    cli::cli_abort(
      "{.arg {arg}} names {.field {if (all(nzchar(given))) unique(given[wrong]) else 'nothing'}}; it takes, each once, {.field {allowed}}.",
      call = call
    )
  }
}

# The grid as a list of candidates' values, each a named list.
search_values <- function(grid, model_arguments, draws, seed, call = rlang::caller_env()) {
  if (!is.list(grid) || (is.object(grid) && !is.data.frame(grid))) {
    abort_argument(grid, "grid", "a named list or a data frame", call)
  }
  check_search_names(grid, c(model_arguments, searched_arguments), "grid", call)
  random <- vapply(grid, is.function, NA)
  if (any(random) && is.null(draws)) {
    cli::cli_abort("{.arg grid} draws {.field {names(grid)[random]}} at random: {.arg draws} must say how often.", call = call)
  }
  if (any(lengths(grid) == 0)) {
    cli::cli_abort("{.arg grid} has no values for {.field {names(grid)[lengths(grid) == 0]}}.", call = call)
  }
  fixed <- grid[!random]
  at <- if (is.data.frame(grid)) {
    matrix(seq_len(nrow(grid)), nrow(grid), ncol(grid))
  } else {
    unname(as.matrix(expand.grid(lapply(fixed, seq_along))))
  }
  # A grid of nothing is one candidate: the model as it is.
  if (length(fixed) == 0) at <- matrix(0L, 1, 0)
  with_seed(seed %% .Machine$integer.max, {
    if (!is.null(draws)) {
      if (!any(random) && draws > nrow(at)) {
        cli::cli_abort("{.arg draws} asks for {draws} candidates of {nrow(at)}.", call = call)
      }
      at <- at[sort(sample.int(nrow(at), draws, replace = draws > nrow(at))), , drop = FALSE]
    }
    drawn <- lapply(grid[random], function(f) f(nrow(at)))
  })
  if (any(lengths(drawn) != nrow(at))) {
    cli::cli_abort("{.arg grid}: {.field {names(drawn)[lengths(drawn) != nrow(at)]}} must give as many values as it is asked for.", call = call)
  }
  lapply(seq_len(nrow(at)), function(i) {
    chosen <- c(
      Map(function(values, k) values[[k]], fixed, at[i, ]),
      lapply(drawn, function(values) values[[i]])
    )
    chosen[names(grid)]
  })
}

# Every candidate as list(number, label, values, model or error, fit = arguments of vae_fit(), key). The key says what
# decides its result.
search_candidates <- function(models, own, values, call = rlang::caller_env()) {
  if (is.function(models)) {
    made <- list(list(label = NULL, make = function(arguments) do.call(models, c(own, arguments))))
  } else {
    labels <- rlang::names2(models)
    blank <- !nzchar(labels)
    labels[blank] <- vapply(models[blank], function(model) model$name %||% "vae", "")
    labels <- make.unique(labels, " ")
    made <- Map(function(model, label) list(label = if (length(models) > 1) label, make = function(arguments) model), models, labels)
  }
  candidates <- unlist(unname(lapply(made, function(one) {
    lapply(values, function(value) {
      for_fit <- names(value) %in% searched_arguments
      model <- tryCatch(check_class(one$make(value[!for_fit]), "vae_model", "models"), error = identity)
      list(
        label = one$label, values = value, fit = value[for_fit],
        model = if (inherits(model, "vae_model")) model,
        error = if (inherits(model, "error")) conditionMessage(model)
      )
    })
  })), recursive = FALSE)
  keys <- make.unique(vapply(candidates, function(one) hash_cpp(charToRaw(list_to_json_cpp(one, own = TRUE))), ""))
  lapply(seq_along(candidates), function(i) c(list(number = i, key = keys[[i]]), candidates[[i]]))
}

results_file <- function(folder) file.path(folder, "results.jsonl")

# The first line of a folder's results, or NULL.
search_header <- function(folder, call = rlang::caller_env()) {
  if (is.null(folder) || !isTRUE(file.size(results_file(folder)) > 0)) {
    return(NULL)
  }
  header <- tryCatch(json_to_list_cpp(readLines(results_file(folder), 1, warn = FALSE), own = TRUE), error = function(e) NULL)
  if (!identical(header$format, "sketchvae search")) {
    cli::cli_abort("{.file {results_file(folder)}} holds no search.", call = call)
  }
  header
}

# What is known of the candidates, by key, and add(key, row) to know more; kept in the folder, if there is one.
search_results <- function(folder, seed, split, common, call = rlang::caller_env()) {
  results <- rlang::env(rows = list())
  results$add <- function(key, row) {
    results$rows[[key]] <- row
    if (!is.null(folder)) append_line(list_to_json_cpp(c(list(key = key), row), own = TRUE))
  }
  append_line <- function(line) cat(line, "\n", file = results_file(folder), sep = "", append = TRUE)
  rewrite <- function(lines) {
    write_whole(results_file(folder), function(part) write_lines(lines, part), arg = "folder", call = call)
  }
  if (is.null(folder)) {
    return(results)
  }
  decides <- common[setdiff(names(common), c("threads", "device", "callbacks", "log_dir"))]
  header <- list(
    format = "sketchvae search", version = 1, seed = seed, fit = decides,
    x = hash_cpp(split$train$pixels), validation = hash_cpp(split$validation$pixels)
  )
  known <- search_header(folder, call)
  if (is.null(known)) {
    dir.create(folder, showWarnings = FALSE, recursive = TRUE)
    rewrite(list_to_json_cpp(header, own = TRUE))
    return(results)
  }
  if (!identical(list_to_json_cpp(known, own = TRUE), list_to_json_cpp(header, own = TRUE))) {
    cli::cli_abort(c(
      "{.arg folder} holds another search: other drawings, another seed or other arguments.",
      i = "Give it another folder, or empty {.file {folder}}."
    ), call = call)
  }
  # A line that was cut by a kill or a full disk is none.
  text <- readChar(results_file(folder), file.size(results_file(folder)), useBytes = TRUE)
  lines <- strsplit(text, "\n", fixed = TRUE)[[1]]
  rows <- lapply(lines, function(line) tryCatch(json_to_list_cpp(line, own = TRUE), error = function(e) NULL))
  whole <- lengths(rows) > 0
  if (!all(whole) || !endsWith(text, "\n")) rewrite(lines[whole])
  for (row in rows[whole][-1]) results$rows[[row$key]] <- row[setdiff(names(row), "key")]
  results
}

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
      warning = function(w) {
        warnings <<- c(warnings, conditionMessage(w))
        invokeRestart("muffleWarning")
      }
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

# Named by what decides the result, so that a larger grid in the same folder finds what is there.
candidate_file <- function(folder, one) file.path(folder, paste0("candidate-", one$key, ".safetensors"))

# A value of the grid as something that a column holds.
value_text <- function(value) {
  if (inherits(value, "vae_lr_schedule")) {
    paste0(if (!is.null(value$rate)) paste0(format(value$rate), ", "), format_lr_schedule(value))
  } else if (inherits(value, "vae_optimizer")) {
    format_optimizer(value)
  } else if (is.atomic(value) && length(value) == 1) {
    value
  } else if (is.atomic(value)) {
    paste(value, collapse = " ")
  } else {
    describe(value)
  }
}

describe_candidate <- function(one, row) {
  tried <- vapply(one$values, function(value) format(value_text(value), digits = 4), "")
  paste0(
    paste(c(one$label, paste(names(tried), tried)), collapse = ", "), if (length(tried) > 0 || !is.null(one$label)) ": ",
    if (!is.null(row$error)) paste("failed:", row$error) else paste("val_loss", format(row$val_loss, digits = 4))
  )
}

# The rows that are known as a data frame.
search_table <- function(candidates, rows, folder) {
  candidates <- Filter(function(one) !is.null(rows[[one$key]]), candidates)
  column <- function(values) {
    # One type a column: text as soon as one value is text.
    unlist(if (any(vapply(values, is.character, NA))) lapply(values, as.character) else values)
  }
  table <- data.frame(candidate = vapply(candidates, `[[`, 0L, "number"))
  if (!all(vapply(candidates, function(one) is.null(one$label), NA))) {
    table$model <- vapply(candidates, `[[`, "", "label")
  }
  tried <- names(candidates[[1]]$values)
  for (name in tried) {
    # What was tried goes before what came of it, were they called the same.
    table[[name]] <- column(lapply(candidates, function(one) value_text(one$values[[name]])))
  }
  for (name in setdiff(c("parameters", "epochs", search_measures, "squared_error", "seconds"), names(table))) {
    table[[name]] <- vapply(candidates, function(one) as.double(rows[[one$key]][[name]] %||% NA), 0)
  }
  for (name in c("warning", "error")) {
    table[[name]] <- vapply(candidates, function(one) rows[[one$key]][[name]] %||% NA_character_, "")
  }
  if (!is.null(folder)) {
    files <- vapply(candidates, candidate_file, "", folder = folder)
    table$file <- ifelse(file.exists(files), files, NA)
  }
  structure(table, class = c("vae_search", "data.frame"), tried = c(intersect("model", names(table)), tried))
}

# Rows that did not fail, the best first.
best_rows <- function(x, by, call = rlang::caller_env()) {
  columns <- names(x)[vapply(x, is.numeric, NA)]
  check_choice(by, columns, "by", call)
  x <- as.data.frame(x)
  x <- x[!is.na(x[[by]]), ]
  x[order(x[[by]]), ]
}

#' @param by A column of numbers: lower is better.
#' @param n How many candidates to show.
#' @rdname vae_search
#' @export
print.vae_search <- function(x, by = "val_loss", n = 10, ...) {
  tried <- intersect(attr(x, "tried"), names(x))
  # A part of the columns is a plain data frame.
  if (!all(c("candidate", "error", by) %in% names(x))) {
    return(invisible(print(as.data.frame(x), ...)))
  }
  best <- best_rows(x, by)
  failed <- sum(!is.na(x$error))
  cat("Search over ", count_text(nrow(x)), if (nrow(x) == 1) " candidate" else " candidates",
    if (failed > 0) paste0(" (", count_text(failed), " failed, see $error)"), ", the best by ", by, " first\n", sep = "")
  shown <- utils::head(best[unique(c("candidate", tried, by, "val_loss", "squared_error", "kl", "seconds"))], n)
  if (nrow(shown) > 0) {
    print(format(shown, digits = 4), row.names = FALSE)
  }
  invisible(x)
}

#' @export
as.data.frame.vae_search <- function(x, row.names = NULL, optional = FALSE, ...) {
  attr(x, "tried") <- NULL
  class(x) <- "data.frame"
  x
}

#' @rdname vae_search
#' @export
plot.vae_search <- function(x, by = "val_loss", n = 25, ...) {
  best <- utils::head(best_rows(x, by), n)
  if (nrow(best) == 0) {
    cli::cli_abort("{.arg x} has no candidate that did not fail.")
  }
  tried <- attr(x, "tried")
  said <- vapply(seq_len(nrow(best)), function(i) {
    paste(tried, vapply(best[i, tried, drop = FALSE], function(v) if (is.numeric(v)) format(v, digits = 3) else v, ""), collapse = "; ")
  }, "")
  best$what <- if (length(tried) > 0) paste0(best$candidate, ": ", said) else as.character(best$candidate)
  best$what <- factor(best$what, rev(best$what))
  best$value <- best[[by]]
  failed <- sum(!is.na(x$error))
  ggplot2::ggplot(best, ggplot2::aes(.data$value, .data$what)) +
    ggplot2::geom_point(size = 2, colour = okabe_ito[[1]]) +
    ggplot2::geom_point(data = best[1, ], size = 3.5, shape = 21, stroke = 1.2, colour = okabe_ito[[2]]) +
    ggplot2::labs(
      x = by, y = NULL, title = paste0(
        if (nrow(best) < sum(!is.na(x[[by]]))) paste("The best", nrow(best), "of"), if (nrow(best) < sum(!is.na(x[[by]]))) " ",
        count_text(nrow(x)), " candidates by ", by
      ),
      caption = if (failed > 0) paste(count_text(failed), if (failed == 1) "candidate" else "candidates", "failed")
    ) +
    theme_sketchvae()
}
