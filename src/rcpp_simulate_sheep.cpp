// Marshalling for R/simulate_sheep.R.
#include <Rcpp.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "data/simulate_sheep.h"
#include "rcpp_host.h"

// [[Rcpp::export]]
Rcpp::List simulate_sheep_cpp(double n, double cars, double seed,
                              Rcpp::Nullable<Rcpp::Function> progress) {
  sketchvae::RHost host(progress);
  const auto count = static_cast<int64_t>(n);
  Rcpp::RawVector pixels(Rcpp::no_init(count * sketchvae::kPixels));
  std::vector<sketchvae::SheepKind> kinds(static_cast<size_t>(count));
  sketchvae::simulate_sheep(count, static_cast<int64_t>(cars), static_cast<uint64_t>(seed),
                            pixels.begin(), kinds.data(), host);
  Rcpp::IntegerVector codes(kinds.size());
  std::transform(kinds.begin(), kinds.end(), codes.begin(),
                 [](sketchvae::SheepKind kind) { return static_cast<int>(kind); });
  return Rcpp::List::create(Rcpp::_["pixels"] = pixels, Rcpp::_["kinds"] = codes);
}
