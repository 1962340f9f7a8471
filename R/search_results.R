# What a search has found so far, and the folder that keeps it.

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
    format = "sketchvae search", version = 2, seed = seed, fit = decides,
    x = hash_cpp(split$train$pixels), validation = hash_cpp(split$validation$pixels)
  )
  known <- search_header(folder, call)
  if (is.null(known)) {
    dir.create(folder, showWarnings = FALSE, recursive = TRUE)
    rewrite(list_to_json_cpp(header, own = TRUE))
    return(results)
  }
  header$version <- known$version
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

# Named by what decides the result, so that a larger grid in the same folder finds what is there.
candidate_file <- function(folder, one) file.path(folder, paste0("candidate-", one$key, ".safetensors"))
