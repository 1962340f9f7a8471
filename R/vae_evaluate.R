#' How good a model is
#'
#' Scores drawings, best ones that the fit was not trained on, by Monte Carlo with `samples` codes from each
#' drawing's own distribution q(z|x). Every code is decoded, which takes its time: of many drawings, 500 are drawn at
#' random, unless `n` says otherwise; the result says how many there were. Reported are
#' * the evidence lower bound (ELBO): the mean of log p(x|z) less the KL divergence of q(z|x) from the prior;
#' * the importance-weighted estimate of the log-likelihood log p(x), the logarithm of the mean of
#'   p(x|z) p(z) / q(z|x) (Burda and others, 2016). Its expectation lies between the ELBO and log p(x), the
#'   nearer to the latter the more samples;
#' * the KL divergence by latent dimension, in nats, and which dimensions are active: those whose mean code
#'   varies by more than .01 over the drawings;
#' * the squared error of the reconstruction, as [mse_anomalies()] has it (mean code, dropout off).
#'
#' These are the textbook's quantities, whatever weight, form or annealing the KL term had in training: the
#' divergence is that of the distribution that the model draws codes from (`noise`, see [vae_model()]).
#' Dropout is off, batch normalisation uses its moving averages, no regularizer is counted.
#'
#' # Which density
#' The likelihood p(x|z) is a density of 784 pixels:
#' * [loss_bernoulli()]: each pixel is ink with the probability that the decoder gives. Of drawings of 0 and
#'   1 (`binarize`) it is a probability, its logarithm at most 0. Of grey ones it is
#'   y^x (1 - y)^(1 - x) as if it were one, a number that is not normalised: compare it between models,
#'   not with other densities.
#' * [loss_binary_crossentropy()]: the same, summed over the pixels; the model's own loss is the *mean* over
#'   the pixels, so that its ELBO has 784 times the reconstruction term and its `kl_weight` stands for a beta
#'   that `summary()` prints.
#' * [loss_squared_error()]: independent normal distributions around the decoder's greys (0 to 1) with
#'   variance `1 / (2 * scale)`, their constants included: `-scale * squared error - 392 log(pi / scale)`.
#'   Being a density of continuous greys, its logarithm may be above 0. The variance is fixed by the model, so
#'   that models with different `scale` are not measured alike.
#'
#' @param fit A fitted `vae`.
#' @param x Drawings: anything [as_drawings()] takes.
#' @param samples Codes for each drawing, a whole number from 1. Time grows with `samples` times the drawings: on two
#'   cores the sheep post's model decodes about 2,000 codes a second. More samples bring the log-likelihood nearer to
#'   the true one, more drawings make all errors smaller.
#' @param n How many of the drawings to evaluate, drawn by the seed where there are more; a whole number from 1, or
#'   `NULL` for all.
#' @param seed A whole number from 0, or `NULL` to draw one from R's generator. Results depend on it, not on
#'   threads (but for rounding).
#' @param threads Threads; see [vae_fit()].
#' @returns An object of class `vae_evaluation`: a list of
#'   * `elbo`, `log_likelihood`, `squared_error`: means over the drawings; `se`, the standard errors of these
#'     three over the drawings;
#'   * `kl`: means over the drawings, one a latent dimension;
#'   * `active`: `TRUE` or `FALSE`, one a dimension; `NA` of a single drawing;
#'   * `drawings`: a data frame of `drawing` (its number in `x`), `elbo`, `log_likelihood`, `kl` (summed over
#'     dimensions) and `squared_error`, a row a drawing;
#'   * `density`, in words, `samples`, and `of`, how many drawings `x` has.
#'
#'   A warning names dimensions that are not active: there the posterior has collapsed to the prior, and the
#'   decoder does not use them. More annealing (`kl_start`, `kl_steep`), a smaller KL weight or free bits
#'   ([kl_divergence()]) keep dimensions in use.
#' @references Burda, Grosse and Salakhutdinov (2016), Importance Weighted Autoencoders,
#'   <https://arxiv.org/abs/1509.00519>.
#' @export
#' @examples
#' x <- simulate_sheep(40, seed = 1)
#' vae_evaluate(pretrained_sheep(), x, samples = 10, seed = 1)
vae_evaluate <- function(fit, x, samples = 50, n = 500, seed = NULL, threads = NULL) {
  check_class(fit, "vae", made_by = "vae_fit()")
  x <- check_drawings_fit(x, fit$model)
  samples <- check_count(samples)
  n <- check_count(n, null = TRUE)
  seed <- check_seed(seed)
  threads <- check_team(threads)
  how <- scoring_on(fit, threads)
  of <- length(x)
  chosen <- some_of(of, n, seed)
  if (length(chosen) < of) x <- x[chosen]
  found <- run_engine(evaluate_cpp(
    x, fit$model, fit$weights, how, samples, seed,
    progress_callback("Evaluating", what = paste("Evaluating", of_text(length(x), of), "with", codes_text(samples), "each"))
  ))
  means <- vae_encode(fit, x, threads = threads)
  drawings <- data.frame(
    drawing = chosen, elbo = found$elbo, log_likelihood = found$log_likelihood, kl = rowSums(found$kl),
    squared_error = mse_anomalies(fit, x, cutoff = 0, threads = threads)$mse
  )
  measured <- drawings[c("elbo", "log_likelihood", "squared_error")]
  evaluation <- structure(
    c(
      as.list(colMeans(measured)),
      list(
        se = vapply(measured, stats::sd, 0) / sqrt(nrow(drawings)), kl = colMeans(found$kl),
        active = active_dimensions(means), drawings = drawings,
        density = format_density(fit$model), samples = samples, of = of
      )
    ),
    class = "vae_evaluation"
  )
  # One drawing has no variance, and nothing is known of it.
  idle <- which(!evaluation$active)
  if (length(idle) > 0) {
    d <- length(evaluation$active)
    warn_and_return(c(
      "The posterior has collapsed in {if (length(idle) == d) 'all'} {length(idle)} of {d} latent dimension{?s}{if (length(idle) < d) paste0(': ', toString(idle))}.",
      i = "Their codes say nothing about the drawings.",
      i = collapse_advice
    ), rlang::current_env())
  }
  evaluation
}

