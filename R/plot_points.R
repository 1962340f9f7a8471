# What plots of a latent space and clusterings of it share: layers of points, and the words about sizes.

# From this many points on they are one picture: drawn at once, and small in a PDF.
many_points <- 20000

# A layer of n points with a colour for each. The last point lies on top.
points_layer <- function(x, y, colour, size, alpha) {
  colour <- rep_len(colour, length(x))
  if (length(x) < many_points) {
    data <- data.frame(x = x, y = y)
    return(ggplot2::geom_point(ggplot2::aes(.data$x, .data$y), data,
      inherit.aes = FALSE, colour = colour, size = size, alpha = alpha, shape = 16
    ))
  }
  across <- range(x)
  up <- range(y)
  list(
    ggplot2::geom_blank(ggplot2::aes(.data$x, .data$y), data.frame(x = across, y = up), inherit.aes = FALSE),
    ggplot2::annotation_raster(raster_of_points(x, y, colour, alpha),
      across[[1]], across[[2]], up[[1]], up[[2]]
    )
  )
}

# Points as pixels between the smallest and the largest of them: a pixel has the colour of its last point
# and is the more opaque the more points it has.
raster_of_points <- function(x, y, colour, alpha, width = 640, height = 520) {
  pixel <- function(v, n) {
    ends <- range(v)
    if (ends[[1]] == ends[[2]]) return(rep(1, length(v)))
    pmin(n, 1 + floor((v - ends[[1]]) / (ends[[2]] - ends[[1]]) * n))
  }
  at <- (pixel(x, width) - 1) * height + (height + 1 - pixel(y, height))
  count <- tabulate(at, width * height)
  picture <- matrix("#FFFFFF00", height, width)
  picture[at] <- colour
  inked <- which(count > 0)
  opaque <- round(255 * (1 - (1 - alpha)^count[inked]))
  picture[inked] <- paste0(substr(picture[inked], 1, 7), sprintf("%02X", 0:255)[opaque + 1])
  as.raster(picture)
}

# One scale for both axes, unless a line would be left of the picture. Where all values are nearly one, the plot gets its
# limits, as it finds none of its own.
latent_coord <- function(limits) {
  spans <- limits[2, ] / 2 - limits[1, ] / 2
  if (any(spans < 0.095 * apply(abs(limits), 2, max)) && max(abs(limits)) > 1e6) {
    return(ggplot2::coord_cartesian(xlim = limits[, 1], ylim = limits[, 2], expand = FALSE))
  }
  if (max(spans) <= 10 * min(spans)) ggplot2::coord_equal() else ggplot2::coord_cartesian()
}

# One invisible point for each entry of a legend, whose keys show.
legend_layer <- function(aes, data) {
  list(
    ggplot2::geom_point(aes, data, inherit.aes = FALSE, alpha = 0),
    ggplot2::guides(colour = ggplot2::guide_legend(override.aes = list(size = 3, alpha = 1)))
  )
}

# Points of a latent space coloured by cluster, up to sixty clusters numbered.
# Only the first two dimensions are shown, and only what lies within `limits`; `rest` says how one sees the rest.
plot_clustered_points <- function(z, cluster, title, subtitle = NULL, names = 1:2, size = NULL, alpha = 1,
                                  limits = NULL, rest = "outliers = TRUE shows all") {
  k <- max(0L, cluster)
  z <- plane_of(z)
  limits <- limits %||% map_limits(z)
  inside <- on_map(z, limits)
  # Noise below, clusters above, no cluster above another.
  drawn <- map_order(nrow(z))
  drawn <- drawn[inside[drawn]]
  drawn <- drawn[order(cluster[drawn] != 0)]
  colours <- unname(cluster_palette(k)[as.integer(cluster)[drawn] + 1L])
  p <- ggplot2::ggplot() +
    points_layer(z[drawn, 1], z[drawn, 2], colours, size %||% if (nrow(z) > 5000) 0.2 else 1, alpha) +
    ggplot2::labs(title = title, subtitle = subtitle, caption = outside_text(sum(!inside), rest),
      x = paste("Latent dimension", names[1]), y = paste("Latent dimension", names[2])
    ) +
    latent_coord(limits) +
    theme_sketchvae()
  there <- drawn[cluster[drawn] > 0]
  if (length(there) == 0 || k > 60) {
    return(p)
  }
  p + cluster_numbers(z[there, , drop = FALSE], cluster[there], limits)
}

