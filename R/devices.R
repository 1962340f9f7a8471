# Where the engine computes.

# "cpu" or "cuda"; "auto" is the GPU when there is one that can be used.
check_device <- function(device, call = rlang::caller_env()) {
  device <- check_choice(device, c("auto", "cpu", "cuda"), "device", call)
  if (device == "cpu") {
    return(device)
  }
  gpu <- gpu_status_cpp()
  if (device == "cuda" && !gpu$available) {
    cli::cli_abort(c(
      "{.arg device} = \"cuda\" cannot be used: {gpu$reason}.",
      i = "See {.run sketchvae_sitrep()}."
    ), call = call)
  }
  if (gpu$available) "cuda" else "cpu"
}

check_precision <- function(precision, device, call = rlang::caller_env()) {
  precision <- check_choice(precision, c("float32", "float64", "tf32", "bf16"), "precision", call)
  if (device == "cpu" && precision %in% c("tf32", "bf16")) {
    cli::cli_abort("{.arg precision} = {.val {precision}} is for a GPU; on the CPU there are float32 and float64.", call = call)
  }
  precision
}

# How to encode, decode and score with a fit: on the device of option sketchvae.device ("auto"), in the
# fit's own precision there; by the network of fit$kept (keep_network()), if there is one.
scoring_on <- function(fit, threads, call = rlang::caller_env()) {
  device <- check_device(getOption("sketchvae.device", "auto"), call)
  precision <- if (device == "cuda") fit$precision %||% "float32" else "float32"
  how <- list(threads = threads, device = device, precision = precision)
  how$kept <- fit$kept
  how
}

# A fit whose network stays in memory for as long as the fit does. Every other call makes its network anew:
# that takes 20 ms for the 13 million weights of model_sheep().
keep_network <- function(fit) {
  fit$kept <- run_engine(keep_scorer_cpp(fit$model, fit$weights, scoring_on(fit, check_team(NULL))))
  fit
}
