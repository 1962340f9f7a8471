# What callbacks of ours ask of a fit before its first batch: functions of the plan, the callback's name and the
# call to blame. At the end of an epoch it would be too late to say it.

check_monitor <- function(monitor) {
  force(monitor)
  function(plan, name, call) {
    columns <- monitored_columns(plan$model, length(plan$split$validation) > 0)
    if (monitor %in% columns) {
      return()
    }
    cli::cli_abort(c(
      "{.fn {name}}: this fit's history has no column {.field {monitor}} to monitor; it has {.field {columns}}.",
      i = if (startsWith(monitor, "val_")) "{.arg validation} holds drawings out: {.code vae_fit(validation = .2)}."
    ), call = call)
  }
}

monitored_columns <- function(model, validated) {
  losses <- c("loss", "reconstruction", "kl")
  c(losses, if (!is.null(model$regularizer)) "regularization", if (validated) paste0("val_", losses))
}

check_folder <- function(folder) {
  force(folder)
  function(plan, name, call) {
    why <- why_not_written(folder)
    if (!is.null(why)) cli::cli_abort("{.fn {name}} cannot write to {.file {folder}}: {why}.", call = call)
  }
}

# NULL, or why no file can be written in the folder, which is made.
why_not_written <- function(folder) {
  probe <- tempfile("write-", folder)
  on.exit(unlink(probe))
  tryCatch(
    {
      if (!dir.exists(folder)) dir.create(folder, recursive = TRUE)
      writeBin(raw(1), probe)
      NULL
    },
    warning = function(w) sub("^.*reason '(.*)'.*$", "\\1", conditionMessage(w)),
    error = conditionMessage
  )
}
