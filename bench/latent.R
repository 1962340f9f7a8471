# The latent space at full size beside dbscan::dbscan and scikit-learn, interleaved:
#   SKETCHVAE_DATA=/path/to/data Rscript bench/latent.R [rounds, 3] [threads, 2] [library] [part]
# `part`: "pairs" for the single runs, "rest" for the others; without it both. Best times of all rounds:
# of the clock with that many threads, and of the CPU with one, which says more when the machine has
# other work. Ratios are to the others' time on the clock, who use one thread. Memory is
# what the peak of a fresh process rises by during the call. scikit-learn runs in a process of its
# own (SKETCHVAE_PYTHON names a python that has it; without one its column stays empty).

args <- commandArgs(TRUE)
rounds <- if (length(args) > 0) as.integer(args[[1]]) else 3L
threads <- if (length(args) > 1) as.integer(args[[2]]) else 2L
if (length(args) > 2 && nzchar(args[[3]])) .libPaths(c(args[[3]], .libPaths()))
part <- if (length(args) > 3) args[[4]] else "both"
library(sketchvae, warn.conflicts = FALSE)
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
helper <- normalizePath(file.path(here, "..", "tests", "testthat", "helper-latent.R"))
source(helper)

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

cpu_of <- function(code) {
  start <- proc.time()
  force(code)
  sum((proc.time() - start)[1:2])
}

# Of a call written as text, on z, in a fresh process: a used one has free memory to take from.
# `first` is run before.
extra_mb <- function(call, first = NULL) {
  script <- c(
    sprintf(".libPaths(%s)", deparse1(.libPaths())), "library(sketchvae, warn.conflicts = FALSE)",
    sprintf("source(%s)", deparse1(helper)), sprintf("z <- read_npy_matrix(%s)", deparse1(file)),
    "invisible(latent_dbscan(z[1:100, ], 1, 5))", first, "invisible(gc())",
    sprintf("status_mb <- %s", paste(deparse(status_mb), collapse = "\n")),
    "writeLines('5', '/proc/self/clear_refs')", "before <- status_mb('VmRSS')", call,
    "cat(status_mb('VmHWM') - before)"
  )
  path <- tempfile(fileext = ".R")
  on.exit(unlink(path))
  writeLines(script, path)
  as.double(utils::tail(system2(file.path(R.home("bin"), "Rscript"), path, stdout = TRUE), 1))
}

