# Checks of arguments, in the user's words: which argument, what was given, what is allowed.
# Each returns its (converted) argument, or aborts in the name of the function that was called.

# What was given, short enough for a sentence.
describe <- function(x) {
  each <- function(x) if (is.character(x) && !is.na(x)) dQuote(x, FALSE) else format(x, digits = 7, trim = TRUE)
  if (is.null(x)) {
    "NULL"
  } else if (is.function(x)) {
    "a function (are its parentheses missing?)"
  } else if (is.factor(x)) {
    paste0("a factor of length ", length(x))
  } else if (is.atomic(x) && length(x) == 1 && is.null(dim(x))) {
    each(x)
  } else if (is.atomic(x) && length(x) %in% 2:5 && is.null(dim(x))) {
    paste0("c(", paste(vapply(unname(x), each, ""), collapse = ", "), ")")
  } else if (is.array(x)) {
    paste0("an array of ", typeof(x), ", ", paste(dim(x), collapse = " x "))
  } else if (is.atomic(x)) {
    paste0("a vector of ", typeof(x), ", length ", length(x))
  } else {
    paste0("an object of class ", class(x)[[1]])
  }
}

# Also where the user left `x` out: every check asks missing(x), which looks through from function to
# function as long as each hands on the argument as it is.
abort_argument <- function(x, arg, allowed, call) {
  if (missing(x)) {
    cli::cli_abort("{.arg {arg}} is missing: it must be {allowed}.", call = call)
  }
  cli::cli_abort("{.arg {arg}} must be {allowed}, not {describe(x)}.", call = call)
}

# "a number from 0 to 1", "a number, 0 or more", "a number"; open ends are excluded.
describe_range <- function(what, min, max, open_min = FALSE, open_max = FALSE) {
  if (open_min || open_max) {
    low <- if (is.finite(min)) paste(if (open_min) "above" else "from", format(min))
    high <- if (is.finite(max)) paste(if (open_max) "below" else "up to", format(max))
    return(paste(what, paste(c(low, high), collapse = " and ")))
  }
  if (is.finite(min) && is.finite(max)) {
    paste(what, "from", format(min), "to", format(max))
  } else if (is.finite(min)) {
    paste0(what, ", ", format(min), " or more")
  } else if (is.finite(max)) {
    paste0(what, ", ", format(max), " or less")
  } else {
    what
  }
}

# What only looks like numbers of R, as the numbers they are, anything else as it is. Every argument that may be
# numbers goes through this before it is looked at, and it is the result that is used. bit64's integers, 64 bits in
# what R takes for doubles, become doubles (exactly, up to 2^53), whether bit64 is there or not; matrices of package
# Matrix, sparse ones among them, become R's own.
plain_number <- function(x) {
  if (isS4(x) && inherits(x, "Matrix")) {
    return(as.matrix(x))
  }
  if (!inherits(x, "integer64")) {
    return(x)
  }
  words <- readBin(writeBin(as.vector(unclass(x)), raw()), "integer", 2 * length(x))
  odd <- c(TRUE, FALSE)
  low <- words[if (.Platform$endian == "little") odd else !odd]
  high <- words[if (.Platform$endian == "little") !odd else odd]
  # The smallest integer is R's NA.
  low <- ifelse(is.na(low), 2^31, low + ifelse(is.na(low) | low >= 0, 0, 2^32))
  missing <- is.na(high) & low == 0
  value <- ifelse(is.na(high), -2^31, high) * 2^32 + low
  value[missing] <- NA
  dim(value) <- dim(x)
  dimnames(value) <- dimnames(x)
  value
}

# A data frame, be it a tibble or a data.table, whose columns are plain numbers where they are numbers.
plain_columns <- function(x) {
  x <- as.data.frame(x)
  x[] <- lapply(x, plain_number)
  x
}

# One finite number in [min, max]; an open end itself is not allowed.
check_number <- function(x, arg = rlang::caller_arg(x), min = -Inf, max = Inf, open_min = FALSE,
                         open_max = FALSE, null = FALSE, call = rlang::caller_env()) {
  if (null && is.null(x)) {
    return(NULL)
  }
  force(arg)
  if (!missing(x)) x <- plain_number(x)
  ok <- !missing(x) && is.numeric(x) && length(x) == 1 && is.finite(x) && x >= min && x <= max
  if (!ok || (open_min && x == min) || (open_max && x == max)) {
    abort_argument(x, arg, describe_range("a number", min, max, open_min, open_max), call)
  }
  as.double(x)
}

