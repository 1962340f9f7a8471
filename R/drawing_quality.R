#' How good are new drawings?
#'
#' Compares new drawings with real ones: whether they are as crisp, as sound and as varied, and, where the
#' drawings are given that a model was trained on, whether it drew them or copied them. Every drawing becomes a point
#' of 48 features of a small fixed network, and the measures compare the two clouds of points.
#'
#' What to read first: `frechet`, beside its value between two halves of the real drawings, which is the best
#' that can be had with so few. Then `precision` (the share of new drawings that lie where real ones lie) and `recall` (the share of real drawings whose like is drawn: a model that draws
#' one perfect sheep for ever has hardly any), and `grey` (the share of pixels that are neither paper nor ink).
#'
#' @param new,real Drawings of 28 x 28, anything [as_drawings()] takes, such as [vae_generate()]'s and
#'   held-out ones. At least `k + 1` of each. Both distances are too high when there are few: with the same
#'   numbers of drawings models can be compared, with others not. Some hundreds are a good start.
#' @param train The drawings that the model was trained on, or `NULL`: then nothing is said of copies.
#' @param k Neighbours that a drawing's ball reaches to, for precision, recall and coverage.
#' @param threads Threads; see [vae_fit()]. The result is the same with any number.
#' @returns An object of class `drawing_quality`, a list of
#'   * `measures`: a data frame with the rows `new` and `halves` (the real drawings in odd places beside those
#'     in even places; `NA` where they are too few) and the columns `frechet` (the Frechet distance, squared, 0 or more: two normal
#'     distributions with the clouds' means and covariances), `kernel` (the squared maximum mean discrepancy
#'     of the kernel `(x'y / 48 + 1)^3`, unbiased, so about 0 for equal clouds), `precision`, `recall` (shares of new
#'     drawings within a ball of a real one, and of real ones within a ball of a new one), `coverage`
#'     (the share of real ones that have a new one within their ball);
#'   * `looks`: a data frame with the rows `new` and `real` and the columns `grey` (the share of pixels between
#'     0.2 and 0.8) and `ink` (the mean pixel, 0 to 1);
#'   * `nearest`: `NULL`, or a data frame with a row for each new drawing: `train`, the place of the training
#'     drawing that it differs least from, `distance` (root of the mean squared difference of pixels in 0 to 1) and
#'     `copy`. A copy is nearer to a training drawing than half of what the nearest hundredth of the real ones is;
#'   * `n`: the numbers of drawings.
#' @section What it can't see: The network was trained to name sixteen kinds of doodles and seven kinds of damage
#'   (blur, noise, holes, ...), all drawn by a program, none by a person. It knows shapes and strokes,
#'   but not whether a sheep is funny, and what differs from real drawings only in ways that are in none of its doodles may
#'   escape it. It looks at 28 x 28 pixels: other sizes are refused.
#' @section Errors: Drawings of another size, fewer than `k + 1` of them.
#' @source Heusel et al. (2017), GANs trained by a two time-scale update rule converge to a local Nash
#'   equilibrium; Binkowski et al. (2018), Demystifying MMD GANs; Kynkaanniemi et al. (2019), Improved precision
#'   and recall metric; Naeem et al. (2020), Reliable fidelity and diversity metrics. The network is made by
#'   `data-raw/feature_network.R` in the package's sources.
#' @export
#' @examples
#' real <- simulate_sheep(200, seed = 1)
#' drawing_quality(vae_generate(pretrained_sheep(), 200, seed = 1), real)
#' drawing_quality(simulate_sheep(200, seed = 2), real)
drawing_quality <- function(new, real, train = NULL, k = 3, threads = NULL) {
  new <- check_compared(to_drawings(new, arg = "new"), "new")
  real <- check_compared(to_drawings(real, arg = "real"), "real")
  if (!is.null(train)) {
    train <- check_compared(to_drawings(train, arg = "train"), "train")
    if (length(train) == 0) cli::cli_abort("{.arg train} holds no drawings.")
  }
  k <- check_count(k)
  threads <- check_threads(threads)
  check_enough(new, k)
  check_enough(real, k)
  network <- feature_network()
  new_points <- vae_encode(network, new, threads = threads)
  real_points <- vae_encode(network, real, threads = threads)
  odd <- seq_along(real) %% 2 == 1
  halves <- if (sum(!odd) > k) {
    compare_points(real_points[odd, , drop = FALSE], real_points[!odd, , drop = FALSE], k, threads)
  } else {
    rep(NA_real_, 5)
  }
  structure(
    list(
      measures = as.data.frame(rbind(new = compare_points(new_points, real_points, k, threads), halves = halves)),
      looks = as.data.frame(rbind(new = looks_of(new), real = looks_of(real))),
      nearest = if (!is.null(train)) nearest_of(new, real, train, threads),
      n = c(new = length(new), real = length(real), train = if (!is.null(train)) length(train))
    ),
    class = "drawing_quality"
  )
}

