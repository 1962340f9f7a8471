// What latent/ refuses, said once. R checks first, in the user's words; these guard the engine.
#pragma once

#include <cmath>
#include <cstdio>
#include <limits>
#include <string>

#include "error.h"
#include "latent/points.h"

namespace sketchvae {

// Throws Error unless d >= 1.
inline void check_dims(int64_t d) {
  if (d < 1) throw Error("The latent space must have one dimension or more.");
}

// Throws Error for too many points, no dimension, or a coordinate that is not a number or lies
// beyond kLargestCoordinate.
inline void check_points(const Points& points) {
  check_dims(points.d);
  if (points.n >= std::numeric_limits<int32_t>::max()) {
    throw Error("At most 2,147,483,646 points can be clustered at once.");
  }
  const auto fits = [](double x) { return std::abs(x) <= kLargestCoordinate; };  // not so NaN
  const int64_t many = points.n * points.d;
  // Without a branch, a block at a time, so that the compiler can take several at once.
  constexpr int64_t kBlock = 4096;
  for (int64_t begin = 0; begin < many; begin += kBlock) {
    const int64_t end = begin + kBlock < many ? begin + kBlock : many;
    int64_t good = 0;
    for (int64_t i = begin; i < end; ++i) good += fits(points.x[i]);
    if (good == end - begin) continue;
    for (int64_t i = begin; i < end; ++i) {
      if (fits(points.x[i])) continue;
      char value[32];
      std::snprintf(value, sizeof(value), "%g", points.x[i]);
      throw Error("The coordinates of the points must be numbers between -1e100 and 1e100, not " +
                  std::string(value) + " (row " + std::to_string(i % points.n + 1) + ", column " +
                  std::to_string(i / points.n + 1) + ").");
    }
  }
}

// Throws Error unless eps is a finite number >= 0.
inline void check_eps(double eps) {
  if (!(eps >= 0) || std::isinf(eps)) throw Error("`eps` must be a finite number, 0 or larger.");
}

}  // namespace sketchvae
