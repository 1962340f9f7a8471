# What the three presets reach over several seeds, beside what the reference systems reach.
#   SKETCHVAE_DATA=folder Rscript bench/seeds.R [digits] [binary] [nan] [sheep]
# digits: validation loss after 10 epochs, digits 1 and 8 in file order, first 80% to train; four seeds.
# binary: negative ELBO of epoch 10, all 10,000 digits, as written and corrected; four seeds each.
# nan: thirty seeds of the digits preset's first epoch; every loss must be finite.
# sheep: 2, 3 and 4 latent dimensions on 1,000 sheep, two seeds each: squared error a drawing.
# One thread. Fits keep checkpoints under SKETCHVAE_SEEDS (a folder; default: none), so that a run that
# was cut goes on.
library(sketchvae)

data <- Sys.getenv("SKETCHVAE_DATA")
if (!nzchar(data)) stop("SKETCHVAE_DATA must name the folder of the real drawings")
kept <- Sys.getenv("SKETCHVAE_SEEDS")
chosen <- commandArgs(TRUE)
if (length(chosen) == 0) chosen <- c("digits", "binary", "nan", "sheep")

fit <- function(label, ...) {
  vae_fit(..., threads = 1, device = "cpu", verbose = FALSE,
    checkpoint = if (nzchar(kept)) file.path(kept, label))
}
mnist <- function(digits = NULL) {
  load_mnist(file.path(data, "mnist", "t10k-images-idx3-ubyte.gz"),
    file.path(data, "mnist", "t10k-labels-idx1-ubyte.gz"), digits = digits)
}
failed <- FALSE
say <- function(...) cat(..., "\n", sep = "")
judge <- function(what, values, limit) {
  good <- mean(values) <= limit
  failed <<- failed || !good
  say(what, ": ", paste(format(values, digits = 4), collapse = " "), ", mean ", format(mean(values), digits = 4),
    if (good) " <= " else " FAILED, above ", limit)
}

if (any(c("digits", "nan") %in% chosen)) {
  x <- mnist(c(1, 8))
  train <- seq_len(floor(.8 * length(x)))
  held <- x[-train]
  x <- x[train]
  say(length(x), " digits to train on, ", length(held), " to validate on")
}
if ("digits" %in% chosen) {
  values <- vapply(1:4, function(seed) {
    history <- fit(paste0("digits-", seed), x, model_digits(), validation = held, seed = seed)$history
    say("  seed ", seed, ", epochs 1, 5, 10: ", paste(format(history$val_loss[c(1, 5, 10)], digits = 4), collapse = " "))
    history$val_loss[[10]]
  }, 0)
  judge("digits, validation loss after 10 epochs", values, .1296)
}
if ("nan" %in% chosen) {
  losses <- vapply(101:130, function(seed) fit(paste0("nan-", seed), x, model_digits(), epochs = 1, seed = seed)$history$loss, 0)
  good <- length(losses) == 30 && all(is.finite(losses))
  failed <- failed || !good
  say("digits, first epoch of 30 seeds: ", sum(is.finite(losses)), " finite, loss from ",
    format(min(losses), digits = 3), " to ", format(max(losses), digits = 3), if (!good) " FAILED")
}
if ("binary" %in% chosen) {
  x <- mnist()
  for (as_written in c(TRUE, FALSE)) {
    how <- if (as_written) "as written" else "corrected"
    values <- vapply(1:4, function(seed) {
      history <- fit(paste0("binary-", as_written, "-", seed), x, model_binary(as_written = as_written), seed = seed)$history
      elbo <- history$reconstruction + history$kl_weight * history$kl
      say("  ", how, ", seed ", seed, ", epochs 1, 5, 10: ", paste(format(elbo[c(1, 5, 10)], digits = 4), collapse = " "),
        " (KL ", format(history$kl[[10]], digits = 3), ")")
      elbo[[10]]
    }, 0)
    judge(paste0("binary ", how, ", negative ELBO of epoch 10"), values, if (as_written) 152.5 else 154.4)
  }
}
if ("sheep" %in% chosen) {
  x <- load_quickdraw(path = file.path(data, "quickdraw", "sheep.npy"))
  errors <- sapply(1:2, function(seed) vapply(2:4, function(d) {
    one <- fit(paste0("sheep-", d, "-", seed), x, model_sheep(latent_dim = d), seed = seed)
    last <- one$history[nrow(one$history), ]
    mse <- mean(mse_anomalies(one, x, threads = 1)$mse)
    say("  ", d, " dimensions, seed ", seed, ": loss ", format(last$loss, digits = 5), ", reconstruction ",
      format(last$reconstruction, digits = 5), ", KL ", format(last$kl, digits = 3), ", squared error ", format(mse, digits = 4))
    mse
  }, 0))
  means <- rowMeans(errors)
  good <- all(diff(means) < 0)
  failed <- failed || !good
  say("sheep, mean squared error with 2, 3, 4 dimensions: ", paste(format(means, digits = 4), collapse = " "),
    if (good) ", falling" else " FAILED: not falling")
}
quit(status = as.integer(failed))
