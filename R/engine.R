# The one place where what the engine throws becomes a condition of R: its errors, in the name of
# the function that the user called, and Ctrl-C as the interrupt that it is.
run_engine <- function(expr, call = rlang::caller_env()) {
  tryCatch(
    expr,
    "sketchvae::Interrupted" = function(e) rlang::interrupt(),
    "C++Error" = function(e) {
      rlang::abort(conditionMessage(e), class = "sketchvae_engine_error", call = call)
    }
  )
}