# The numbers of n of so many drawings, in order: all of them, or drawn by the seed.
some_of <- function(of, n, seed) {
  if (is.null(n) || n >= of) {
    return(seq_len(of))
  }
  with_seed(seed %% .Machine$integer.max, sort(sample.int(of, n)))
}

# "500 of 2,000 drawings", "20 drawings", "1 drawing".
of_text <- function(n, of) {
  paste0(count_text(n), if (n < of) paste(" of", count_text(of)), if (of == 1) " drawing" else " drawings")
}

codes_text <- function(n) paste(count_text(n), if (n == 1) "code" else "codes")

# The density of vae_evaluate(), in words.
format_density <- function(model) {
  scale <- model$reconstruction$scale
  grey <- if (is.null(model$binarize)) ", not normalised for grey pixels"
  switch(model$reconstruction$kind,
    squared_error = paste0("normal pixels of variance ", format(1 / (2 * scale))),
    paste0("Bernoulli pixels", grey)
  )
}

#' @export
print.vae_evaluation <- function(x, ...) {
  n <- nrow(x$drawings)
  cat("Evaluation on ", of_text(n, x$of %||% n), if (n < (x$of %||% n)) " (drawn by the seed; n = NULL takes all)", ", ", codes_text(x$samples),
    " each (nats a drawing; ", x$density, ")\n", sep = "")
  line <- function(label, name, note = "") {
    error <- if (is.finite(x$se[[name]])) paste0(" +- ", format(x$se[[name]], digits = 2))
    cat(formatC(label, width = -24), format(x[[name]], digits = 5, big.mark = ","), error, note, "\n", sep = "")
  }
  line("ELBO", "elbo")
  line("Log-likelihood, about", "log_likelihood", " (importance-weighted)")
  line("Squared error", "squared_error", " (mean code)")
  cat(formatC("KL by dimension", width = -24), paste(format(x$kl, digits = 3, trim = TRUE), collapse = ", "),
    " (sum ", format(sum(x$kl), digits = 3), ")\n", sep = "")
  if (!anyNA(x$active)) {
    cat(formatC("Active dimensions", width = -24), sum(x$active), " of ", length(x$active), "\n", sep = "")
  }
  invisible(x)
}
