# Draws random numbers from a seed without touching R's own; NULL is R's own.
with_seed <- function(seed, code) {
  if (is.null(seed)) {
    return(code)
  }
  old <- globalenv()[[".Random.seed"]]
  on.exit(
    if (is.null(old)) {
      rm(".Random.seed", envir = globalenv())
    } else {
      assign(".Random.seed", old, envir = globalenv())
    }
  )
  set.seed(seed, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
  code
}
