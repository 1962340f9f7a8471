#' A variational autoencoder as data
#'
#' Describes a model: its layers, its losses, how it is trained by default. Shapes are inferred
#' and checked here; an error names the layer. Between encoder and decoder stand two dense layers
#' that need not be written: `z_mean` and `z_log_var`, each with `latent_dim` units, from the
#' encoder's last values. The posts' three models are [model_sheep()], [model_digits()] and
#' [model_binary()].
#'
#' @param encoder,decoder Lists of [layers], whose names are known within this call. The encoder takes a drawing (rows x columns x
#'   channels) and must end flat; the decoder takes `latent_dim` values and must end with a
#'   drawing, or with as many values as a drawing has.
#' @param latent_dim The number of latent dimensions, a whole number >= 1.
#' @param input Rows, columns and channels of a drawing. Drawings have 1 channel.
#' @param reconstruction,kl,regularizer The terms of the loss, see [losses]. `regularizer`:
#'   `NULL` for none. `loss_binary_crossentropy()` and `loss_bernoulli()` need a decoder that
#'   ends with a sigmoid.
#' @param noise What the second head is. `"log_sd"`: z = m + exp(s) * noise, as in all three
#'   posts. `"log_var"`: z = m + exp(s / 2) * noise, the textbook's.
#' @param binarize Pixels above this become 1, the others 0, in training and scoring; a number
#'   from 0 to 1. `NULL`: pixels stay as they are.
#' @param recipe What `vae_fit()` does unless it is told otherwise; a list of any of `optimizer`
#'   ([optimizers] or a name; RMSprop), `batch_size` (32), `epochs` (10), `kl_start` and
#'   `kl_steep`, or another `kl_schedule` ([kl_schedule]; no annealing), `learning_rate_schedule`
#'   ([lr_schedule]; constant), `shuffle` (`TRUE`).
#' @param name What the model is called when printed, a string or `NULL`.
#' @returns An object of class `vae_model`: a plain list of these arguments. `print()` shows the
#'   layers as Keras' `summary()` does; `summary()` also shows losses, beta and recipe, and with
#'   `plan = TRUE` what computes each layer on this machine's CPU in batches of the recipe's size:
#'   `winograd` and `direct` convolutions (a chain of them goes drawing by drawing), `wide` dense
#'   layers whose gradient stays factored, or `libtorch`. Which of them is faster
#'   depends on the processor, and is chosen by a rule that is the same every time on a machine;
#'   `options(sketchvae.plan = "native")` takes our own kernels wherever there are any, `"libtorch"`
#'   none. A fit keeps the rule's name as `plan`, and one that goes on from checkpoints its rule.
#' @seealso [losses] for the posts' own forms of the loss and how they differ from the textbook's.
#' @examples
#' model <- vae_model(
#'   encoder = list(conv_2d(10, 4, strides = 2, activation = "relu"), flatten(), dense(20)),
#'   latent_dim = 3,
#'   decoder = list(dense(50, "relu"), dense(784, "sigmoid")),
#'   reconstruction = loss_bernoulli(),
#'   kl = kl_divergence("log_sd")
#' )
#' model
#' summary(model)
#' summary(model, plan = TRUE)
#' @export
vae_model <- function(encoder, latent_dim, decoder, input = c(28, 28, 1),
                      reconstruction = loss_squared_error(scale = 1),
                      kl = kl_divergence(form = "log_var", reduction = "sum"),
                      noise = c("log_sd", "log_var"), regularizer = NULL, binarize = NULL,
                      recipe = list(), name = NULL) {
  if (!missing(encoder)) encoder <- layer_list(rlang::enquo(encoder))
  if (!missing(decoder)) decoder <- layer_list(rlang::enquo(decoder))
  check_layers(encoder)
  latent_dim <- check_count(latent_dim)
  check_layers(decoder)
  input <- check_counts(input, lengths = 2:3)
  check_class(reconstruction, "vae_loss", made_by = "?losses")
  check_class(kl, "vae_kl", made_by = "kl_divergence()")
  noise <- rlang::arg_match(noise)
  if (!is.null(regularizer)) check_class(regularizer, "vae_regularizer", made_by = "regularizer_l2()")
  binarize <- check_number(binarize, min = 0, max = 1, null = TRUE)
  recipe <- complete_recipe(recipe)
  name <- check_string(name, null = TRUE)
  model <- structure(
    list(
      name = name, input = c(input, if (length(input) == 2) 1), encoder = encoder,
      latent_dim = latent_dim, decoder = decoder, reconstruction = reconstruction, kl = kl,
      noise = noise, regularizer = regularizer, binarize = binarize, recipe = recipe
    ),
    class = "vae_model"
  )
  plan_model(model)
  as_doubles(model)
}

