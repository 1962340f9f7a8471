#' Print, summarise and plot a fit
#'
#' `print()` says in a few lines what was trained and how it went; `summary()` adds the table of layers;
#' `plot()` draws loss, reconstruction error, KL divergence and KL weight over the epochs.
#' `as.data.frame()` is the history, `coef()` the parameters by layer. `update()` trains
#' from the start as the fit was trained (model, recipe, seed, precision, threads) but for what is given
#' anew; to train a fit further, give it to [vae_fit()] as `model`.
#'
#' @param x,object A fitted `vae`: see [vae_fit()].
#' @param plan Whether to show what computes each layer: see [vae_model()]. `TRUE` or `FALSE`.
#' @param drawings What to train on: a fit does not keep its drawings.
#' @param ... For `update()`: arguments of [vae_fit()]. Not used elsewhere.
#' @returns `print()` and `summary()`: the object, invisibly, and a summary that prints. `plot()`: a
#'   ggplot2 object, that of [plot_history()].
#'   `as.data.frame()`: a data frame with a row an epoch, none for imported weights. `coef()`: a list with a list of arrays for
#'   each layer, in the layouts of [vae_weights()]. `update()`: a `vae`.
#' @examples
#' fit <- vae_fit(simulate_sheep(64, seed = 1), model_binary(hidden = 20), epochs = 3, seed = 1)
#' fit
#' plot(fit)
#' as.data.frame(fit)
#' dim(coef(fit)$z_mean$kernel)
#' update(fit, simulate_sheep(64, seed = 1), epochs = 1)
#' @name vae_methods
NULL

#' @rdname vae_methods
#' @export
print.vae <- function(x, ...) {
  history <- x$history
  done <- NROW(history)
  cat("VAE ", dQuote(x$model$name %||% "vae", FALSE), ", ", x$model$latent_dim, " latent dimensions, ",
    count_text(plan_model(x$model)$total), " parameters\n", sep = "")
  if (is.null(history)) {
    cat("With imported weights, not trained here\n")
  } else {
    cat("Trained on ", count_text(x$n), if (identical(as.double(x$n), 1)) " drawing, " else " drawings, ", done, if (done == 1) " epoch" else " epochs",
      ", batches of ", x$batch_size, ", seed ", format_number_plain(x$seed), ", ", x$device, if (!is.null(x$held_out)) paste0(", ", count_text(length(x$held_out)), " held out"),
      if (isTRUE(x$interrupted)) " (stopped early)", "\n", sep = "")
  }
  if (done > 0) {
    cat("Last epoch: ", format_row(history[done, ]), "\n", sep = "")
    if (!is.null(x$restored_epoch)) cat("Holds the weights of epoch ", x$restored_epoch, "\n", sep = "")
    cat("Time: ", format_seconds(sum(history$seconds)), "\n", sep = "")
  }
  if (isTRUE(x$collapsed)) cat("No latent dimension is in use: every code gives the same drawing\n")
  cat("See ", if (done > 0) "plot() for the history, ", "summary() for the layers, ?vae_fit where drawings come out blurred\n", sep = "")
  invisible(x)
}

format_number_plain <- function(x) format(x, scientific = FALSE, trim = TRUE)

format_seconds <- function(s) {
  if (s < 90) {
    paste(format(round(s, 1)), "seconds")
  } else if (s < 5400) {
    paste(format(round(s / 60, 1)), "minutes")
  } else {
    paste(format(round(s / 3600, 1)), "hours")
  }
}

#' @rdname vae_methods
#' @export
summary.vae <- function(object, plan = FALSE, ...) {
  check_flag(plan, "plan")
  structure(list(fit = object, plan = plan), class = "summary.vae")
}

#' @export
print.summary.vae <- function(x, ...) {
  print(summary(x$fit$model, plan = x$plan))
  cat("\n")
  print(x$fit)
  invisible(x)
}

#' @rdname vae_methods
#' @export
plot.vae <- function(x, ...) {
  plot_history(x)
}

