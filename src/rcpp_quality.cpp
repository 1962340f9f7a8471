// Marshalling for R/drawing_quality.R.
#include <span>

#include "quality/likeness.h"
#include "quality/nearest_drawing.h"
#include "rcpp_host.h"
#include "rcpp_latent.h"

// [[Rcpp::export]]
Rcpp::List compare_points_cpp(Rcpp::NumericMatrix fresh, Rcpp::NumericMatrix real, double k, int threads) {
  sketchvae::RHost host;
  const auto found = sketchvae::compare_points(sketchvae::as_points(fresh), sketchvae::as_points(real),
                                               static_cast<int64_t>(k), threads, host);
  return Rcpp::List::create(Rcpp::_["frechet"] = found.frechet, Rcpp::_["kernel"] = found.kernel,
                            Rcpp::_["precision"] = found.precision, Rcpp::_["recall"] = found.recall,
                            Rcpp::_["coverage"] = found.coverage);
}

// Rows count from 1. As doubles: R's integers end at 2^31.
// [[Rcpp::export]]
Rcpp::List nearest_drawings_cpp(Rcpp::RawVector drawings, Rcpp::RawVector others, double pixels, int threads,
                                Rcpp::Nullable<Rcpp::Function> progress) {
  sketchvae::RHost host(progress);
  const auto bytes = [](const Rcpp::RawVector& x) {
    return std::span<const uint8_t>(x.begin(), static_cast<size_t>(x.size()));
  };
  const auto found = sketchvae::nearest_drawings(bytes(drawings), bytes(others),
                                                 static_cast<int64_t>(pixels), threads, host);
  Rcpp::NumericVector row(found.row.begin(), found.row.end());
  return Rcpp::List::create(Rcpp::_["row"] = row + 1.0, Rcpp::_["distance"] = found.distance);
}