# Every layer's part, name, title, shape and number of parameters, and totals; aborts where the
# layers do not fit.
plan_model <- function(model, call = rlang::caller_env()) {
  tryCatch(
    model_plan_cpp(model),
    error = function(e) cli::cli_abort("{conditionMessage(e)}", call = call)
  )
}

check_layers <- function(x, arg = rlang::caller_arg(x), call = rlang::caller_env()) {
  if (missing(x)) abort_argument(x, arg, "a list of layers such as list(flatten(), dense(100))", call)
  is_layer <- vapply(x, inherits, NA, what = "vae_layer")
  if (is.list(x) && !is.object(x) && length(x) > 0 && all(is_layer)) return(x)
  if (is.list(x) && !is.object(x) && length(x) > 0) {
    at <- which(!is_layer)[[1]]
    cli::cli_abort(
      "{.arg {arg}} must be a list of layers (see {.topic layers}); element {at} is {describe(x[[at]])}.",
      call = call
    )
  }
  abort_argument(x, arg, "a list of layers such as list(flatten(), dense(100))", call)
}

# The recipe with every field that vae_fit() reads.
complete_recipe <- function(recipe, call = rlang::caller_env()) {
  defaults <- list(optimizer = "rmsprop", batch_size = 32, epochs = 10, kl_start = NULL,
                   kl_steep = NULL, kl_schedule = NULL, learning_rate_schedule = NULL, shuffle = TRUE)
  if (!is.list(recipe) || is.object(recipe) || (length(recipe) > 0 && !rlang::is_named(recipe))) {
    abort_argument(recipe, "recipe", "a named list", call)
  }
  unknown <- setdiff(names(recipe), names(defaults))
  if (length(unknown) > 0) {
    cli::cli_abort(
      "{.arg recipe} has no {.field {unknown}}; it takes {.field {names(defaults)}}.",
      call = call
    )
  }
  full <- utils::modifyList(defaults, recipe)
  full$optimizer <- as_optimizer(full$optimizer, "recipe$optimizer", call)
  full["batch_size"] <- list(check_count(full$batch_size, "recipe$batch_size", max = most, call = call))
  full["epochs"] <- list(check_count(full$epochs, "recipe$epochs", max = most, call = call))
  full["kl_start"] <- list(check_count(full$kl_start, "recipe$kl_start", min = 0, max = most, null = TRUE, call = call))
  full["kl_steep"] <- list(check_steep(full$kl_steep, "recipe$kl_steep", null = TRUE, call = call))
  if (is.null(full$kl_start) != is.null(full$kl_steep)) {
    cli::cli_abort("{.arg recipe} needs both {.field kl_start} and {.field kl_steep}, or neither.",
                   call = call)
  }
  if (!is.null(full$kl_schedule)) {
    check_class(full$kl_schedule, "vae_kl_schedule", "recipe$kl_schedule", "?kl_schedule", call)
    if (!is.null(full$kl_start)) {
      cli::cli_abort(
        "{.arg recipe} must have {.field kl_start} and {.field kl_steep}, or {.field kl_schedule}, not both.",
        call = call
      )
    }
  }
  schedule <- full$learning_rate_schedule
  if (!is.null(schedule)) {
    check_class(schedule, "vae_lr_schedule", "recipe$learning_rate_schedule", "?lr_schedule", call)
    full <- set_learning_rate(full, schedule)
  }
  check_flag(full$shuffle, "recipe$shuffle", call = call)
  full
}

# What fits the pixels, where the decoder gives something else; NULL where it ends with a sigmoid.
output_advice <- function(model) {
  shaping <- c("flatten", "reshape", "dropout")
  last <- utils::tail(Filter(function(layer) !layer$kind %in% shaping, model$decoder), 1)
  activation <- if (length(last) > 0) last[[1]]$activation %||% "linear" else "linear"
  if (activation != "sigmoid") {
    paste0(
      "Note: the decoder ends with ", activation, ". Pixels lie from 0 (paper) to 1 (ink), which \"sigmoid\" fits; ",
      "what the decoder gives beyond them is cut off in drawings and scores", if (activation == "relu") {
        ", and pixels at 0 learn nothing"
      }, "."
    )
  }
}

#' @export
print.vae_model <- function(x, ...) {
  cat(format_table(x), fold(c(paste("Recipe:", format_recipe(x$recipe)), output_advice(x))), sep = "\n")
  invisible(x)
}

#' @export
summary.vae_model <- function(object, plan = FALSE, ...) {
  check_flag(plan, "plan")
  structure(list(model = object, plan = plan), class = "summary.vae_model")
}

