# The sheep analysis from first to last step; run by tools/demo, which sets everything up.
#   Rscript tools/demo.R FOLDER [drawings.npy]
# Reads the first 1,000 drawings of the file (or draws simulated sheep), fits the sheep VAE, and
# writes pictures, a report and the fit into FOLDER.
library(sketchvae)

arguments <- commandArgs(TRUE)
folder <- arguments[[1]]
file <- if (length(arguments) > 1) arguments[[2]]
dir.create(folder, showWarnings = FALSE, recursive = TRUE)
out <- function(name) file.path(folder, name)
step <- function(text) cat(sprintf("%s  %s\n", format(Sys.time(), "%H:%M:%S"), text))
save_plot <- function(name, plot, width = 7, height = 5) {
  ggplot2::ggsave(out(name), plot, width = width, height = height, dpi = 150, bg = "white")
}
save_side_by_side <- function(name, plots, width = 10, height = 5.5) {
  force(plots) # made before this device opens: plot() draws at once
  grDevices::png(out(name), width = width, height = height, units = "in", res = 150)
  grid::grid.newpage()
  for (i in seq_along(plots)) {
    place <- grid::viewport(x = (i - 0.5) / length(plots), width = 1 / length(plots))
    print(plots[[i]], vp = place)
  }
  invisible(grDevices::dev.off())
}
invisible(grDevices::pdf(NULL)) # plot() shows what it returns; nobody is looking

# ---- drawings ----------------------------------------------------------------------------------
if (is.null(file)) {
  step("drawing 1,000 simulated sheep, 20 of them odd ones")
  sheep <- simulate_sheep(1000, anomalies = 20, seed = 1)
} else {
  step(paste("reading", file))
  sheep <- load_quickdraw(path = file, n = 1000)
}
print(sheep)

# ---- the model -----------------------------------------------------------------------------------
step("training: 30 epochs; the KL term starts after epoch 10 and is full at epoch 20")
fit <- vae_fit(
  sheep, model_sheep(),
  epochs = 30, batch_size = 8, kl_start = 10, kl_steep = 10, seed = 1, verbose = FALSE,
  callbacks = function(state) {
    last <- utils::tail(state$history, 1)
    step(sprintf("  epoch %2d: loss %.1f, %.1f s", last$epoch, last$loss, last$seconds))
  }
)
save_vae(fit, out("fit.safetensors"))
saveRDS(fit, out("fit.rds"))
save_plot("loss.png", plot(fit))

# ---- the latent space and its clusters -----------------------------------------------------------
step("latent space")
z <- vae_encode(fit, sheep)
outlier <- latent_outliers(z)
inside <- z[!outlier, , drop = FALSE]
step("searching 100 pairs of eps and minPts")
search <- latent_dbscan_search(inside, draws = 100, seed = 1)
# With a loose eps everything is one cluster, with a tight one everything is noise: the pair that
# leaves the least noise among those that find two to eight clusters.
some <- search[search$clusters >= 2 & search$clusters <= 8, ]
if (nrow(some) == 0) some <- search
best <- some[order(some$noise), ][1, ]
clusters <- latent_dbscan(inside, eps = best$eps, minPts = best$minPts)
print(clusters)
save_plot("latent.png", plot_latent(inside, colour = clusters))

members <- split(which(!outlier), clusters$cluster)
members <- members[setdiff(names(members), "0")]
largest <- utils::head(members[order(-lengths(members))], 2)
save_side_by_side("clusters.png", lapply(names(largest), function(cluster) {
  drawings <- largest[[cluster]]
  plot_drawings(sheep[utils::head(drawings, 36)]) +
    ggplot2::ggtitle(sprintf("Cluster %s: %d drawings", cluster, length(drawings)))
}))

# ---- the odd ones, and new ones ------------------------------------------------------------------
step("anomalies")
anomalies <- mse_anomalies(fit, sheep)
print(anomalies)
save_side_by_side("anomalies.png", list(plot(anomalies), plot(anomalies, sheep, fit)))

step("new sheep")
save_plot("new-sheep.png", plot_drawings(vae_generate(fit, 36, seed = 1)), width = 6, height = 6)

# ---- the report ----------------------------------------------------------------------------------
escape <- function(text) gsub("<", "&lt;", gsub("&", "&amp;", text, fixed = TRUE), fixed = TRUE)
printed <- function(x) paste0("<pre>", paste(escape(utils::capture.output(print(x))), collapse = "\n"), "</pre>")
picture <- function(name, text) sprintf("<h2>%s</h2>\n<img src=\"%s\" alt=\"%s\">", text, name, text)
shown <- fit$history[fit$history$epoch %in% c(1, 5, 10, 15, 20, 25, 30), ]
writeLines(c(
  "<!DOCTYPE html>", "<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Sheep</title>",
  "<style>body{font:16px/1.5 sans-serif;max-width:50em;margin:2em auto;padding:0 1em}",
  "img{max-width:100%}pre{background:#f4f4f4;padding:.8em;overflow:auto}</style></head><body>",
  "<h1>What the computer learned about sheep</h1>",
  printed(sheep),
  picture("loss.png", "Loss"), printed(shown),
  picture("latent.png", "Latent space"), printed(clusters),
  picture("clusters.png", "The two largest clusters"),
  picture("anomalies.png", "The odd ones"), printed(anomalies),
  picture("new-sheep.png", "New sheep"),
  "<h2>Play on</h2>",
  "<pre>library(sketchvae)\nfit &lt;- readRDS(\"fit.rds\")   # or load_vae(\"fit.safetensors\")",
  "plot_drawings(vae_decode(fit, rbind(c(0, 0), c(1, -1))))</pre>",
  "<h2>Made with</h2>", printed(sketchvae_sitrep()), "</body></html>"
), out("report.html"))

step(sprintf(
  "loss %.1f after epoch 10, %.1f after epoch 30; mean squared-error sum %.1f",
  fit$history$loss[[10]], fit$history$loss[[30]], mean(anomalies$mse)
))
