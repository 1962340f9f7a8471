# The latent space at full size beside dbscan::dbscan and scikit-learn, interleaved:
#   SKETCHVAE_DATA=/path/to/data Rscript bench/latent.R [rounds, 3] [threads, 2] [library]
# Ratios are of the best times of all rounds. Memory is what the peak of the process rises by during
# one call. scikit-learn runs in a process of its own with n_jobs = 2; without it its columns stay
# empty. Results are in bench/README.md.

args <- commandArgs(TRUE)
rounds <- if (length(args) > 0) as.integer(args[[1]]) else 3L
threads <- if (length(args) > 1) as.integer(args[[2]]) else 2L
if (length(args) > 2) .libPaths(c(args[[3]], .libPaths()))
library(sketchvae, warn.conflicts = FALSE)
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "..", "tests", "testthat", "helper-latent.R"))

file <- file.path(Sys.getenv("SKETCHVAE_DATA"), "latent", "latentB126k.npy")
z <- read_npy_matrix(file)
draws <- utils::read.table(file.path(dirname(file), "draws.txt"), col.names = c("eps", "minPts"))

seconds_of <- function(code) {
  start <- Sys.time()
  force(code)
  as.double(difftime(Sys.time(), start, units = "secs"))
}

status_mb <- function(field) {
  line <- grep(paste0("^", field, ":"), readLines("/proc/self/status"), value = TRUE)
  as.double(gsub("[^0-9]", "", line)) / 1024
}

extra_mb <- function(code) {
  gc()
  writeLines("5", "/proc/self/clear_refs") # resets the peak
  before <- status_mb("VmRSS")
  force(code)
  status_mb("VmHWM") - before
}

sklearn <- function(eps, minPts) {
  out <- suppressWarnings(system2("python3",
    c(file.path(here, "latent_sklearn.py"), file, eps, minPts),
    stdout = TRUE, stderr = FALSE
  ))
  if (length(out) == 1) as.double(strsplit(out, " ")[[1]]) else rep(NA_real_, 3)
}

say <- function(...) cat(sprintf(...), "\n", sep = "")
load_average <- function() sub(" [0-9/]+ [0-9]+$", "", readLines("/proc/loadavg"))

say("%s, %s, R %s, dbscan %s, %d threads, %d rounds, load average %s",
  format(Sys.time(), "%Y-%m-%d %H:%M"),
  sub(".*: ", "", grep("model name", readLines("/proc/cpuinfo"), value = TRUE)[[1]]),
  getRversion(), utils::packageVersion("dbscan"), threads, rounds, load_average())

# ---- single runs --------------------------------------------------------------------------------
pairs <- data.frame(
  eps = c(0.005, 0.02, 0.0427, 0.1, 0.25, 0.5), minPts = c(5, 50, 377, 100, 150, 300),
  others = c(TRUE, TRUE, TRUE, TRUE, FALSE, FALSE) # at the rest they want many gigabytes
)
say(paste("\n| eps | minPts | clusters | ours, ms | 1 thread, ms | extra MB | dbscan, s | ratio",
  "| scikit-learn, s | ratio | labels |"))
say("|---|---|---|---|---|---|---|---|---|---|---|")
for (i in seq_len(nrow(pairs))) {
  eps <- pairs$eps[[i]]
  minPts <- pairs$minPts[[i]]
  ours <- one <- theirs <- python <- Inf
  same <- ""
  for (round in seq_len(rounds)) {
    for (again in 1:5) {
      ours <- min(ours, seconds_of(found <- latent_dbscan(z, eps, minPts, threads)))
      one <- min(one, seconds_of(latent_dbscan(z, eps, minPts, 1)))
    }
    if (pairs$others[[i]]) {
      theirs <- min(theirs, seconds_of(reference <- dbscan::dbscan(z, eps, minPts)))
      same <- if (identical(reference$cluster, found$cluster)) "identical" else "DIFFERENT"
      python <- min(python, sklearn(eps, minPts)[[1]])
    }
  }
  extra <- extra_mb(latent_dbscan(z, eps, minPts, threads))
  say("| %g | %g | %s | %.1f | %.1f | %.0f | %.3f | %.0f | %.3f | %.0f | %s |", eps, minPts,
    format(max(found$cluster), big.mark = ","), 1e3 * ours, 1e3 * one, extra, theirs,
    theirs / ours, python, python / ours, same)
}

# ---- the search ---------------------------------------------------------------------------------
best <- Inf
for (round in seq_len(rounds)) {
  best <- min(best, seconds_of(search <- latent_dbscan_search(z, draws, threads = threads)))
}
quick <- which(draws$eps < 0.06)
agree <- vapply(quick, function(i) {
  max(dbscan::dbscan(z, draws$eps[[i]], draws$minPts[[i]])$cluster) == search$clusters[[i]]
}, logical(1))
say("\nsearch, 100 draws: %.3f s, extra %.0f MB; clusters equal to dbscan's at %d of %d of eps < 0.06",
  best, extra_mb(latent_dbscan_search(z, draws, threads = threads)), sum(agree), length(agree))

# ---- two million points -------------------------------------------------------------------------
set.seed(1)
n <- 2e6
large <- z[sample(nrow(z), n, replace = TRUE), ] + rnorm(2 * n, sd = 1e-3)
eps <- 0.0427 * sqrt(nrow(z) / n)
small <- min(replicate(3, seconds_of(latent_dbscan(z, 0.0427, 377, threads))))
time <- seconds_of(found <- latent_dbscan(large, eps, 377, threads))
say("2,000,000 points, eps %.5f, minPts 377: %.2f s, %.1f times that of %.1f times fewer; extra %.0f MB",
  eps, time, time / small, n / nrow(z), extra_mb(latent_dbscan(large, eps, 377, threads)))
rm(large)

# ---- path, hdbscan, k-means, k-NN ---------------------------------------------------------------
time <- seconds_of(path <- latent_dbscan_path(z, 50, threads))
set.seed(2)
eps <- exp(runif(200, log(0.005), log(0.5)))
counts <- latent_dbscan_search(z, data.frame(eps = eps, minPts = 50), threads = threads)$clusters
say("path, minPts 50: %.2f s, extra %.0f MB; counts equal at %d of 200 random eps", time,
  extra_mb(latent_dbscan_path(z, 50, threads)), sum(predict(path, eps)$clusters == counts))
say("hdbscan, minPts 50: %.2f s, extra %.0f MB", seconds_of(latent_hdbscan(z, 50, threads)),
  extra_mb(latent_hdbscan(z, 50, threads)))
say("k-NN distances, k 50: %.2f s; dbscan::kNNdist %.2f s",
  seconds_of(latent_knn_dist(z, 50, threads)), seconds_of(dbscan::kNNdist(z, 50)))
time <- seconds_of(ours <- latent_kmeans(z, 100, seed = 1, threads = threads))
theirs <- seconds_of(reference <- vapply(1:2, function(seed) {
  set.seed(seed)
  suppressWarnings(stats::kmeans(z, 100, iter.max = 50)$tot.withinss)
}, double(1))) / 2
say("k-means, k 100: %.2f s for 10 starts; stats::kmeans %.2f s a start; sum of squares %.4f of its best of 2",
  time, theirs, ours$tot.withinss / min(reference))
say("elbow, k 1 to 100: %.2f s", seconds_of(latent_elbow(z, seed = 1, threads = threads)))
say("load average at the end: %s", load_average())
