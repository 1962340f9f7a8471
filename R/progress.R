# A progress bar for the engine: NULL (silent, in knitr always), or a function(done, total) for RHost in
# src/rcpp_host.h. Interrupts are held back while the engine runs, so that a bar is drawn whole.
progress_callback <- function(name, show = interactive(), env = rlang::caller_env()) {
  if (!show || isTRUE(getOption("knitr.in.progress"))) {
    return(NULL)
  }
  bar <- NULL
  function(done, total) {
    if (is.null(bar)) {
      bar <<- cli::cli_progress_bar(name, total = total, .envir = env)
    }
    cli::cli_progress_update(set = done, id = bar, .envir = env)
    invisible()
  }
}
