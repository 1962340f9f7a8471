# The sheep analysis from first to last step; run by tools/demo, which sets everything up.
#   Rscript tools/demo.R [FOLDER [drawings.npy]]
# Reads the first 1,000 drawings of the file, or all where it holds fewer (or draws simulated sheep),
# fits the sheep VAE, and writes pictures, a report and the fit into FOLDER (sheep-analysis).
# SKETCHVAE_EPOCHS=3 is for those who work on this script.
suppressPackageStartupMessages(library(sketchvae))

arguments <- commandArgs(TRUE)
folder <- if (length(arguments) > 0) arguments[[1]] else "sheep-analysis"
file <- if (length(arguments) > 1) arguments[[2]]
epochs <- as.integer(Sys.getenv("SKETCHVAE_EPOCHS", "30"))
dir.create(folder, showWarnings = FALSE, recursive = TRUE)
out <- function(name) file.path(folder, name)
step <- function(...) cat(format(Sys.time(), "%H:%M:%S"), "  ", ..., "\n", sep = "")
# Draws plots side by side.
save_picture <- function(name, ..., width = 8, height = 6) {
  plots <- list(...)
  grDevices::png(out(name), width = width, height = height, units = "in", res = 130)
  on.exit(grDevices::dev.off())
  grid::grid.newpage()
  for (i in seq_along(plots)) {
    place <- grid::viewport(x = (i - 0.5) / length(plots), width = 0.96 / length(plots))
    print(plots[[i]], vp = place)
  }
}
invisible(grDevices::pdf(NULL)) # plot() shows what it returns; nobody is looking

# ---- drawings ----------------------------------------------------------------------------------
if (is.null(file)) {
  step("drawing 1,000 simulated sheep, 20 of them cars")
  sheep <- simulate_sheep(1000, anomalies = 20, seed = 1)
} else {
  step("reading the first 1,000 drawings of ", file)
  sheep <- read_drawings(file)
  sheep <- sheep[seq_len(min(length(sheep), 1000))]
}
print(sheep)
if (length(sheep) < 10) {
  message("An analysis takes 10 drawings at least, and a good one some hundreds; ", file, " holds ", length(sheep), ".")
  quit(status = 1)
}

# ---- the model ---------------------------------------------------------------------------------
model <- model_sheep()
print(model)
step("training: ", epochs, " epochs; the KL term starts after epoch 10 and is full at epoch 20")
fit <- vae_fit(
  sheep, model,
  epochs = epochs, batch_size = 8, kl_start = 10, kl_steep = 10, seed = 1, verbose = FALSE,
  callbacks = function(state) {
    last <- utils::tail(state$history, 1)
    step(sprintf("  epoch %2d: loss %.1f, %.1f s", last$epoch, last$loss, last$seconds))
  }
)
save_vae(fit, out("fit.safetensors"))
saveRDS(fit, out("fit.rds"))
save_picture("loss.png", plot_history(fit))

# ---- the latent space and its clusters -----------------------------------------------------------
step("looking for clusters among 100 pairs of eps and minPts")
z <- vae_encode(fit, sheep)
far <- latent_outliers(z)
inside <- z[!far, , drop = FALSE]
# The post's ranges suit 126,121 drawings; these go with the spread of the codes and their number:
# 10 to 50 neighbours among 1,000 drawings.
search <- latent_dbscan_search(inside,
  eps = c(0.02, 0.5) * mean(apply(inside, 2, sd)),
  minPts = pmax(c(3, 6), round(c(0.01, 0.05) * nrow(inside))), seed = 1
)
# With a loose eps everything is one cluster, with a tight one everything is noise. Of the pairs that
# give at most 12 clusters: the one with the most drawings in clusters other than the largest.
few <- search[search$clusters <= 12, ]
best <- few[which.min(few$noise + few$largest), ]
clusters <- latent_dbscan(inside, eps = best$eps, minPts = best$minPts)
print(clusters)
save_picture("latent.png", plot_latent(inside, colour = clusters) + ggplot2::labs(
  title = sprintf("The latent space: %d clusters of drawings", best$clusters),
  subtitle = sprintf("DBSCAN, eps = %.3g, minPts = %d; grey: noise", best$eps, best$minPts)
))
cluster <- integer(length(sheep)) # far out counts as noise
cluster[!far] <- clusters$cluster
print(cluster_summary(fit, sheep, cluster), digits = 2)
if (best$clusters > 0) {
  save_picture("clusters.png", plot_clusters(fit, sheep, cluster), width = 9,
    height = 1.4 + 0.75 * best$clusters)
}

# ---- the odd ones, and new ones ------------------------------------------------------------------
step("which drawings does the model redraw badly?")
anomalies <- mse_anomalies(fit, sheep)
print(anomalies)
save_picture("anomalies.png", plot(anomalies), plot(anomalies, sheep, fit), width = 13, height = 6)

step("new sheep")
# From the neighbourhood of drawings of the two largest clusters, as the post does, and all over.
set.seed(1)
largest <- head(order(-tabulate(cluster)), min(2, best$clusters))
groups <- lapply(largest, function(k) {
  plot_drawings(vae_generate(fit, 18, near = z[cluster == k, , drop = FALSE]), ncol = 6) + ggplot2::ggtitle(paste("New sheep near cluster", k))
})
do.call(save_picture, c("new-sheep.png", groups, list(
  plot_drawings(vae_generate(fit, 18), ncol = 6) + ggplot2::ggtitle("New sheep from the prior")
), width = 4 * (length(groups) + 1), height = 2.4))

# ---- the report and the map ----------------------------------------------------------------------
vae_report(fit, sheep, out("report.html"), clusters = cluster, title = "What the computer learned about sheep")
save_explorer(fit, sheep, out("explorer.html"), clusters = cluster, anomalies = anomalies, title = "A map of sheep")

step(sprintf(
  "loss %.1f after epoch %d, %.1f after epoch %d; mean squared-error sum %.1f",
  fit$history$loss[[min(10, epochs)]], min(10, epochs), fit$history$loss[[epochs]], epochs,
  mean(anomalies$mse)
))
step("a map to walk in: ", normalizePath(out("explorer.html")))
step("open ", normalizePath(out("report.html")))
