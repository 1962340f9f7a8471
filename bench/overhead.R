# What R adds to the engine's own time of a fit, and the memory a fit takes by either path.
#   Rscript bench/overhead.R          time
#   Rscript bench/overhead.R memory   peak memory (Linux): native kernels beside LibTorch alone
library(sketchvae, warn.conflicts = FALSE)

peak_mb <- function() {
  status <- readLines("/proc/self/status")
  as.numeric(gsub("\\D", "", grep("^VmHWM", status, value = TRUE))) / 1024
}

args <- commandArgs(TRUE)
if (length(args) == 0) {
  x <- simulate_sheep(8, seed = 1)
  model <- model_binary(hidden = 10)
  outside <- function(epochs) {
    elapsed <- system.time(fit <- vae_fit(x, model, epochs = epochs, seed = 1, verbose = FALSE))[["elapsed"]]
    elapsed - sum(fit$history$seconds)
  }
  outside(1)
  one <- median(replicate(15, outside(1)))
  many <- median(replicate(5, outside(501)))
  cat(sprintf("outside the engine's epochs: %.1f ms a fit, %.3f ms an epoch\n", one * 1e3, (many - one) / 500 * 1e3))
} else if (args[1] == "memory") {
  program <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
  for (batch in c(8, 128)) {
    for (path in c("native", "libtorch")) {
      system2(file.path(R.home("bin"), "Rscript"), c(program, "fit", path, batch))
    }
  }
} else {
  options(sketchvae.plan = args[2])
  x <- simulate_sheep(256, seed = 1)
  base <- peak_mb()
  fit <- vae_fit(x, epochs = 2, batch_size = as.integer(args[3]), kl_start = 0, kl_steep = 1,
                 seed = 1, verbose = FALSE)
  cat(sprintf("sheep, batch %s, %s: peak %.0f MB, %.0f MB more than before the fit\n", args[3], args[2],
              peak_mb(), peak_mb() - base))
}
