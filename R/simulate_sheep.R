#' Sheep drawn by a procedure
#'
#' Draws sheep as people do in twenty seconds: a woolly outline, a head to the left or to the right,
#' legs on two of three, here and there a black sheep. They stand in for real drawings in examples
#' and tests, and are rendered as the Quick, Draw! bitmaps are.
#'
#' @param n How many drawings, 0 or more.
#' @param anomalies How many of them are cars, at random places: a whole number up to `n`, or, below
#'   1, a share of `n`.
#' @param seed A whole number from 0 to 2147483647 makes the same drawings everywhere and leaves
#'   R's random numbers alone; `NULL` takes the seed from R's random numbers, so that `set.seed()` counts.
#' @return `drawings`. `labels()` says what each shows: `"sheep, head left, legs"`,
#'   `"sheep, head right, legs"`, `"sheep, head left, no legs"`, `"sheep, head right, no legs"`,
#'   `"black sheep"` or `"car"`.
#' @section Errors: Numbers outside these ranges.
#' @export
#' @examples
#' x <- simulate_sheep(60, anomalies = 2, seed = 1)
#' table(labels(x))
#' plot_drawings(x)
simulate_sheep <- function(n, anomalies = 0, seed = NULL) {
  n <- check_count(n, min = 0)
  anomalies <- check_number(anomalies, min = 0, max = max(n, 0))
  cars <- if (anomalies < 1) round(anomalies * n) else check_count(anomalies, min = 0, max = n)
  seed <- check_count(seed, min = 0, max = .Machine$integer.max, null = TRUE)
  if (is.null(seed)) {
    seed <- sample.int(.Machine$integer.max, 1)
  }
  drawn <- run_engine(simulate_sheep_cpp(n, cars, seed, progress_callback("Drawing sheep")))
  new_drawings(drawn$pixels, sheep_kinds[drawn$kinds + 1L])
}

# In the order of SheepKind in src/engine/data/simulate_sheep.h.
sheep_kinds <- c(
  "sheep, head left, legs", "sheep, head right, legs", "sheep, head left, no legs",
  "sheep, head right, no legs", "black sheep", "car"
)