# One whole number in [min, max]; returned as an integer where it fits, else as a double.
check_count <- function(x, arg = rlang::caller_arg(x), min = 1, max = Inf, null = FALSE,
                        call = rlang::caller_env()) {
  if (null && is.null(x)) {
    return(NULL)
  }
  force(arg)
  if (!missing(x)) x <- plain_number(x)
  ok <- !missing(x) && is.numeric(x) && length(x) == 1 && is.finite(x) && x == round(x) && x >= min && x <= max
  if (!ok) {
    abort_argument(x, arg, describe_range("a whole number", min, max), call)
  }
  if (abs(x) <= .Machine$integer.max) as.integer(x) else as.double(x)
}

check_flag <- function(x, arg = rlang::caller_arg(x), call = rlang::caller_env()) {
  if (missing(x) || !is.logical(x) || length(x) != 1 || is.na(x)) {
    abort_argument(x, arg, "TRUE or FALSE", call)
  }
  x
}

check_string <- function(x, arg = rlang::caller_arg(x), null = FALSE, call = rlang::caller_env()) {
  if (null && is.null(x)) {
    return(NULL)
  }
  if (missing(x) || !is.character(x) || length(x) != 1 || is.na(x) || !nzchar(x)) {
    abort_argument(x, arg, "one string", call)
  }
  x
}

# A path with ~ expanded; with exists = TRUE a file must be there. A pipe, device or socket is refused always: who
# opens one may wait for ever.
check_path <- function(x, arg = rlang::caller_arg(x), exists = FALSE,
                       call = rlang::caller_env()) {
  path <- path.expand(check_string(x, arg, call = call))
  if (exists && !file.exists(path)) {
    cli::cli_abort("{.arg {arg}}: there is no file {.file {path}}.", call = call)
  }
  other <- other_than_file_cpp(path)
  if (exists && other == "a folder") {
    cli::cli_abort("{.arg {arg}} must name a file; {.file {path}} is a folder.", call = call)
  }
  if (!other %in% c("", "a folder")) {
    cli::cli_abort("{.arg {arg}}: {.file {path}} is {other}, neither a file nor a folder.", call = call)
  }
  path
}

# A path that setwd() does not change. It need not be there.
absolute_path <- function(path) {
  if (grepl("^([/\\\\]|[A-Za-z]:)", path)) path else file.path(getwd(), path)
}

# A numeric matrix of finite values as double storage; cols = NULL allows any number of columns.
check_matrix <- function(x, arg = rlang::caller_arg(x), cols = NULL, call = rlang::caller_env()) {
  force(arg)
  if (!missing(x) && is.data.frame(x)) {
    x <- plain_columns(x)
    other <- !vapply(x, function(column) is.numeric(column) || is.logical(column), NA)
    if (any(other)) {
      cli::cli_abort(
        "{.arg {arg}} must hold numbers only; its column {.val {names(x)[other][[1]]}} is of class {.cls {class(x[other][[1]])[[1]]}}.",
        call = call
      )
    }
    x <- as.matrix(x)
  }
  if (!missing(x)) x <- plain_number(x)
  if (missing(x) || !is.numeric(x) || !is.matrix(x)) {
    allowed <- if (is.null(cols)) "a numeric matrix" else paste("a numeric matrix of", cols, "columns")
    if (!missing(x) && inherits(x, c("vae", "drawings"))) {
      allowed <- paste(allowed, "(codes of drawings: see vae_encode())")
    }
    abort_argument(x, arg, allowed, call)
  }
  if (!is.null(cols) && ncol(x) != cols) {
    cli::cli_abort("{.arg {arg}} must have {cols} column{?s}, not {ncol(x)}.", call = call)
  }
  if (!all(is.finite(x))) {
    bad <- which(rowSums(!is.finite(x)) > 0)[[1]]
    cli::cli_abort("{.arg {arg}} must hold finite numbers only; row {bad} does not.", call = call)
  }
  storage.mode(x) <- "double"
  x
}

check_class <- function(x, class, arg = rlang::caller_arg(x), made_by = NULL,
                        call = rlang::caller_env()) {
  if (missing(x) || !inherits(x, class)) {
    hint <- if (!is.null(made_by)) paste0(" (see ", made_by, ")") else ""
    abort_argument(x, arg, paste0("an object of class ", class, hint), call)
  }
  x
}

