// What the marshalling of latent/ shares: an R matrix seen as points, without a copy.
#pragma once

#include <Rcpp.h>

#include "latent/points.h"

namespace sketchvae {

inline Points as_points(const Rcpp::NumericMatrix& z) {
  return {z.begin(), static_cast<int64_t>(z.nrow()), z.ncol()};
}

}  // namespace sketchvae
