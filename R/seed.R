# Evaluates expr under a seed and leaves R's generator as it was; NULL uses it as it stands.
with_seed <- function(seed, expr, call = rlang::caller_env()) {
  if (is.null(seed)) {
    return(expr)
  }
  check_count(seed, "seed", min = 0, max = .Machine$integer.max, call = call)
  before <- globalenv()$.Random.seed
  kinds <- RNGkind("Mersenne-Twister", "Inversion", "Rejection")
  on.exit({
    RNGkind(kinds[[1]], kinds[[2]], kinds[[3]])
    if (is.null(before)) {
      suppressWarnings(rm(".Random.seed", envir = globalenv()))
    } else {
      assign(".Random.seed", before, envir = globalenv())
    }
  })
  set.seed(seed)
  expr
}
