# The one place where what the engine throws becomes a condition of R: its errors, in the name of
# the function that the user called, and Ctrl-C as the interrupt that it is. R takes no interrupt
# while the engine runs: it would jump out of C++ with it. The engine looks for one itself, and ends
# in its own way; not where whoever called held interrupts back (`obey`).
run_engine <- function(expr, call = rlang::caller_env(), obey = !interrupts_held_cpp(), interrupted = rlang::interrupt()) {
  before <- obey_interrupts_cpp(obey)
  on.exit(obey_interrupts_cpp(before))
  thrown <- NULL
  value <- suspendInterrupts(tryCatch(expr,
    "sketchvae::Interrupted" = function(e) thrown <<- e,
    "C++Error" = function(e) thrown <<- e
  ))
  if (inherits(thrown, "sketchvae::Interrupted")) {
    return(interrupted)
  }
  if (!is.null(thrown)) {
    no_memory <- inherits(thrown, "std::bad_alloc")
    sentence <- if (no_memory) "There is not enough memory for this." else as_utf8(conditionMessage(thrown))
    rlang::abort(sentence, class = "sketchvae_engine_error", call = call)
  }
  value
}

# A warning about a result that is returned: options(warn = 2) does not turn it into an error, with which
# the result would be lost.
warn_and_return <- function(message, call, class = NULL, .envir = rlang::caller_env()) {
  if (getOption("warn") > 1) rlang::local_options(warn = 1)
  cli::cli_warn(message, call = call, class = class, .envir = .envir)
}

# Lets R take interrupts again within a call that holds them back, unless its own caller does too.
let_interrupts <- function(obey, expr) if (obey) allowInterrupts(expr) else expr
