# What import_keras() says of a file that it could read, but not without doubt.

# Layers that only their order told apart, and how to say otherwise.
report_matching <- function(path, read, layers, call = rlang::caller_env()) {
  ours <- vapply(layers, `[[`, "", "name")
  theirs <- stored_names(read$stored)
  halves <- which(!vapply(read$stored, function(of) is.null(of$half), NA))
  if (length(halves) > 0) {
    cli::cli_inform("{.file {path}}: layer {.val {read$stored[[halves[[1]]]]$name}} was taken as both heads, its first half as the mean.")
  }
  if (length(read$unsure) == 0) {
    return()
  }
  sets <- vapply(read$unsure, function(set) paste0(ours[set], " = \"", theirs[set], "\"", collapse = ", "), "")
  heads <- match(c("z_mean", "z_log_var"), ours)
  unsure_heads <- any(vapply(read$unsure, function(set) all(heads %in% set), NA))
  swapped <- paste0("heads = c(\"", paste(rev(theirs[heads]), collapse = "\", \""), "\")")
  warn_and_return(c(
    "{.file {path}}: layers of the same shape were told apart by their order alone:",
    stats::setNames(gsub("([{}])", "\\1\\1", sets), rep("*", length(sets))),
    i = if (unsure_heads) "If the mean is the other one of the heads: {.code {swapped}}.",
    i = "{.arg layers}, named as above, says what any layer is."
  ), call = call)
}

# What the file's layers were made without.
report_left_out <- function(path, stored, layers) {
  lines <- unlist(lapply(names(left_out), function(role) {
    lack <- unlist(Map(function(of, layer) {
      role %in% short_name(names(layer$shapes)) && is.null(of$arrays[[role]])
    }, stored, layers))
    names <- vapply(layers[lack], `[[`, "", "name")
    if (length(names) > 0) sprintf("%s, taken as %s: %s", role, left_out[[role]], paste(names, collapse = ", "))
  }))
  if (length(lines) > 0) {
    cli::cli_inform(c("{.file {path}}: these layers were made without", stats::setNames(lines, rep("*", length(lines)))))
  }
}

# A file of a whole model says what its layers compute. What does not fit is said where it is certain; an
# activation may stand in a layer of its own.
report_differences <- function(path, stored, model, call = rlang::caller_env()) {
  specs <- c(model$encoder, list(list(), list()), model$decoder)
  specs <- Filter(function(spec) is.null(spec$kind) || spec$kind %in% c("dense", "conv_2d", "conv_2d_transpose", "batch_norm"), specs)
  differ <- unlist(Map(function(of, spec) {
    if (is.null(of$config)) return(NULL)
    differing <- function(field, ours) {
      theirs <- unlist(of$config[[field]])
      if (is.null(theirs) || is.null(ours) || isTRUE(all.equal(rep_len(theirs, length(ours)), ours))) return(NULL)
      sprintf("%s of '%s' is %s, here %s", field, of$name, paste(theirs, collapse = " x "), paste(ours, collapse = " x "))
    }
    theirs <- unlist(of$config$activation)
    c(
      if (!any(c(theirs, spec$activation %||% "linear") == "linear")) differing("activation", spec$activation),
      differing("strides", unlist(spec$strides)), differing("padding", spec$padding), differing("epsilon", spec$epsilon)
    )
  }, stored, specs))
  if (length(differ) > 0) {
    warn_and_return(c(
      "{.file {path}} is of another model than {.arg model}: it will not compute the same.",
      stats::setNames(gsub("([{}])", "\\1\\1", differ), rep("*", length(differ)))
    ), call = call)
  }
}

report_not_finite <- function(path, weights, call = rlang::caller_env()) {
  bad <- vapply(weights, function(values) sum(!is.finite(values)), 1)
  if (any(bad > 0)) {
    warn_and_return(
      "{.file {path}}: {count_text(sum(bad))} of {count_text(sum(lengths(weights)))} weights are NaN or infinite, in {.val {names(bad)[bad > 0]}}.",
      call = call
    )
  }
}
