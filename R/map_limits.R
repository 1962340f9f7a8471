# The one rule by which every map of a latent space opens: where most points lie. And the order they are drawn in.

# Limits along one dimension. The ends are those of the points within half a width of where the points lie once a
# hundredth on each side is left out (of few points three, and never more than a tenth). So at most that many are
# cut away on a side, however far they are: a larger group is a group, and no outlier. Nothing is cut off a cloud whose
# tails are not much heavier than a Gaussian's.
map_range <- function(values, outliers = FALSE) {
  values <- sort(unname(values[is.finite(values)]))
  n <- length(values)
  if (n == 0) {
    return(c(-1, 1))
  }
  aside <- if (outliers) 0 else max(floor(n / 100), min(3, floor(n / 10)))
  inner <- values[c(1 + aside, n - aside)]
  # Halves before they are subtracted: the span of 1e308 and -1e308 is no number.
  reach <- inner[[2]] / 2 - inner[[1]] / 2
  ends <- range(values[values >= inner[[1]] - reach & values <= inner[[2]] + reach])
  half <- ends[[2]] / 2 - ends[[1]] / 2
  # Values that are one value have room around them, too; beside 1e20 a unit is none.
  margin <- if (half > 1e-9 * max(abs(ends))) 0.1 * half else max(1, 0.1 * abs(ends))
  ends + c(-margin, margin)
}

# Of a matrix: a column of two ends for each of its columns.
map_limits <- function(z, outliers = FALSE) apply(z, 2, map_range, outliers = outliers)

# Which rows of z lie within limits.
on_map <- function(z, limits) {
  Reduce(`&`, lapply(seq_len(ncol(z)), function(k) z[, k] >= limits[1, k] & z[, k] <= limits[2, k]))
}

# What a map says of points that it does not show.
outside_text <- function(count, how = "outliers = TRUE shows all") {
  if (count > 0) {
    paste0(count_text(count), if (count == 1) " point lies" else " points lie", " outside this map",
      if (!is.null(how)) paste0("; ", how))
  }
}

# A fixed shuffled order: points in the order of their groups would be covered by the last group.
map_order <- function(n) with_seed(1, sample.int(n))
