#' sketchvae: teach a computer how to draw
#'
#' Loads drawings, trains variational autoencoders on them in a C++ engine on LibTorch, and
#' explores what was learned: clusters in the latent space, odd drawings, new drawings.
#' [sketchvae_sitrep()] says what this copy runs on.
#'
#' @section Options and environment variables:
#' `options(sketchvae.threads = )` sets the number of threads of fits and searches,
#' `options(sketchvae.device = )` where fits are encoded, decoded and scored (`"auto"`, `"cpu"`,
#' `"cuda"`). Calls that take longer than a few seconds say so and show how far they are where R is interactive;
#' `options(sketchvae.progress = TRUE)` has them do it in scripts too, `FALSE` nowhere. The
#' environment variables `LIBTORCH_HOME`, `SKETCHVAE_PYTHON`, `SKETCHVAE_CUDA` and
#' `SKETCHVAE_GET_LIBTORCH` are read when the package is installed; the README explains them.
#'
#' @keywords internal
#' @importFrom Rcpp sourceCpp
#' @importFrom rlang .data
"_PACKAGE"
