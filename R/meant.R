# What is said of arguments that a function does not have: which one is meant, here or in the function
# that has it.

# Other words for arguments of vae_fit() and of the models, many of them Keras'.
other_words <- c(
  lr = "learning_rate", rate = "learning_rate", validationsplit = "validation", validationdata = "validation",
  valsplit = "validation", holdout = "validation", nepochs = "epochs", iterations = "epochs", bs = "batch_size",
  opt = "optimizer", ncores = "threads", cores = "threads", nthreads = "threads", gpu = "device",
  randomstate = "seed", randomseed = "seed", checkpointdir = "checkpoint", tensorboard = "log_dir", data = "x",
  warmup = "kl_start", annealing = "kl_steep", latentdims = "latent_dim", latentdimensions = "latent_dim",
  zdim = "latent_dim", ncodes = "latent_dim", units = "hidden", dims = "latent_dim", dim = "latent_dim",
  dimensions = "latent_dim", epoch = "epochs", nfilters = "filters", channels = "filters", callback = "callbacks"
)

# What is no argument anywhere: a sentence for each name, and the names that it is called by.
elsewhere_sentences <- list(
  list(
    c("size", "inputsize", "imagesize", "input", "inputshape", "inputdim", "shape", "width", "height", "rows", "cols"),
    "The posts' models take drawings of 28 x 28. For drawings of another size write a model: {.code vae_model(input = c(32, 32), ...)}, see {.help vae_model}."
  ),
  list(
    c("beta", "klweight", "klbeta"),
    "The KL term's weight is a part of the model: {.code model$kl$weight <- .5} before fitting, see {.help kl_divergence}."
  ),
  list("patience", "Stopping early is a callback: {.code vae_fit(x, callbacks = callback_early_stopping(patience = 3))}."),
  list("shuffle", "Shuffling is a part of the model's recipe: {.code model$recipe$shuffle <- FALSE} before fitting."),
  list("loss", "The loss is a part of the model: {.code vae_model(reconstruction = )}, see {.help losses}."),
  list(c("n", "samples", "nsamples"), "To train on a part of the drawings, give that part: {.code vae_fit(x[1:1000])}.")
)

# The posts' models, by name.
presets <- function() list(sheep = model_sheep, digits = model_digits, binary = model_binary)

# A model, or an error that says how one is made.
check_model <- function(model, call = rlang::caller_env()) {
  if (inherits(model, "vae_model")) {
    return(model)
  }
  made_by <- paste0("model_", names(presets()))
  named <- if (is.function(model)) {
    made_by[vapply(presets(), identical, NA, model)]
  } else if (is.character(model) && length(model) == 1) {
    made_by[sub("^model_", "", tolower(model)) == names(presets())]
  }
  meant <- if (length(named) == 1) {
    "Meant is {.code {named}()}?"
  } else if (is.function(model)) {
    "Call the function {.code model()}?"
  }
  of <- c("the sheep post's, convolutions", "the digits post's, strided convolutions", "the binary post's, dense layers")
  cli::cli_abort(c(
    "{.arg model} must be a model, not {describe(model)}.",
    i = meant,
    stats::setNames(paste0("{.code ", made_by, "()}: ", of), rep("*", length(of))),
    "*" = "{.code vae_model()}: your own. A smaller one of the posts': {.code model_sheep(filters = 4)}."
  ), call = call)
}

# Stands before all else in a function that ends in `...` for this: an error unless the dots are empty.
refuse_unknown <- function(..., own, call = rlang::caller_env()) {
  if (...length() == 0) {
    return(invisible())
  }
  name <- rlang::names2(rlang::enquos(...))[[1]]
  if (!nzchar(name)) {
    cli::cli_abort("There are more arguments than {.fn {own}} has: name them.", call = call)
  }
  functions <- c(list(vae_fit = vae_fit), stats::setNames(presets(), paste0("model_", names(presets()))))
  arguments <- lapply(functions, function(f) setdiff(names(formals(f)), "..."))
  found <- meant_argument(name, arguments[[own]])
  if (!is.null(found)) {
    cli::cli_abort("{.fn {own}} has no argument {.arg {name}}: {.arg {found}} is meant?", call = call)
  }
  elsewhere <- Filter(Negate(is.null), lapply(arguments[setdiff(names(arguments), own)], function(has) meant_argument(name, has)))
  for (one in elsewhere_sentences) {
    if (length(elsewhere) == 0 && plain_name(name) %in% one[[1]]) {
      cli::cli_abort(c("{.fn {own}} has no argument {.arg {name}}.", i = one[[2]]), call = call)
    }
  }
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
  plain <- plain_name
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

# A name without its spelling.
plain_name <- function(x) gsub("[._]", "", tolower(x))
