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
#' @param validation A fraction of `x` (drawn by the seed; [validation_last()]: the last rows) or drawings; see [vae_fit()].
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
  # A folder of the first version held out the last rows.
  known <- search_header(folder)
  if (identical(as.double(known$version), 1) && is.numeric(validation) && length(validation) == 1) {
    validation <- validation_last(validation)
  }
  split <- split_validation(x, validation, list(input = size %||% x$size), seed)
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
