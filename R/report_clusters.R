# Clusters in vae_report(): looked for by the rule that the help page states, and what is said of them.

find_clusters <- function(z, seed) {
  cluster <- integer(nrow(z))
  far <- suppressMessages(latent_outliers(z))
  inside <- z[!far, , drop = FALSE]
  spread <- mean(apply(inside, 2, stats::sd))
  if (nrow(inside) < 20 || !isTRUE(spread > 0)) {
    return(list(cluster = cluster, how = "Too few different drawings to look for clusters."))
  }
  min_points <- pmin(pmax(nrow(inside) / c(100, 20), c(5, 10)), 300)
  search <- latent_dbscan_search(inside, eps = eps_range(inside, spread, min_points), minPts = min_points, seed = seed)
  few <- search[search$clusters <= 12, ]
  best <- few[which.min(few$noise + few$largest), ]
  if (nrow(best) == 0 || best$clusters < 1) {
    return(list(cluster = cluster, how = "None of 100 pairs of eps and minPts gave clusters."))
  }
  cluster[!far] <- latent_dbscan(inside, best$eps, best$minPts)$cluster
  how <- sprintf(paste(
    "DBSCAN with eps = %s and minPts = %s: of 100 random pairs with at most 12 clusters, the one that",
    "puts the most drawings into clusters other than the largest.%s"
  ), format(best$eps, digits = 3), best$minPts, if (any(far)) {
    sprintf(" %s far out %s left aside.", drawings_text(sum(far)), if (sum(far) == 1) "was" else "were")
  } else "")
  list(cluster = cluster, how = how, minPts = best$minPts, groups = parted_groups(z, cluster, best$minPts))
}

# In a plane by the spread; in more dimensions neighbours lie farther apart, and it is they who are asked.
eps_range <- function(z, spread, min_points) {
  if (ncol(z) <= 2) {
    return(c(0.02, 0.5) * spread)
  }
  some <- z[unique(round(seq(1, nrow(z), length.out = min(5000, nrow(z))))), , drop = FALSE]
  share <- nrow(some) / nrow(z)
  reach <- function(k, at) {
    k <- min(max(1, round(share * k)), nrow(some) - 1)
    stats::quantile(latent_knn_dist(some, k), at, names = FALSE)
  }
  c(reach(min_points[[1]], 0.02), reach(min_points[[2]], 0.8))
}

# Into how many groups gaps part the clusters. Clusters are joined as in the tree of latent_hdbscan(), at the eps at which a
# chain of points leads from one to the other. There is a gap where that eps is by a fifth larger than the median core
# distance in either, and more where small minPts make core distances uncertain: in a cloud without structure it is not.
# Clusters of less than a fiftieth of the points have no say.
parted_groups <- function(z, cluster, minPts, smallest = 0.02) {
  minPts <- min(max(2, minPts), nrow(z))
  times <- 1.2 + 4 / minPts
  tree <- latent_hdbscan(z, minPts)
  # Of each part of the tree, from single points on: the densest cluster that it holds, its median core distance, and the
  # number of groups. Only the denser half of a cluster stands for it: its rim may lie nearer to another.
  lead <- cluster
  core <- rep(Inf, nrow(z))
  for (k in setdiff(unique(cluster), 0L)) {
    members <- which(cluster == k)
    inner <- stats::median(tree$coredist[members])
    if (length(members) >= max(2, smallest * nrow(z))) core[members[tree$coredist[members] <= inner]] <- inner
  }
  groups <- as.integer(is.finite(core))
  # A point is -1 to -n in the tree, what its k-th edge joins is k.
  place <- tree$hc$merge
  place <- ifelse(place < 0, -place, place + nrow(z))
  joined <- nrow(place)
  core <- c(core, double(joined))
  lead <- c(lead, integer(joined))
  groups <- c(groups, integer(joined))
  for (k in seq_len(joined)) {
    a <- place[k, 1]
    b <- place[k, 2]
    densest <- if (core[[a]] <= core[[b]]) a else b
    parted <- lead[[a]] != lead[[b]] && tree$hc$height[[k]] >= times * max(core[[a]], core[[b]])
    core[[nrow(z) + k]] <- core[[densest]]
    lead[[nrow(z) + k]] <- lead[[densest]]
    groups[[nrow(z) + k]] <- if (parted) groups[[a]] + groups[[b]] else max(groups[[a]], groups[[b]])
  }
  groups[[length(groups)]]
}

# What else to try where no clusters show.
other_ways <- paste(
  "Try latent_hdbscan(z), which needs no eps, or latent_kmeans(z, k), which always divides;",
  "vae_report(clusters = ) shows what either found."
)

# What is to be said of clusters before they are shown.
clusters_verdict <- function(z, found) {
  noise <- sum(found$cluster == 0)
  given <- is.null(found$minPts)
  # Given clusters, k-means' for example, may divide what has no gaps.
  if (given && noise <= nrow(z) / 2) {
    return(NULL)
  }
  number <- length(setdiff(unique(found$cluster), 0L))
  share <- paste0(if (number == 1) "one cluster, ", percent_text(noise, nrow(z)), " noise")
  groups <- found$groups %||% parted_groups(z, found$cluster, found$minPts %||% default_min_points(nrow(z)))
  if (groups < 2) {
    paste0("No clear clusters at this setting (", share, "): ",
      if (number > 1) "drawings lie nearly as close between them as in them. " else "all lie together. ", other_ways)
  } else if (noise > nrow(z) / 2) {
    paste0("At this setting most drawings lie in no cluster (", share, "), but between the clusters there is a gap. ",
      "With a larger eps they take in more.")
  }
}

report_clusters <- function(fit, x, z, found, outliers) {
  if (!any(found$cluster > 0)) {
    return(list("Clusters", paragraph(paste(found$how %||% "All drawings are noise.", other_ways))))
  }
  number <- length(setdiff(unique(found$cluster), 0L))
  rows <- min(12, number)
  summary <- cluster_summary(fit, x, found$cluster)
  summary$cluster <- ifelse(summary$cluster == 0, "noise", summary$cluster)
  list("Clusters", c(
    if (!is.null(verdict <- clusters_verdict(z, found))) paragraph(verdict),
    if (!is.null(found$how)) paragraph(found$how),
    figure(plot_clustered_points(
      z, found$cluster, paste("Clusters of", drawings_text(nrow(z))), "grey: noise",
      limits = map_limits(plane_of(z), outliers), rest = report_rest
    ), 8, map_height(z, outliers) + 0.2, "The codes coloured by cluster"),
    figure(plot_clusters(fit, x, found$cluster), 8, .68 * rows + 1, "Drawings of each cluster"),
    html_table(summary)
  ))
}

