# What is said of arguments that a function does not have: which one is meant, here or in the function
# that has it.

# Other words for arguments of vae_fit() and of the models, many of them Keras'.
other_words <- c(
  lr = "learning_rate", rate = "learning_rate", validationsplit = "validation", validationdata = "validation",
  valsplit = "validation", holdout = "validation", nepochs = "epochs", iterations = "epochs", bs = "batch_size",
  opt = "optimizer", ncores = "threads", cores = "threads", nthreads = "threads", gpu = "device",
  randomstate = "seed", randomseed = "seed", checkpointdir = "checkpoint", tensorboard = "log_dir", data = "x",
  warmup = "kl_start", annealing = "kl_steep", latentdims = "latent_dim", latentdimensions = "latent_dim",
  zdim = "latent_dim", ncodes = "latent_dim", units = "hidden"
)

# Stands before all else in a function that ends in `...` for this: an error unless the dots are empty.
refuse_unknown <- function(..., own, call = rlang::caller_env()) {
  if (...length() == 0) {
    return(invisible())
  }
  name <- rlang::names2(rlang::enquos(...))[[1]]
  if (!nzchar(name)) {
    cli::cli_abort("There are more arguments than {.fn {own}} has: name them.", call = call)
  }
  functions <- list(vae_fit = vae_fit, model_sheep = model_sheep, model_digits = model_digits, model_binary = model_binary)
  arguments <- lapply(functions, function(f) setdiff(names(formals(f)), "..."))
  found <- meant_argument(name, arguments[[own]])
  if (!is.null(found)) {
    cli::cli_abort("{.fn {own}} has no argument {.arg {name}}: {.arg {found}} is meant?", call = call)
  }
  elsewhere <- Filter(Negate(is.null), lapply(arguments[setdiff(names(arguments), own)], function(has) meant_argument(name, has)))
  if (length(elsewhere) == 0) {
    cli::cli_abort(c("{.fn {own}} has no argument {.arg {name}}.", i = "It takes {.arg {arguments[[own]]}}."), call = call)
  }
  in_fit <- "vae_fit" %in% names(elsewhere)
  there <- if (in_fit) "vae_fit" else names(elsewhere)
  found <- elsewhere[[there[[1]]]]
  cli::cli_abort(c(
    "{.fn {own}} has no argument {.arg {name}}: {.arg {found}} is one of {.fn {there}}.",
    i = if (own == "vae_fit") "For example {.code vae_fit(x, {there[[1]]}({found} = ...))}."
  ), call = call)
}

# The argument that a name stands for, or NULL: the same but for its spelling, another word, or two letters off.
meant_argument <- function(name, arguments) {
  plain <- function(x) gsub("[._]", "", tolower(x))
  same <- match(plain(name), plain(arguments))
  if (!is.na(same)) {
    return(arguments[[same]])
  }
  word <- unname(other_words[plain(name)])
  if (!is.na(word)) {
    return(if (word %in% arguments) word)
  }
  distance <- utils::adist(plain(name), plain(arguments))[1, ]
  if (nchar(name) > 3 && min(distance) <= 2) arguments[[which.min(distance)]]
}
