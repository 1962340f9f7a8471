# The look that all plots share, and colours that colour-blind readers can tell apart.

theme_sketchvae <- function(base_size = 11) {
  ggplot2::theme_minimal(base_size = base_size) +
    ggplot2::theme(
      panel.grid.minor = ggplot2::element_blank(),
      plot.background = ggplot2::element_rect(fill = "white", colour = NA),
      plot.title.position = "plot",
      plot.caption.position = "plot"
    )
}

# Noise, and other things that stand back.
noise_colour <- "#BFBFBF"

# Okabe and Ito's colours without black and grey, which ink and noise have.
okabe_ito <- c(
  "#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#F0E442"
)

# Colours mixed with another, of which they get the share `by`.
shade <- function(colours, towards, by) {
  mixed <- (1 - by) * grDevices::col2rgb(colours) + by * as.vector(grDevices::col2rgb(towards))
  grDevices::rgb(t(mixed), maxColorValue = 255)
}

# Colours for clusters 1 to n, named "0" (noise) to "n". After seven they come again, darker, then
# lighter, then from the start: beyond twenty-one no palette helps, numbers on the plot do.
cluster_palette <- function(n) {
  colours <- c(okabe_ito, shade(okabe_ito, "black", 0.45), shade(okabe_ito, "white", 0.5))
  stats::setNames(c(noise_colour, rep_len(colours, n)), 0:n)
}

# 126121 as "126,121".
count_text <- function(x) {
  format(x, big.mark = ",", scientific = FALSE, trim = TRUE)
}

# A share of a whole: "0.31 %".
percent_text <- function(part, whole) {
  if (whole == 0) "0 %" else paste(format(100 * part / whole, digits = 2, scientific = FALSE), "%")
}