# The first two dimensions; zero for a second one that is not there.
plane_of <- function(z) unname(cbind(z[, 1], if (ncol(z) > 1) z[, 2] else 0))

# The number of each cluster, in its colour, beside its points: above, below, left or right, where it covers the fewest
# points and no other number. The largest clusters come first.
cluster_numbers <- function(z, cluster, limits) {
  k <- as.integer(names(sort(-table(cluster))))
  # About what two digits take of a map of 7 inches.
  box <- c(0.022, 0.025) * (limits[2, ] - limits[1, ])
  covered <- function(place, points) {
    sum(abs(points[, 1] - place[[1]]) < box[[1]] & abs(points[, 2] - place[[2]]) < box[[2]])
  }
  taken <- matrix(0, 0, 2)
  for (one in k) {
    own <- z[cluster == one, , drop = FALSE]
    middle <- apply(own, 2, stats::median)
    places <- rbind(beside(own, middle, 2, 1), beside(own, middle, 2, -1), beside(own, middle, 1, -1), beside(own, middle, 1, 1))
    places <- places + cbind(c(0, 0, -1.2, 1.2) * box[[1]], c(1.2, -1.2, 0, 0) * box[[2]])
    costs <- apply(places, 1, function(place) covered(place, z) + 1e6 * covered(place / 2, taken / 2))
    taken <- rbind(taken, places[which.min(costs), ])
  }
  labels <- data.frame(x = taken[, 1], y = taken[, 2], label = k)
  colours <- shade(unname(cluster_palette(max(k))[k + 1]), "black", 0.4)
  ggplot2::geom_label(
    ggplot2::aes(.data$x, .data$y, label = .data$label), labels,
    inherit.aes = FALSE, size = 3.2, fontface = "bold", colour = colours, label.size = 0,
    label.padding = ggplot2::unit(0.08, "lines"), fill = "#FFFFFFB0"
  )
}

# Where a line through the middle of points along `axis` leaves them, upwards (sign 1) or downwards: among the half of
# the points that is nearest to the line.
beside <- function(points, middle, axis, sign) {
  across <- abs(points[, 3 - axis] - middle[[3 - axis]])
  near <- points[across <= stats::median(across), axis]
  place <- middle
  place[[axis]] <- sign * max(sign * near)
  place
}

# plot() of a clustering `x` of the points `z`; `how` begins the subtitle.
plot_clustering <- function(x, z, title, how = NULL, outliers = FALSE, call = rlang::caller_env()) {
  z <- check_clustered(z, x, "z", call = call)
  check_flag(outliers, call = call)
  noise <- sum(x$cluster == 0)
  plot_clustered_points(z, x$cluster, title, limits = map_limits(plane_of(z), outliers), subtitle = if (!is.null(how)) {
    sprintf("%s; noise is grey: %s of %s points", how, count_text(noise), count_text(nrow(z)))
  })
}

clusters_text <- function(n) paste(count_text(n), if (n == 1) "cluster" else "clusters")

# The line of a printed clustering that gives the sizes of its clusters, the largest ones first.
print_sizes <- function(cluster) {
  sizes <- tabulate(cluster, nbins = max(0L, cluster))
  if (length(sizes) == 0) {
    return()
  }
  shown <- utils::head(order(-sizes), 10)
  cat(
    if (length(sizes) > 10) "The ten largest: " else "Sizes: ",
    paste0(shown, ": ", count_text(sizes[shown]), collapse = ", "), "\n",
    sep = ""
  )
}

# The points that `object` labels: `z`, or if that is missing those that it kept.
check_clustered <- function(z, object, arg = rlang::caller_arg(z), call = rlang::caller_env()) {
  force(arg)
  if (missing(z)) {
    if (is.null(object$z)) {
      cli::cli_abort(
        paste(
          "{.arg {arg}} is missing: give the points that were clustered, or cluster them with",
          "{.code keep = TRUE}, which keeps them in the result."
        ),
        call = call
      )
    }
    return(object$z)
  }
  z <- check_latent(z, arg, call = call)
  if (nrow(z) != length(object$cluster)) {
    cli::cli_abort(
      paste(
        "{.arg {arg}} must be the {count_text(length(object$cluster))} points that were",
        "clustered, not {count_text(nrow(z))}."
      ),
      call = call
    )
  }
  z
}
