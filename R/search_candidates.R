# The candidates of a search: what a grid names, and what each of its values is called.

# Arguments of vae_fit() that a grid may hold.
searched_arguments <- c("epochs", "batch_size", "kl_start", "kl_steep", "optimizer", "learning_rate")

check_search_names <- function(x, allowed, arg, call = rlang::caller_env()) {
  given <- names(x) %||% rep("", length(x))
  wrong <- !given %in% allowed | duplicated(given)
  if (any(wrong)) {
    meant <- if (all(nzchar(given))) unlist(lapply(unique(given[wrong]), meant_argument, allowed))
    cli::cli_abort(c(
      "{.arg {arg}} names {.field {if (all(nzchar(given))) unique(given[wrong]) else 'nothing'}}; it takes, each once, {.field {allowed}}.",
      i = if (length(meant) > 0) "Meant is {.field {meant}}?"
    ), call = call)
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
