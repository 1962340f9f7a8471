# Is a long call to say how far it is? Where it is asked to, but never in knitr.
shows_progress <- function(asked) {
  asked && !isTRUE(getOption("knitr.in.progress"))
}

# Progress for the engine, and for loops in R: NULL (silent), or a function(done, total) for RHost in src/rcpp_host.h.
# It says the time that a call will take as soon as that is known and is `long` seconds or more, and draws a bar, which
# cli shows after two seconds. `what` is done, in a sentence's words. Interrupts are held back while the engine runs, so
# that a bar is drawn whole. Without `show` somebody has to look on, or options(sketchvae.progress = TRUE) to ask for it.
progress_callback <- function(name, show = isTRUE(getOption("sketchvae.progress", interactive())),
                              env = rlang::caller_env(), what = name, long = 5, clock = function() as.double(Sys.time())) {
  if (!shows_progress(show)) {
    return(NULL)
  }
  bar <- first <- NULL
  said <- FALSE
  function(done, total) {
    now <- clock()
    # The first unit starts threads and chooses kernels: the time is told from those that come after it.
    if (is.null(first)) first <<- list(at = now, done = done)
    if (is.null(bar) && done < total) bar <<- cli::cli_progress_bar(name, total = total, .envir = env)
    passed <- now - first$at
    if (!said && passed >= 1 && done > first$done) {
      said <<- TRUE
      seconds <- passed * total / (done - first$done)
      if (seconds >= long) cli::cli_inform("{what}: about {format_seconds(seconds)}.")
    }
    if (!is.null(bar)) cli::cli_progress_update(set = done, id = bar, .envir = env)
    invisible()
  }
}