# Threads of a long call: the argument, else options(sketchvae.threads), else the physical cores
# this process may use, within OMP_THREAD_LIMIT.
check_threads <- function(x, arg = rlang::caller_arg(x), call = rlang::caller_env()) {
  given <- check_count(x, arg, max = 1024, null = TRUE, call = call)
  if (!is.null(given)) {
    return(given)
  }
  option <- check_count(getOption("sketchvae.threads"), "options(sketchvae.threads)", max = 1024,
    null = TRUE, call = call
  )
  if (!is.null(option)) option else default_threads_cpp()
}

# Threads of what LibTorch computes: its sums depend on how many share them, so that fewer would give another
# result. Those of clusters and searches are a most: there OMP_THREAD_LIMIT does not count.
check_team <- function(x, arg = rlang::caller_arg(x), call = rlang::caller_env()) {
  force(arg)
  threads <- check_threads(x, arg, call)
  limit <- thread_limit_cpp()
  if (threads > limit) {
    if (is.null(x)) arg <- "options(sketchvae.threads)"
    abort_argument(threads, arg, paste0("at most ", limit, ", the limit that OMP_THREAD_LIMIT sets"), call)
  }
  threads
}

# Whole numbers from 1, as many as `lengths` (a range) allows; returned as doubles.
check_counts <- function(x, arg = rlang::caller_arg(x), lengths, call = rlang::caller_env()) {
  force(arg)
  if (!missing(x)) x <- plain_number(x)
  ok <- !missing(x) && is.numeric(x) && length(x) %in% lengths && all(is.finite(x)) && all(x == round(x)) &&
    all(x >= 1)
  if (!ok) {
    many <- if (length(lengths) == 1) lengths else paste(min(lengths), "to", max(lengths))
    abort_argument(x, arg, paste(many, "whole numbers, 1 or more"), call)
  }
  as.double(x)
}

# One of the strings in `choices`.
check_choice <- function(x, choices, arg = rlang::caller_arg(x), call = rlang::caller_env()) {
  if (missing(x) || !is.character(x) || length(x) != 1 || !x %in% choices) {
    last <- length(choices)
    quoted <- dQuote(choices, FALSE)
    allowed <- paste(paste(quoted[-last], collapse = ", "), "or", quoted[last])
    abort_argument(x, arg, allowed, call)
  }
  x
}

# No coordinate of a point may lie farther from 0 (kLargestCoordinate in src/engine/latent/points.h): squares
# of distances would overflow.
largest_coordinate <- 1e100

# Points of a latent space: a matrix of numbers up to largest_coordinate, one column or more, any number of rows.
check_latent <- function(x, arg = rlang::caller_arg(x), call = rlang::caller_env()) {
  force(arg)
  x <- check_matrix(x, arg, call = call)
  if (ncol(x) < 1) {
    cli::cli_abort("{.arg {arg}} must have one column or more, not 0.", call = call)
  }
  if (length(x) > 0 && max(max(x), -min(x)) > largest_coordinate) {
    far <- which(abs(x) > largest_coordinate)[[1]]
    cli::cli_abort(
      paste(
        "{.arg {arg}} must hold numbers from {-largest_coordinate} to {largest_coordinate};",
        "row {(far - 1) %% nrow(x) + 1} holds {x[[far]]}."
      ),
      call = call
    )
  }
  x
}

# Two numbers in increasing order, both in [min, max].
check_range <- function(x, arg = rlang::caller_arg(x), min = -Inf, max = Inf,
                        call = rlang::caller_env()) {
  force(arg)
  x <- plain_number(x)
  ok <- is.numeric(x) && length(x) == 2 && all(is.finite(x)) && x[[1]] <= x[[2]] &&
    x[[1]] >= min && x[[2]] <= max
  if (!ok) {
    allowed <- paste("two increasing numbers, each", describe_range("a number", min, max))
    abort_argument(x, arg, allowed, call)
  }
  as.double(x)
}

# One finite number, 0 or more, for each of n rows; NULL stays NULL.
check_weights <- function(x, n, arg = rlang::caller_arg(x), call = rlang::caller_env()) {
  if (is.null(x)) {
    return(NULL)
  }
  force(arg)
  x <- plain_number(x)
  if (!is.numeric(x) || length(x) != n || !all(is.finite(x)) || any(x < 0)) {
    abort_argument(x, arg, paste("NULL, or", n, "finite numbers, 0 or more"), call)
  }
  as.double(x)
}
