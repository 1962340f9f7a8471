# A posterior that has collapsed: the encoder gives every drawing the same code, and the decoder does without codes.

# Which latent dimensions are in use: those whose mean codes vary by more than .01 over the drawings; NA of one drawing.
active_dimensions <- function(means) apply(means, 2, stats::var) > .01

collapse_advice <- paste(
  "Let the KL term count later or less: longer annealing ({.arg kl_start}, {.arg kl_steep}), a smaller weight",
  "({.code model$kl$weight}), or free bits (see {.help kl_divergence})."
)

# Fits that took fewer steps than this at full KL weight have not shown yet what they will do.
steps_to_judge <- 200

# The fit, marked and warned of when no latent dimension is in use.
report_collapse <- function(fit, x, call) {
  full <- sum(fit$history$kl_weight >= .999 * fit$model$kl$weight)
  if (full * ceiling(fit$n / fit$batch_size) < steps_to_judge || length(x) < 2) {
    return(fit)
  }
  some <- x[unique(round(seq(1, length(x), length.out = min(200, length(x)))))]
  pixels <- matrix(some$pixels, ncol = length(some))
  if (all(pixels == pixels[, 1])) {
    return(fit)
  }
  # No error in looking at a fit may lose it.
  means <- tryCatch(vae_encode(fit, some, threads = fit$threads), error = function(e) NULL)
  if (is.null(means) || any(active_dimensions(means))) {
    return(fit)
  }
  fit$collapsed <- TRUE
  d <- ncol(means)
  warn_and_return(c(
    "The fit uses none of its {d} latent dimension{?s} (the posterior has collapsed): all drawings get the same code, and whatever the code, the decoder draws the same.",
    i = collapse_advice,
    i = "More epochs, a smaller {.arg learning_rate} or another seed can help as well."
  ), call)
  fit
}
