#' The last rows for validation
#'
#' `vae_fit(x, validation = .2)` holds out a fifth of the drawings, drawn by the fit's seed: of every label its share,
#' where there are labels, so that data sorted by category train on all of them. `validation_last(.2)` holds out the
#' last rows instead, as Keras' `validation_split` does: the same drawings whatever the seed, which is what results of
#' Keras are compared with, and what data in order of time may need.
#'
#' @param fraction The fraction of the drawings to hold out: a number above 0 and below 1.
#' @returns An object for `validation` of [vae_fit()] and [vae_search()].
#' @seealso `fit$held_out`, the row numbers of what a fit was validated on: `x[fit$held_out]`.
#' @export
#' @examples
#' x <- simulate_sheep(60, seed = 1)
#' fit <- vae_fit(x, model_binary(hidden = 20), epochs = 1, validation = validation_last(.2), seed = 1)
#' fit$held_out
validation_last <- function(fraction) {
  structure(list(fraction = check_fraction(fraction)), class = "vae_validation_last")
}

#' @export
print.vae_validation_last <- function(x, ...) {
  cat("The last rows for validation, ", format(100 * x$fraction, digits = 3), " % of the drawings\n", sep = "")
  invisible(x)
}

check_fraction <- function(x, arg = rlang::caller_arg(x), call = rlang::caller_env()) {
  check_number(x, arg, min = 0, max = 1, open_min = TRUE, open_max = TRUE, call = call)
}

# list(train, validation, held_out): drawings, and the row numbers of what was held out, if a fraction was.
# `before` is the fit that is trained further: what it was validated on stays held out.
split_validation <- function(x, validation, model, seed, before = NULL, call = rlang::caller_env()) {
  if (is.null(validation)) {
    return(list(train = x, validation = new_drawings(raw())))
  }
  last <- inherits(validation, "vae_validation_last")
  validation <- plain_number(validation)
  if (!last && !(is.numeric(validation) && length(validation) == 1)) {
    return(list(train = x, validation = check_drawings_fit(validation, model, "validation", call = call)))
  }
  n <- length(x)
  fraction <- if (last) validation$fraction else check_fraction(validation, "validation", call)
  # Keras' own arithmetic, with its rounding: .29 of 100 are 29.
  kept <- floor(n * (1 - fraction))
  if (kept < 1 || kept >= n) {
    cli::cli_abort("{.arg validation}: {fraction} of {n} drawing{?s} leaves nothing to {if (kept < 1) 'train' else 'validate'} on.", call = call)
  }
  known <- before$held_out
  held_out <- if (last) {
    seq(kept + 1, n)
  } else if (length(known) == n - kept && identical(as.double(before$n), as.double(kept))) {
    known
  } else {
    drawn_rows(x$labels, n, n - kept, seed)
  }
  list(train = x[-held_out], validation = x[held_out], held_out = as.integer(held_out))
}

# `many` of n row numbers, drawn by the seed: of every label its share, to the nearest whole numbers that add up. Labels
# that occur once are one kind together.
drawn_rows <- function(labels, n, many, seed) {
  kind <- if (is.null(labels)) rep(1L, n) else match(labels, unique(labels))
  sizes <- tabulate(kind)
  kind[sizes[kind] == 1] <- 0L
  groups <- split(seq_len(n), kind)
  with_seed(seed %% .Machine$integer.max, {
    share <- many * lengths(groups) / n
    take <- floor(share)
    more <- order(take - share, stats::runif(length(groups)))[seq_len(many - sum(take))]
    take[more] <- take[more] + 1
    rows <- Map(function(rows, k) rows[sample.int(length(rows), k)], groups, take)
  })
  sort(unlist(rows, use.names = FALSE))
}

# What a fraction held out, in a sentence.
format_held_out <- function(split, validation) {
  n <- length(split$train) + length(split$validation)
  how <- if (inherits(validation, "vae_validation_last")) {
    "the last rows"
  } else if (!is.null(split$train$labels)) {
    "drawn by the seed, of every label its share"
  } else {
    "drawn by the seed"
  }
  paste0("Held out for validation: ", count_text(length(split$validation)), " of ", count_text(n), " drawings, ", how, ".")
}

# A sentence about last rows whose labels training never sees, or NULL.
unseen_labels <- function(split) {
  unseen <- setdiff(unique(split$validation$labels), split$train$labels)
  if (length(unseen) > 0) paste0("'", utils::head(unseen, 5), "'", collapse = ", ")
}
