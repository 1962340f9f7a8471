#' The terms of the loss
#'
#' What [vae_model()] takes as `reconstruction`, `kl` and `regularizer`. The loss of a batch is
#' reconstruction + weight * kl + regularization; each is a mean over the drawings of the batch.
#'
#' @section Reconstruction:
#' * `loss_squared_error()`: `scale` times the sum of squared differences over the pixels; the
#'   log-likelihood of a normal distribution with variance `1 / (2 * scale)`, up to a constant.
#'   The sheep post's 2 * 784 * (mean squared error) is `scale = 2`.
#' * `loss_binary_crossentropy()`: the *mean* over the pixels, predictions kept 1e-7 away from 0
#'   and 1 as Keras does; the digits post's. Being a mean, it needs a small KL weight.
#' * `loss_bernoulli()`: minus the log-likelihood, the *sum* over the pixels, computed from logits
#'   and so without any clipping; the textbook's form and the binary post's.
#'
#' @section KL divergence:
#' With m and s the two heads, per dimension:
#' * `"log_var"`: -1/2 (1 + s - m^2 - exp(s)), right when s is a log variance
#'   (`noise = "log_var"`).
#' * `"log_sd"`: 1/2 (exp(2 s) + m^2 - 1 - 2 s), right when s is a log standard deviation
#'   (`noise = "log_sd"`).
#' * `"log_sd_squared"`: 1/2 (exp(2 s) + m^2 - 1 + s^2), the binary post as it was written: no KL
#'   divergence; it pulls s below 0 instead of to 0, so that codes are less spread out.
#'
#' The sheep and digits posts combine `form = "log_var"` with `noise = "log_sd"`: it charges
#' exp(s) for noise of variance exp(2 s), so large deviations come too cheaply. The presets do as
#' the posts do; for the textbook's VAE give both the same name.
#'
#' `summary()` of a model prints beta, the weight that the sum of KL over dimensions has against
#' the log-likelihood of a drawing: 1 is the true evidence lower bound (ELBO).
#'
#' @param scale A factor of the reported term, a number >= 0 (above 0 for squared errors).
#' @param form The formula, see below.
#' @param reduction `"sum"` over the latent dimensions, as in the textbook, or their `"mean"`, as
#'   in the sheep and digits posts.
#' @param weight The weight that KL has when annealing has ended, a number >= 0; `kl_weight` in
#'   a fit's history is this times the schedule's share.
#' @param free_bits KL below this many nats per dimension (mean over the batch) costs nothing:
#'   keeps dimensions in use. A number >= 0.
#' @param l2 A factor of the sum of squares, a number >= 0.
#' @param on Whose parameters are squared: the `"decoder"`'s, as in the binary post, or `"all"`
#'   (kernels, biases, gamma and beta).
#' @returns A list of class `vae_loss`, `vae_kl` or `vae_regularizer`.
#' @examples
#' loss_squared_error(scale = 2)
#' kl_divergence("log_var", reduction = "mean")
#' regularizer_l2(.01, on = "decoder")
#' @name losses
NULL

#' @rdname losses
#' @export
loss_squared_error <- function(scale = 1) {
  scale <- check_number(scale, min = 0, max = 1e12, open_min = TRUE)
  structure(list(kind = "squared_error", scale = scale), class = "vae_loss")
}

#' @rdname losses
#' @export
loss_binary_crossentropy <- function() {
  structure(list(kind = "binary_crossentropy"), class = "vae_loss")
}

#' @rdname losses
#' @export
loss_bernoulli <- function() {
  structure(list(kind = "bernoulli"), class = "vae_loss")
}

#' @rdname losses
#' @export
kl_divergence <- function(form = c("log_var", "log_sd", "log_sd_squared"),
                          reduction = c("sum", "mean"), scale = 1, weight = 1, free_bits = 0) {
  form <- rlang::arg_match(form)
  reduction <- rlang::arg_match(reduction)
  scale <- check_number(scale, min = 0, max = 1e12)
  weight <- check_number(weight, min = 0, max = 1e12)
  free_bits <- check_number(free_bits, min = 0, max = 1e6)
  structure(
    list(form = form, reduction = reduction, scale = scale, weight = weight,
         free_bits = free_bits),
    class = "vae_kl"
  )
}

#' @rdname losses
#' @export
regularizer_l2 <- function(l2 = .01, on = c("decoder", "all")) {
  l2 <- check_number(l2, min = 0, max = 1e12)
  structure(list(l2 = l2, on = rlang::arg_match(on)), class = "vae_regularizer")
}

#' @export
print.vae_loss <- function(x, ...) {
  cat(format_reconstruction(x), "\n", sep = "")
  invisible(x)
}

#' @export
print.vae_kl <- function(x, ...) {
  cat(format_kl(x), "\n", sep = "")
  invisible(x)
}

#' @export
print.vae_regularizer <- function(x, ...) {
  cat(format_regularizer(x), "\n", sep = "")
  invisible(x)
}

format_reconstruction <- function(x) {
  switch(x$kind,
    squared_error = paste(format(x$scale), "* sum of squared errors over the pixels"),
    binary_crossentropy = "mean binary cross-entropy over the pixels",
    bernoulli = "minus the Bernoulli log-likelihood, summed over the pixels"
  )
}

format_kl <- function(x) {
  formula <- switch(x$form,
    log_var = "-1/2 (1 + s - m^2 - exp(s))",
    log_sd = "1/2 (exp(2 s) + m^2 - 1 - 2 s)",
    log_sd_squared = "1/2 (exp(2 s) + m^2 - 1 + s^2)"
  )
  paste0(
    "weight ", format(x$weight), " * ", if (x$scale != 1) paste0(format(x$scale), " * "),
    x$reduction, " over dimensions of ", formula,
    if (x$free_bits > 0) paste0(", ", format(x$free_bits), " nats per dimension free")
  )
}

format_regularizer <- function(x) {
  paste0(format(x$l2), " * sum of squares of ", if (x$on == "all") "all" else "the decoder's",
         " parameters")
}