#' @export
print.summary.vae_model <- function(x, ...) {
  model <- x$model
  z <- switch(model$noise, log_sd = "m + exp(s) * noise", log_var = "m + exp(s / 2) * noise")
  prose <- c(
    paste("Reconstruction:", format_reconstruction(model$reconstruction)),
    paste("KL:", format_kl(model$kl)),
    paste0("Code: m = z_mean, s = z_log_var, z = ", z),
    if (!is.null(model$regularizer)) {
      paste("Regularization:", format_regularizer(model$regularizer))
    },
    if (!is.null(model$binarize)) paste("Inputs: 1 above", format(model$binarize), "and else 0"),
    paste("Beta:", format_beta(model)),
    paste("Recipe:", format_recipe(model$recipe)),
    if (x$plan) {
      paste0("Computed in batches of ", model$recipe$batch_size, ", float32, on this CPU (",
             model_ways(model)$cpu, "): see ?vae_model")
    }
  )
  cat(format_table(model, plan = x$plan), fold(prose), sep = "\n")
  invisible(x)
}

fold <- function(lines) strwrap(lines, min(80, getOption("width")), exdent = 2)

# The weight of the KL sum against a drawing's log-likelihood, when fully annealed.
model_beta <- function(model) {
  pixels <- prod(model$input)
  per_nat <- if (model$reconstruction$kind == "binary_crossentropy") pixels else 1
  kl <- model$kl
  kl$weight * kl$scale * per_nat / if (kl$reduction == "mean") model$latent_dim else 1
}

format_beta <- function(model) {
  matching <- c(log_var = "log_var", log_sd = "log_sd", log_sd_squared = "none")
  true_kl <- matching[[model$kl$form]] == model$noise
  variance <- if (model$reconstruction$kind == "squared_error") {
    paste0(" (normal pixels of variance ", format(1 / (2 * model$reconstruction$scale)), ")")
  }
  paste0(
    format(model_beta(model), digits = 4), variance,
    if (!true_kl) paste0("; the KL form ", model$kl$form, " with noise ", model$noise,
                         " is the post's, not a true KL divergence (see ?losses)")
  )
}

format_recipe <- function(recipe) {
  paste0(
    format_optimizer(recipe$optimizer),
    if (!is.null(recipe$learning_rate_schedule)) paste(", learning rate", format_lr_schedule(recipe$learning_rate_schedule)),
    ", batches of ", recipe$batch_size,
    if (!recipe$shuffle) " in order", ", ", recipe$epochs, " epochs, KL: ",
    format_kl_schedule(recipe_kl_schedule(recipe))
  )
}

# The name of the rule that says which layers take kernels of ours: an option's, or the best for this processor.
plan_rule <- function(call = rlang::caller_env()) {
  if (isTRUE(getOption("sketchvae.reference"))) {
    return("libtorch")
  }
  rule <- getOption("sketchvae.plan") %||% best_plan_cpp()
  check_choice(rule, c("native", "intel", "libtorch"), "options(sketchvae.plan)", call)
}

# How each layer is computed on the CPU.
model_ways <- function(model) {
  model_ways_cpp(model, model$recipe$batch_size, plan_rule())
}

# Keras' table of layers.
format_table <- function(model, plan = FALSE) {
  ways <- if (plan) c("Computed by", model_ways(model)$ways)
  planned <- plan_model(model)
  field <- function(name) vapply(planned$layers, function(layer) count_text(layer[[name]]), "")
  shape <- vapply(planned$layers, function(layer) paste(layer$shape, collapse = ", "), "")
  cells <- cbind(
    c("Layer (type)", paste0(field("name"), " (", field("title"), ")")),
    c("Output Shape", paste0("(None, ", shape, ")")),
    c("Param #", field("params")),
    ways
  )
  width <- apply(nchar(cells), 2, max) + c(3, 3, 0, if (plan) 3)
  rows <- paste0(formatC(cells[, 1], width = -width[1]), formatC(cells[, 2], width = -width[2]),
                 formatC(cells[, 3], width = width[3]),
                 if (!is.null(ways)) paste0("   ", formatC(ways, width = 3 - width[4])))
  rows <- trimws(rows, "right")
  rule <- strrep("_", sum(width))
  first_of_decoder <- match("decoder", field("part"))
  body <- append(rows[-1], strrep("-", sum(width)), after = first_of_decoder - 1)
  c(
    paste0("Model: ", dQuote(model$name %||% "vae", FALSE), ", input ",
           paste(model$input, collapse = " x ")),
    rule, rows[1], strrep("=", sum(width)), body, strrep("=", sum(width)),
    paste("Total params:", count_text(planned$total)),
    paste("Trainable params:", count_text(planned$trainable)),
    paste("Non-trainable params:", count_text(planned$total - planned$trainable)),
    paste("Decoder params:", count_text(planned$decoder)),
    rule
  )
}

