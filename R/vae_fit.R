#' Train a variational autoencoder on drawings
#'
#' `vae_fit(x)`, `vae_fit(x, model_digits())` and `vae_fit(x, model_binary())` are the three systems
#' that the package implements: every argument left `NULL` takes the model's own recipe. Training runs
#' wholly in C++; drawings stay one byte a pixel until a batch needs them.
#'
#' The loss is always `reconstruction + kl_weight * kl + regularization`, averaged over the drawings of
#' an epoch, the last short batch counting by its size.
#'
#' # KL annealing
#' Epochs count from 1. The weight of the KL term is 0 up to and including epoch `kl_start`, then
#' `min((epoch - kl_start) / kl_steep, 1)`: full at `kl_start + kl_steep`. (The sheep post's own
#' callback counts Keras' epochs from 0 and sets a weight that applies from the next epoch on, so that
#' its weights come two epochs later than its text says; this is what the text says.) A fit that ends
#' before the full weight warns. Other schedules are part of a model's recipe: see [kl_schedule].
#'
#' When of all this `epochs` alone is given, and they end before the annealing of [model_sheep()]'s own recipe does, that
#' is shortened in the same proportion, and a message says so: ten epochs instead of 30 reach the full weight in epoch 7
#' instead of 20. A schedule that is given (`kl_start`, `kl_steep`, a recipe of your own) is kept as it is, and so is one
#' that fits.
#'
#' # Blurred drawings
#' A variational autoencoder draws the average of all drawings that a code may stand for: with two latent dimensions and
#' few epochs, grey blobs. What helps, the most first:
#' * more latent dimensions: `model_sheep(latent_dim = 8)` takes no more time, and its lines are much sharper. Maps show two
#'   of the dimensions then;
#' * more epochs, and more drawings: an epoch of 10,000 drawings takes the sheep model about a minute on two cores, and a
#'   thousand drawings for a minute are enough for shapes only;
#' * a smaller KL weight (`model$kl$weight <- .2` before fitting): sharper reconstructions, at the price of new drawings
#'   that are less like the old ones.
#'
#' The squared error, `mean(mse_anomalies(fit, new)$mse)`, tells what has become sharper. On ducks of Quick, Draw! it fell from
#' 67 (two dimensions, 3 epochs) to 55 (25 epochs) and 46 (ten dimensions, 25 epochs): the article "Sharper drawings" shows
#' them.
#'
#' # Seeds
#' On the CPU a fit is a function of `seed`, data and arguments: the same on the same machine with the
#' same number of threads and the same LibTorch, bit for bit. `seed = NULL` draws one number from R's
#' generator, so that `set.seed()` before `vae_fit()` does the same. Initial weights, the order of the
#' drawings, noise and dropout are the same on every machine and device (noise up to rounding); a GPU's
#' sums are in another order, so that a fit on it starts as one on the CPU does and then drifts away.
#'
#' # Stopping and going on
#' Ctrl-C is obeyed within a batch, and never loses a finished epoch, with `tryCatch(interrupt = )` around the fit
#' or without. The fit then holds the weights of the last finished epoch,
#' `$interrupted` is `TRUE`, and a message says so; before the end of the first epoch it is a plain
#' interrupt. A time limit of [setTimeLimit()] ends a fit in the same way, with a warning instead of an error. A loss that is not finite stops training at that batch: the last good epoch is kept, with
#' a warning. A fitted `vae` given as `model` is trained further: epoch numbers, history and KL schedule
#' go on, the optimizer's state starts fresh. Going on exactly where a killed run stood is what
#' `checkpoint` is for; see [vae_resume()].
#'
#' @param x Drawings: what [load_quickdraw()], [load_mnist()] or [simulate_sheep()] give, or anything
#'   [as_drawings()] takes.
#' @param model A model ([model_sheep()], [model_digits()], [model_binary()], [vae_model()]), or a fitted
#'   `vae` to train further.
#' @param epochs How many epochs to train, a whole number from 1 to 1e9. Given alone, it may shorten the recipe's KL
#'   annealing: see below.
#' @param batch_size Drawings a step, a whole number from 1 to 1e9. The last batch may be shorter.
#' @param kl_start,kl_steep The last epoch with KL weight 0, a whole number from 0 to 1e9, and in how many
#'   epochs the weight grows to 1, a number from 1e-9 to 1e9. One given alone goes with the recipe's other.
#' @param optimizer `"rmsprop"`, `"adam"`, `"adamw"`, `"sgd"`, or one made by [optimizer_rmsprop()] and
#'   its like.
#' @param learning_rate A number above 0 and up to 1e6, which replaces the optimizer's own, or a schedule: see [lr_schedule].
#' @param validation Drawings to validate on after every epoch, or the fraction of `x` to hold out, a number above 0
#'   and below 1: drawn by the seed, of every label its share where `x` has labels; `fit$held_out` says which. A fit that
#'   is trained further on the same drawings holds out the same ones. [validation_last()] holds out the last rows, as
#'   Keras does. How many they are is Keras' rule, `n - floor(n * (1 - fraction))`. Scored with sampled codes, dropout
#'   off, the epoch's KL weight.
#' @param callbacks A function, called at the end of every epoch, or a list of callbacks: see
#'   [callbacks].
#' @param log_dir A folder for TensorBoard event files, or `NULL`.
#' @param checkpoint A folder in which the fit keeps checkpoints and from which it goes on, or the
#'   result of [checkpoints()]; or `NULL`.
#' @param device `"cpu"`, `"cuda"` (an NVIDIA GPU), or `"auto"`: the GPU when there is one that can be
#'   used. [sketchvae_sitrep()] says why not. A fit does not depend on a GPU: it encodes, decodes and
#'   trains on anywhere.
#' @param precision `"float32"`, `"float64"` (slower; for comparisons), or, on a GPU, what convolutions and
#'   dense layers are computed in: `"tf32"` (about three decimals) or `"bf16"` (about two); weights, the
#'   optimizer's state and losses stay float32 with both.
#' @param threads Threads, a whole number from 1; `NULL`: option `sketchvae.threads`, or the physical
#'   cores this process may use, within the environment variable `OMP_THREAD_LIMIT`. Sums depend on how many
#'   threads share them, so that many it is, whatever else the environment wants of OpenMP, or an error where
#'   they cannot be had.
#' @param seed A whole number from 0, or `NULL`.
#' @param verbose Show progress?
#' @param ... Not used. An argument that is not one of these is an error that says which one is meant.
#' @returns An object of class `vae`: a plain list that can be saved with [saveRDS()] or [save_vae()],
#'   of `model`, `weights` (a raw vector), `history` (a data frame with a row an epoch: `epoch`,
#'   `kl_weight`, `loss`, `reconstruction`, `kl`; `regularization` when the model has one;
#'   `learning_rate`, the one that the epoch's steps used, when it changed; `val_loss`, `val_reconstruction`, `val_kl` when validated;
#'   `seconds` of the epoch without validation and callbacks), `seed`, `device`, `precision`, `threads`,
#'   `plan` (which kernels computed it: see [vae_model()]), `n` (drawings), `batch_size`, `recipe` (the model's, with what was given instead; training the fit
#'   further starts from it), `interrupted` (did training end before it was done?),
#'   `held_out` (row numbers of the drawings that a fraction held out for validation),
#'   `collapsed` (`TRUE` when no latent dimension is in use, of which a warning says what to do; see [vae_evaluate()]),
#'   and `restored_epoch` when a callback ended training and restored an earlier epoch's weights.
#' @references Kingma and Welling (2014), Auto-Encoding Variational Bayes, <https://arxiv.org/abs/1312.6114>.
#'   Bowman et al. (2016), Generating Sentences from a Continuous Space, <https://arxiv.org/abs/1511.06349>,
#'   for KL annealing.
#' @export
#' @examples
#' x <- simulate_sheep(64, seed = 1)
#' fit <- vae_fit(x, model_binary(hidden = 20), epochs = 2, batch_size = 16, seed = 1, threads = 1)
#' fit
#' fit$history
vae_fit <- function(x, model = model_sheep(), epochs = NULL, batch_size = NULL, kl_start = NULL,
                    kl_steep = NULL, optimizer = NULL, learning_rate = NULL, validation = NULL,
                    callbacks = NULL, log_dir = NULL, checkpoint = NULL, device = "auto",
                    precision = "float32", threads = NULL, seed = NULL, verbose = interactive(), ...) {
  refuse_unknown(..., own = "vae_fit")
  before <- if (inherits(model, "vae")) model
  model <- if (is.null(before)) check_model(model) else before$model
  x <- check_drawings_fit(x, model)
  checkpoint <- check_checkpoint(checkpoint)
  # The same call again goes on as the first one was begun: with the seed that it drew, on the CPU if it did so, and with
  # its annealing and its drawings held out.
  begun <- recorded(checkpoint$folder)
  resumed <- !is.null(begun) && has_checkpoints(checkpoint$folder)
  rules <- if (resumed) begun$rules else default_rules
  if (rules < 2 && is.numeric(plain_number(validation)) && length(validation) == 1) validation <- validation_last(validation)
  recipe <- fit_recipe(before$recipe %||% model$recipe, epochs, batch_size, kl_start, kl_steep, optimizer, learning_rate)
  if (rules >= 2 && is.null(before) && is.null(kl_start) && is.null(kl_steep) && !is.null(epochs) && has_preset_annealing(model)) {
    recipe <- shorten_annealing(recipe, model$recipe$epochs, if (resumed) begun$options$epochs else recipe$epochs)
  }
  seed <- check_seed(seed %||% begun$options$seed)
  split <- split_validation(x, validation, model, seed, before)
  first_epoch <- last_epoch_of(before$history) + 1
  schedule <- engine_lr_schedule(recipe, first_epoch, length(split$validation) > 0, model)
  callbacks <- check_callbacks(callbacks)
  if (schedule$kind != "constant" && any(vapply(callbacks, `[[`, "", "name") == "callback_reduce_lr")) {
    cli::cli_abort("{.arg learning_rate} has a schedule already ({schedule$kind}): {.fn callback_reduce_lr} cannot change it too.")
  }
  if (identical(device, "auto") && identical(begun$device, "cpu") && resumed) device <- "cpu"
  device <- check_device(device)
  precision <- check_precision(precision, device)
  threads <- check_team(threads)
  check_flag(verbose)
  if (!is.null(log_dir)) callbacks <- c(callbacks, list(callback_tensorboard(check_path(log_dir))))

  options <- list(
    epochs = recipe$epochs, first_epoch = first_epoch, batch_size = recipe$batch_size,
    shuffle = recipe$shuffle, optimizer = recipe$optimizer,
    kl_schedule = recipe_kl_schedule(recipe), learning_rate_schedule = schedule,
    seed = seed, threads = threads, precision = precision,
    reference = isTRUE(getOption("sketchvae.reference")), plan = plan_rule()
  )
  plan <- list(
    rules = rules, model = model, recipe = recipe, options = options, split = split,
    weights = before$weights %||% raw(), history = history_with_rate(before), device = device
  )
  if (verbose && !is.null(split$held_out)) cli::cli_inform(format_held_out(split, validation))
  train(plan, callbacks, checkpoint, verbose)
}

# Anything as_drawings() takes, as drawings that the model takes, one at least.
check_drawings_fit <- function(x, model, arg = "x", call = rlang::caller_env()) {
  x <- to_drawings(x, arg = arg, call = call)
  if (length(x) == 0) {
    cli::cli_abort("{.arg {arg}} holds no drawings.", call = call)
  }
  if (!identical(as.double(c(x$size, 1)), as.double(model$input))) {
    cli::cli_abort(
      "{.arg {arg}} holds drawings of {paste(x$size, collapse = ' x ')}, but the model takes {paste(model$input, collapse = ' x ')}.",
      call = call
    )
  }
  x
}

# A whole number that C++ can take exactly; NULL draws one from R's generator.
check_seed <- function(seed, call = rlang::caller_env()) {
  if (is.null(seed)) {
    return(as.double(sample.int(.Machine$integer.max, 1L)))
  }
  as.double(check_count(seed, "seed", min = 0, max = 2^53, call = call))
}
