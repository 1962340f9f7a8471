# The R half of keras_files.py: Rscript keras_files.R PRESET FOLDER imports the files that Keras wrote,
# compares predictions with Keras', and exports the fit in both layouts for Keras to read.
suppressPackageStartupMessages(library(sketchvae))
args <- commandArgs(TRUE)
model <- switch(args[1], sheep = model_sheep(), digits = model_digits(), binary = model_binary())
at <- function(file) file.path(args[2], file)
read_values <- function(file) unname(as.matrix(utils::read.csv(at(file), header = FALSE)))

x <- load_quickdraw(path = at("x.npy"))
# Codes of unbinarised pixels, as the Keras side has them.
model["binarize"] <- list(NULL)
failed <- FALSE
limit <- 1e-4 # of the range: the package predicts by its own kernels, not by LibTorch's
for (file in c("flat.h5", "nested.h5", "named_flat.h5", "named_nested.h5", "whole.h5",
               "flat.weights.h5", "nested.weights.h5", "named_flat.weights.h5",
               "named_nested.weights.h5", "flat.keras", "nested.keras", "named_flat.keras", "named_nested.keras")) {
  # Where the heads have no names, their order is right: Keras' side made them so.
  fit <- suppressWarnings(import_keras(at(file), model))
  ours <- list(
    mean = vae_encode(fit, x), log_var = vae_encode(fit, x, "log_var"),
    # Row by row, as Keras flattens.
    decode = t(apply(vae_decode(fit, read_values("z.csv")), 1, function(d) as.vector(t(d))))
  )
  difference <- max(mapply(function(name, value) {
    theirs <- read_values(paste0(name, ".csv"))
    max(abs(value - theirs)) / diff(range(theirs))
  }, names(ours), ours))
  failed <- failed || !(difference <= limit)
  cat(sprintf("%-10s%-54s%12.2e%10.0e\n", args[1], paste("Keras'", file, "here"), difference, limit))
}
for (name in names(ours)) {
  utils::write.table(format(ours[[name]], digits = 9), at(paste0("ours_", name, ".csv")), sep = ",",
                     quote = FALSE, row.names = FALSE, col.names = FALSE)
}
export_keras(fit, at("ours.h5"))
export_keras(fit, at("ours.weights.h5"))
quit(status = failed)