check_compared <- function(x, arg, call = rlang::caller_env()) {
  if (all(x$size == picture)) return(x)
  cli::cli_abort("{.arg {arg}} must be drawings of 28 x 28, not of {paste(x$size, collapse = ' x ')}: the features are those of a network for that size.", call = call)
}

check_enough <- function(x, k, arg = rlang::caller_arg(x), call = rlang::caller_env()) {
  if (length(x) > k) return(invisible())
  cli::cli_abort("{.arg {arg}} holds {length(x)} drawing{?s}; with {.code k = {k}} at least {k + 1} are needed.", call = call)
}

compare_points <- function(new, real, k, threads) {
  unlist(run_engine(compare_points_cpp(new, real, k, threads)))
}

looks_of <- function(x) {
  grey <- as.integer(x$pixels)
  c(grey = mean(grey > 51 & grey < 204), ink = mean(grey) / 255)
}

nearest_of <- function(new, real, train, threads) {
  nearest <- function(x, what) {
    run_engine(nearest_drawings_cpp(x$pixels, train$pixels, prod(x$size), threads,
      progress_callback(what)))
  }
  found <- nearest(new, "Looking for copies")
  usual <- nearest(real, "Measuring how near real drawings are")$distance
  data.frame(train = found$row, distance = found$distance, copy = found$distance < stats::quantile(usual, 0.01) / 2)
}

feature_network <- function() shipped_vae("feature_network.safetensors")

#' @export
print.drawing_quality <- function(x, ...) {
  cat(count_text(x$n[["new"]]), " new drawings beside ", count_text(x$n[["real"]]), " real ones", sep = "")
  cat(" (in brackets: two halves of the real ones)\n")
  number <- function(value) format(round(value, if (abs(value) < 10) 2 else 1), nsmall = 1)
  share <- function(value) percent_text(value, 1)
  line <- function(label, measure, text, note) {
    value <- x$measures[[measure]]
    beside <- if (is.na(value[[2]])) "" else paste0("(", text(value[[2]]), ")")
    cat("  ", formatC(label, width = -20), formatC(text(value[[1]]), width = 8), formatC(beside, width = 10), "  ", note, "\n", sep = "")
  }
  line("Frechet distance", "frechet", number, "0: drawn by the same hand")
  line("Kernel distance", "kernel", number, "0: drawn by the same hand")
  line("Precision", "precision", share, "new ones no odder than real ones")
  line("Recall", "recall", share, "real ones whose like is drawn")
  line("Coverage", "coverage", share, "real ones that have a new one near")
  cat("  Grey pixels: ", share(x$looks$grey[1]), ", in real ones ", share(x$looks$grey[2]), "; ink: ", share(x$looks$ink[1]),
    ", in real ones ", share(x$looks$ink[2]), "\n", sep = "")
  if (!is.null(x$nearest)) {
    copies <- which(x$nearest$copy)
    cat("  Copies of training drawings: ", if (length(copies) == 0) "none" else {
      paste0(count_text(length(copies)), " (", toString(utils::head(copies, 10)), if (length(copies) > 10) ", ...", ")")
    }, "\n", sep = "")
  }
  few <- min(x$n[c("new", "real")])
  if (few < 200) cat("  With few drawings (", few, ") both distances are too high.\n", sep = "")
  invisible(x)
}