#' @param row.names,optional Not used.
#' @rdname vae_methods
#' @export
as.data.frame.vae <- function(x, row.names = NULL, optional = FALSE, ...) x$history %||% no_history

# The history of a fit with imported weights, which was not trained here.
no_history <- data.frame(
  epoch = integer(), kl_weight = double(), loss = double(), reconstruction = double(), kl = double(), seconds = double()
)

#' @importFrom stats coef
#' @rdname vae_methods
#' @export
coef.vae <- function(object, ...) {
  weights <- vae_weights(object)
  layer <- dirname(names(weights))
  lapply(split(weights, factor(layer, unique(layer))), function(of) stats::setNames(of, basename(names(of))))
}

#' @importFrom stats fitted
#' @export
fitted.vae <- function(object, ...) abort_no_drawings()

#' @importFrom stats residuals
#' @export
residuals.vae <- function(object, ...) abort_no_drawings()

abort_no_drawings <- function(call = rlang::caller_env()) {
  cli::cli_abort(c(
    "A fit does not keep the drawings it was trained on.",
    i = "{.code vae_reconstruct(fit, x)} redraws drawings, {.code mse_anomalies(fit, x)} gives their errors."
  ), call = call)
}

#' @importFrom stats update
#' @rdname vae_methods
#' @export
update.vae <- function(object, drawings, ...) {
  drawings <- to_drawings(drawings, arg = "drawings")
  model <- object$model
  model$recipe <- object$recipe %||% model$recipe
  kept <- object[intersect(c("seed", "precision", "threads"), names(object))]
  given <- list(...)
  kept <- c(list(model = model), kept)
  do.call(vae_fit, c(list(drawings), given, kept[setdiff(names(kept), names(given))]))
}

#' Plot the history of a fit
#'
#' Loss, reconstruction error, KL divergence and KL weight over the epochs, one panel each;
#' validation losses, where there are some, as a second line.
#'
#' @param fit A fitted `vae`, or its `$history`.
#' @returns A ggplot2 object.
#' @export
#' @examples
#' fit <- vae_fit(simulate_sheep(64, seed = 1), model_binary(hidden = 20), epochs = 3, seed = 1)
#' plot_history(fit)
plot_history <- function(fit) {
  history <- if (!missing(fit) && is.data.frame(fit)) fit else check_class(fit, "vae", made_by = "vae_fit()")$history
  if (is.null(history)) {
    cli::cli_abort("{.arg fit} has imported weights and was not trained here: it has no history to plot.")
  }
  if (nrow(history) == 0) {
    cli::cli_abort("{.arg fit} has no finished epoch to plot.")
  }
  panels <- c(
    loss = "Loss", reconstruction = "Reconstruction error", kl = "KL divergence",
    kl_weight = "KL weight", regularization = "Regularization", learning_rate = "Learning rate"
  )
  panels <- panels[names(panels) %in% names(history)]
  long <- function(column, panel, set) {
    data.frame(epoch = history$epoch, value = history[[column]], panel = panel, set = set)
  }
  parts <- lapply(names(panels), function(column) {
    val <- paste0("val_", column)
    rbind(
      long(column, panels[[column]], "training"),
      if (val %in% names(history)) long(val, panels[[column]], "validation")
    )
  })
  data <- do.call(rbind, parts)
  data$panel <- factor(data$panel, panels)
  data <- data[!is.na(data$value), ]
  two <- length(unique(data$set)) > 1
  ggplot2::ggplot(data, ggplot2::aes(.data$epoch, .data$value, colour = .data$set)) +
    ggplot2::geom_line() +
    ggplot2::geom_point(size = 1) +
    ggplot2::facet_wrap(~panel, scales = "free_y", ncol = 2) +
    ggplot2::scale_colour_manual(
      values = c(training = "#0072B2", validation = "#D55E00"), guide = if (two) "legend" else "none"
    ) +
    ggplot2::scale_x_continuous(breaks = function(range) unique(round(pretty(range)))) +
    ggplot2::labs(x = "Epoch", y = NULL, colour = NULL, title = "How training went") +
    theme_sketchvae()
}
