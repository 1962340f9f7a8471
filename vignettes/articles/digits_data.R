# Digits for the articles: MNIST's test images where SKETCHVAE_DATA names a folder that has them, else ones and
# eights drawn by a procedure. Both are drawings with the digits as labels.
mnist_or_simulated <- function(digits = NULL, n = 2000) {
  folder <- file.path(Sys.getenv("SKETCHVAE_DATA", "no such folder"), "mnist")
  files <- file.path(folder, c("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"))
  if (all(file.exists(files))) {
    sketchvae::load_mnist(files[[1]], files[[2]], digits = digits)
  } else {
    simulate_digits(n)
  }
}

# A stroke is a chain of points, a pixel is dark when it is near one of them. Slant, size and thickness vary, and how
# large the eight's upper loop is.
simulate_digits <- function(n, seed = 1) {
  set.seed(seed)
  pixel <- expand.grid(column = 1:28, row = 1:28)
  draw <- function(digit) {
    height <- runif(1, 15, 20)
    t <- seq(0, 2 * pi, length.out = 40)
    if (digit == 1) {
      x <- rep(0, 40)
      y <- seq(-1, 1, length.out = 40) * height / 2
    } else {
      share <- runif(1, .38, .5) # of the upper loop
      upper <- height * share / 2
      lower <- height * (1 - share) / 2
      width <- runif(1, .7, .95)
      x <- c(sin(t) * upper, sin(t) * lower) * width
      y <- c(-height / 2 + upper + cos(t) * upper, height / 2 - lower + cos(t) * lower)
    }
    x <- 14.5 + runif(1, -1, 1) - y * rnorm(1, .2, .2) + x
    y <- 14.5 + runif(1, -1, 1) + y
    near <- outer(pixel$column, x, "-")^2 + outer(pixel$row, y, "-")^2
    distance <- sqrt(do.call(pmin, as.data.frame(near)))
    pmax(0, pmin(1, runif(1, 1.2, 2.2) - distance))
  }
  digits <- sample(c(1L, 8L), n, replace = TRUE)
  sketchvae::as_drawings(t(vapply(digits, draw, numeric(784))), labels = digits)
}
