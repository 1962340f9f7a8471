# What the live explorer (latent_explorer.R) and the offline one (save_explorer.R) share: the numbers that
# the scripts of inst/explorer/page want, and the page's parts.

# `meta` goes to the page as JSON; `z`, `mse`, `cluster` and `label` (numbers from 0) as bytes. With `later`, of
# many drawings only the first 2,000 of a random `order` are `encoded`, and none are scored: other rows of z are NA.
explorer_data <- function(fit, x, clusters, anomalies, labels, title, dims, z = NULL, later = FALSE,
                          call = rlang::caller_env()) {
  check_class(fit, "vae", arg = "fit", made_by = "vae_fit()", call = call)
  x <- check_drawings_fit(x, fit$model, call = call)
  n <- length(x)
  cluster <- if (!is.null(clusters)) check_clusters(clusters, n, "clusters", call)
  scored <- check_scores(anomalies, n, call)
  labels <- check_labels(labels, n, call) %||% x$labels
  title <- check_string(title, call = call)
  d <- fit$model$latent_dim
  if (d < 2) {
    cli::cli_abort("{.arg fit} has one latent dimension; a map needs two.", call = call)
  }
  dims <- check_dimensions(dims, d, many = 2, call = call)
  if (!is.null(z)) {
    z <- check_matrix(z, "z", cols = d, call = call)
    if (nrow(z) != n) {
      cli::cli_abort("{.arg z} must have a row for each of the {count_text(n)} drawings, not {count_text(nrow(z))}.", call = call)
    }
  }
  later <- later && n > 2000
  order <- if (later && is.null(z)) with_seed(1, sample.int(n)) else seq_len(n)
  encoded <- if (later && is.null(z)) 2000 else n
  known <- z %||% vae_encode(fit, if (encoded < n) x[order[seq_len(encoded)]] else x)
  if (encoded < n) {
    z <- matrix(NA_real_, n, d)
    z[order[seq_len(encoded)], ] <- known
  }
  if (is.null(scored) && !later) scored <- mse_anomalies(fit, x)
  groups <- c(
    if (!is.null(cluster)) list(cluster = grouping(factor(cluster, noise_last(cluster)), c(`0` = "noise"))),
    if (!is.null(labels)) list(label = grouping(few_levels(labels)))
  )
  list(
    x = x, z = z %||% known, order = order, encoded = encoded, mse = scored$mse, groups = lapply(groups, `[[`, "of"),
    meta = list(
      title = title, n = n, d = d, rows = x$size[[1]], cols = x$size[[2]], dims = I(dims - 1L),
      limits = I(as.vector(apply(known, 2, map_range))), medians = I(unname(apply(known, 2, stats::median))),
      scored = !is.null(scored), cutoff = scored$cutoff, groups = lapply(groups, function(group) I(group$names)),
      palette = I(unname(cluster_palette(21)[-1])),
      ramp = I(substr(grDevices::hcl.colors(64, "viridis"), 1, 7))
    )
  )
}

# Scores of n drawings: what mse_anomalies() gives, or numbers.
check_scores <- function(anomalies, n, call) {
  if (is.null(anomalies)) {
    return(NULL)
  }
  scored <- if (is.list(anomalies)) anomalies else list(mse = anomalies)
  scored$mse <- plain_number(scored$mse)
  if (!is.numeric(scored$mse) || length(scored$mse) != n || !all(is.finite(scored$mse))) {
    abort_argument(anomalies, "anomalies", paste(
      "what mse_anomalies() gives for the", count_text(n), "drawings, or a finite number for each of them"
    ), call)
  }
  list(mse = scored$mse, cutoff = scored$cutoff)
}

# The groups that colour points: a number from 0 for each point, and the groups' names.
grouping <- function(of, rename = NULL) {
  names <- levels(of)
  known <- names %in% names(rename)
  names[known] <- rename[names[known]]
  if (anyNA(of)) names <- c(names, "no label")
  of <- as.integer(of)
  of[is.na(of)] <- length(names)
  list(of = of - 1L, names = names)
}

# A list of thousands of labels helps nobody: the most frequent ones, and all others together.
few_levels <- function(labels, most = 200) {
  labels <- if (is.factor(labels)) droplevels(labels) else factor(labels)
  if (nlevels(labels) > most) {
    kept <- names(sort(table(labels), decreasing = TRUE))[seq_len(most - 1)]
    levels(labels)[!levels(labels) %in% kept] <- "other labels"
  }
  labels
}

little_endian <- function(x, type) {
  writeBin(as.vector(x, type), raw(), size = 4, endian = "little")
}

explorer_file <- function(name) {
  file <- system.file("explorer", name, package = "sketchvae", mustWork = TRUE)
  paste(readLines(file, encoding = "UTF-8"), collapse = "\n")
}

# The page's script: files of inst/explorer/page in the order in which they run, as the body of one function.
explorer_script <- function() {
  files <- c(
    "basics", "live_source", "baked_source", "begin", "nearest", "painters", "state", "view", "colours", "map", "looking",
    "selection", "walk", "input", "pad", "sliders", "filters", "buttons", "progress", "ready"
  )
  body <- vapply(file.path("page", paste0(files, ".js")), explorer_file, "")
  paste(c(
    "(async () => {", "\"use strict\";", body,
    "})().catch((error) => {",
    "  const box = document.getElementById(\"status\"), inFile = document.getElementById(\"explorer-data\");",
    "  box.textContent = (inFile ? \"This page needs a browser of 2023 or later: \" : \"\") + error.message;",
    "  box.hidden = false;",
    "});"
  ), collapse = "\n")
}