sklearn_seconds <- function(eps, minPts) {
  out <- suppressWarnings(system2(Sys.getenv("SKETCHVAE_PYTHON", "python3"),
    c(file.path(here, "latent_sklearn.py"), file, eps, minPts),
    stdout = TRUE, stderr = FALSE, env = "LD_LIBRARY_PATH=" # R's own is not python's
  ))
  if (length(out) == 1) as.double(strsplit(out, " ")[[1]][[1]]) else NA_real_
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
single_runs <- function() {
  say(paste(
    "\n| eps | minPts | clusters | %d threads, ms | CPU of one, ms | extra MB | dbscan, s | ratio",
    "| scikit-learn, s | ratio | labels |"
  ), threads)
  say("|---|---|---|---|---|---|---|---|---|---|---|")
  for (i in seq_len(nrow(pairs))) {
    eps <- pairs$eps[[i]]
    minPts <- pairs$minPts[[i]]
    clock <- ours <- theirs <- python <- NA
    same <- ""
    for (round in seq_len(rounds)) {
      for (again in 1:10) {
        clock <- min(clock, seconds_of(latent_dbscan(z, eps, minPts, threads)), na.rm = TRUE)
      }
      # proc.time() counts in steps of milliseconds: ten calls at a time.
      ten <- cpu_of(for (again in 1:10) found <- latent_dbscan(z, eps, minPts, 1))
      ours <- min(ours, ten / 10, na.rm = TRUE)
      if (pairs$others[[i]]) {
        theirs <- min(theirs, seconds_of(reference <- dbscan::dbscan(z, eps, minPts)), na.rm = TRUE)
        same <- if (identical(reference$cluster, found$cluster)) "identical" else "DIFFERENT"
        python <- min(python, sklearn_seconds(eps, minPts), na.rm = TRUE)
      }
    }
    extra <- extra_mb(sprintf("found <- latent_dbscan(z, %g, %g, %d)", eps, minPts, threads))
    say("| %g | %g | %s | %.1f | %.1f | %.0f | %.3f | %.0f | %.3f | %.0f | %s |", eps, minPts,
      format(max(found$cluster), big.mark = ","), 1e3 * clock, 1e3 * ours, extra, theirs,
      theirs / clock, python, python / clock, same)
  }
}
if (part != "rest") single_runs()
if (part == "pairs") quit()

# ---- the search ---------------------------------------------------------------------------------
best <- Inf
for (round in seq_len(rounds)) {
  best <- min(best, seconds_of(search <- latent_dbscan_search(z, draws, threads = threads)))
}
quick <- which(draws$eps < 0.06)
agree <- vapply(quick, function(i) {
  max(dbscan::dbscan(z, draws$eps[[i]], draws$minPts[[i]])$cluster) == search$clusters[[i]]
}, logical(1))
cpu <- cpu_of(latent_dbscan_search(z, draws, threads = 1))
say("\nsearch, 100 draws: %.3f s (CPU, 1 thread: %.3f), extra %.0f MB", best, cpu,
  extra_mb(sprintf("found <- latent_dbscan_search(z, 100, seed = 1, threads = %d)", threads)))
say("clusters equal to dbscan's at %d of %d draws of eps < 0.06", sum(agree), length(agree))

# ---- two million points -------------------------------------------------------------------------
n <- 2e6
make_large <- c(
  "set.seed(1)", "large <- z[sample(nrow(z), 2e6, replace = TRUE), ] + rnorm(4e6, sd = 1e-3)"
)
eval(parse(text = make_large))
eps <- 0.0427 * sqrt(nrow(z) / n)
small <- cpu_of(for (again in 1:10) latent_dbscan(z, 0.0427, 377, 1)) / 10
time <- cpu_of(latent_dbscan(large, eps, 377, 1))
clock <- seconds_of(latent_dbscan(large, eps, 377, threads))
say("2,000,000 points, eps %.5f, minPts 377: %.2f s (CPU of one thread %.2f), %.1f times that of %.1f times fewer",
  eps, clock, time, time / small, n / nrow(z))
say("  extra %.0f MB", extra_mb(sprintf("found <- latent_dbscan(large, %.10g, 377, %d)", eps, threads), make_large))
rm(large)

# ---- path, hdbscan, k-means, k-NN ---------------------------------------------------------------
clock <- seconds_of(latent_dbscan_path(z, 50, threads))
time <- cpu_of(path <- latent_dbscan_path(z, 50, 1))
set.seed(2)
eps <- exp(runif(200, log(0.005), log(0.5)))
counts <- latent_dbscan_search(z, data.frame(eps = eps, minPts = 50), threads = threads)$clusters
say("path, minPts 50: %.2f s (CPU of one thread %.2f), extra %.0f MB; counts equal at %d of 200 random eps", clock, time,
  extra_mb("found <- latent_dbscan_path(z, 50)"), sum(predict(path, eps)$clusters == counts))
say("hdbscan, minPts 50: CPU %.2f s, extra %.0f MB", cpu_of(latent_hdbscan(z, 50, 1)),
  extra_mb("found <- latent_hdbscan(z, 50)"))
say("k-NN distances, k 50: CPU %.2f s; dbscan::kNNdist %.2f s",
  cpu_of(latent_knn_dist(z, 50, 1)), cpu_of(dbscan::kNNdist(z, 50)))
time <- cpu_of(ours <- latent_kmeans(z, 100, seed = 1, threads = 1))
set.seed(1)
theirs <- cpu_of(reference <- suppressWarnings(stats::kmeans(z, 100, iter.max = 50)))
say("k-means, k 100: CPU %.2f s for 10 starts; stats::kmeans %.2f s for 1", time, theirs)
say("  within-sum-of-squares %.4f of its", ours$tot.withinss / reference$tot.withinss)
say("load average at the end: %s", load_average())
