// Marshalling for R/read_images.R.
#include <Rcpp.h>

#include "data/fit_drawing.h"
#include "data/strokes.h"

// [[Rcpp::export]]
Rcpp::RawVector fit_drawing_cpp(const Rcpp::NumericMatrix& ink) {
  Rcpp::RawVector pixels(Rcpp::no_init(sketchvae::kPixels));
  sketchvae::fit_drawing(ink.begin(), ink.nrow(), ink.ncol(), pixels.begin());
  return pixels;
}
