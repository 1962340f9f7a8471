#' What this copy of sketchvae runs on
#'
#' The versions of R, sketchvae and LibTorch, where LibTorch was found, how many threads it uses,
#' and whether a GPU can be used, with the reason if not. Paste it into a bug report.
#'
#' @return A list of class `sketchvae_sitrep`: `sketchvae`, `r`, `platform`, `libtorch` (version
#'   that is loaded), `libtorch_compiled` (version it was compiled against), `libtorch_path`,
#'   `libtorch_source` (which step of the search found it), `libtorch_loaded` (every LibTorch in
#'   this process), `threads`, `cpu` (instruction set), `gpu` (`TRUE` or `FALSE`), `gpu_reason`.
#'   Printing it writes to stdout.
#' @export
#' @examples
#' sketchvae_sitrep()
sketchvae_sitrep <- function() {
  structure(
    c(
      list(
        sketchvae = as.character(utils::packageVersion("sketchvae")),
        r = as.character(getRversion()),
        platform = R.version$platform
      ),
      sitrep_cpp()
    ),
    class = "sketchvae_sitrep"
  )
}

#' @export
print.sketchvae_sitrep <- function(x, ...) {
  gpu <- paste0(if (x$gpu) "yes" else "no", " (", x$gpu_reason, ")")
  cat(
    sprintf("sketchvae %s, R %s on %s\n", x$sketchvae, x$r, x$platform),
    sprintf("LibTorch:  %s (compiled against %s)\n", x$libtorch, x$libtorch_compiled),
    sprintf("  file:    %s\n", x$libtorch_path),
    sprintf("  found:   by %s when installed\n", x$libtorch_source),
    sprintf("Threads:   %d, %s\n", x$threads, x$cpu),
    sprintf("GPU:       %s\n", gpu),
    sep = ""
  )
  others <- setdiff(x$libtorch_loaded, x$libtorch_path)
  if (length(others) > 0) {
    cat("Another LibTorch is in this process:", others, sep = "\n  ")
    cat("\n")
  }
  invisible(x)
}
