# The codes of a fit's drawings after each epoch of which a checkpoint is left, for animate_latent(). Names are the epochs.

checkpoint_moments <- function(codes, call = rlang::caller_env()) {
  folder <- if (inherits(codes, "vae")) kept_checkpoints(codes, call) else check_path(codes, "codes", call = call)
  plan <- read_record(folder, call)
  moments <- if (!is.null(plan)) epochs_of_checkpoints(folder, plan)
  of_fit <- inherits(codes, "vae")
  done <- if (of_fit) last_epoch_of(codes$history) else 0
  x <- plan$split$train
  found <- lapply(moments, function(weights) vae_encode(fit_of(plan, weights, NULL), x))
  # The last epoch's need no checkpoint.
  if (of_fit && !is.null(plan) && done > 0) found[[as.character(done)]] <- vae_encode(codes, x)
  if (length(found) < 2) {
    cli::cli_abort(c(
      "{.file {folder}} holds checkpoints of {length(moments)} epoch{?s}: too few to show how the codes moved.",
      i = next_time
    ), call = call)
  }
  list(codes = found[order(as.integer(names(found)))], labels = x$labels)
}

# The line that keeps what is missing here.
next_time <- paste(
  "Next time: {.code codes <- callback_codes(x)} and {.code vae_fit(x, callbacks = codes)}, or",
  "{.code vae_fit(x, checkpoint = checkpoints(\"folder\", minutes = 0.001, keep = 100))}."
)

# Where the fits of this session kept theirs. Not in the fit: with or without checkpoints it is the same, bit for bit.
checkpoint_folders <- new.env(parent = emptyenv())

remember_checkpoints <- function(fit, folder) assign(hash_cpp(fit$weights), folder, envir = checkpoint_folders)

kept_checkpoints <- function(fit, call) {
  folder <- checkpoint_folders[[hash_cpp(fit$weights)]]
  if (is.null(folder)) {
    cli::cli_abort(c(
      "{.arg codes}: this fit kept neither codes of its epochs nor, as far as this session knows, checkpoints.",
      i = "If another session kept some, give their folder: {.code animate_latent(\"folder\", file)}.",
      i = next_time
    ), call = call)
  }
  if (!dir.exists(folder)) {
    cli::cli_abort(c("{.arg codes}: the fit's checkpoints are not in {.file {folder}} any more.", i = next_time), call = call)
  }
  folder
}

# Weights by epoch. Of several checkpoints after an epoch the first will do: within the next one they hold that epoch's
# weights as well. Damaged ones are passed over.
epochs_of_checkpoints <- function(folder, plan) {
  files <- sort(list.files(folder, "^checkpoint-[0-9]+[.]safetensors$", full.names = TRUE))
  found <- list()
  for (path in files) {
    file <- tryCatch(run_engine(load_bytes_cpp(path)), error = function(e) NULL)
    if (is.null(file)) next
    state <- json_to_list_cpp(file$meta$state, own = TRUE)
    epoch <- as.character(state$epoch - 1)
    block <- file$bytes[[if (state$step > 0) "snapshot" else "arena"]]
    if (is.null(found[[epoch]])) {
      found[[epoch]] <- run_engine(weights_of_block_cpp(block, plan$model, plan$options$precision == "float64"))
    }
  }
  found
}
