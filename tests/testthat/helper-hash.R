# The written integer hash that golden weights and inputs come from; tests/parity/values.py says what
# it is. A 64-bit number is a row of four 16-bit limbs, lowest first, held in doubles.
as_limbs <- function(hex) rev(strtoi(substring(hex, c(1, 5, 9, 13), c(4, 8, 12, 16)), 16L))

carry <- function(x) {
  for (k in 1:3) {
    x[, k + 1] <- x[, k + 1] + x[, k] %/% 65536
    x[, k] <- x[, k] %% 65536
  }
  x[, 4] <- x[, 4] %% 65536
  x
}

add_limbs <- function(x, y) carry(x + rep(y, each = nrow(x)))

multiply_limbs <- function(x, y) {
  out <- x * 0
  for (i in 1:4) for (j in seq_len(5 - i)) out[, i + j - 1] <- out[, i + j - 1] + x[, i] * y[j]
  carry(out)
}

xor_limbs <- function(x, y) {
  matrix(bitwXor(as.integer(x), as.integer(y)), nrow(x)) + 0
}

shift_right <- function(x, bits) {
  whole <- bits %/% 16
  part <- 2^(bits %% 16)
  padded <- cbind(x, matrix(0, nrow(x), 5))
  sapply(1:4, function(k) padded[, k + whole] %/% part + (padded[, k + whole + 1] %% part) * (65536 / part)) |>
    matrix(nrow(x))
}

fnv1a64 <- function(name) {
  h <- matrix(as_limbs("cbf29ce484222325"), 1)
  for (byte in as.integer(charToRaw(name))) {
    h <- multiply_limbs(xor_limbs(h, matrix(c(byte, 0, 0, 0), 1)), as_limbs("00000100000001b3"))
  }
  h
}

hashed_24_bits <- function(name, n) {
  i <- seq_len(n) - 1
  x <- carry(cbind(i %% 65536, i %/% 65536, 0, 0) + rep(fnv1a64(name), each = n))
  x <- add_limbs(x, as_limbs("9e3779b97f4a7c15"))
  x <- multiply_limbs(xor_limbs(x, shift_right(x, 30)), as_limbs("bf58476d1ce4e5b9"))
  x <- multiply_limbs(xor_limbs(x, shift_right(x, 27)), as_limbs("94d049bb133111eb"))
  x <- xor_limbs(x, shift_right(x, 31))
  x[, 4] * 256 + x[, 3] %/% 256
}

hashed_symmetric <- function(name, n) 2 * hashed_24_bits(name, n) / 2^24 - 1

# Values in a file's order as an array of R.
from_file_order <- function(x, shape) aperm(array(x, rev(shape)), rev(seq_along(shape)))

hashed_parameter <- function(name, shape) {
  t <- from_file_order(hashed_symmetric(name, prod(shape)), shape)
  switch(basename(name),
    kernel = {
      last <- utils::tail(shape, 2)
      t * sqrt(6 / (prod(shape) / prod(last) * sum(last)))
    },
    bias = , beta = .05 * t, gamma = 1 + .1 * t, moving_mean = .1 * t, moving_variance = 1 + .5 * t
  )
}

# All parameters of a model, hashed.
hashed_weights <- function(model) {
  shapes <- unlist(lapply(plan_model(model)$layers, `[[`, "weights"), recursive = FALSE)
  Map(hashed_parameter, names(shapes), shapes)
}

hashed_drawings <- function(n, size) {
  x <- new_drawings(as.raw(hashed_24_bits("input", n * prod(size)) %% 256))
  x$size <- size
  x
}

hashed_codes <- function(n, latent_dim) {
  from_file_order(2 * hashed_symmetric("code", n * latent_dim), c(n, latent_dim))
}
