// What latent/ refuses, said once. R checks first, in the user's words; these guard the engine.
#pragma once

#include <cmath>
#include <limits>
#include <string>

#include "error.h"
#include "latent/points.h"

namespace sketchvae {

// Throws Error unless 1 <= d <= kMaxDims.
inline void check_dims(int64_t d) {
  if (d < 1 || d > kMaxDims) {
    throw Error("The latent space must have 1 to " + std::to_string(kMaxDims) +
                " dimensions, not " + std::to_string(d) + ".");
  }
}

// Throws Error for too many points, too many dimensions or a coordinate that is not finite.
inline void check_points(const Points& points) {
  check_dims(points.d);
  if (points.n >= std::numeric_limits<int32_t>::max()) {
    throw Error("At most 2,147,483,646 points can be clustered at once.");
  }
  // x - x is 0 for finite x and NaN otherwise; the sums keep any NaN, and the loop has no branch.
  // Four of them, since each addition waits for the one before.
  double poison[4] = {};
  const int64_t many = points.n * points.d;
  int64_t i = 0;
  for (; i + 4 <= many; i += 4) {
    for (int k = 0; k < 4; ++k) poison[k] += points.x[i + k] - points.x[i + k];
  }
  for (; i < many; ++i) poison[0] += points.x[i] - points.x[i];
  if (poison[0] + poison[1] + poison[2] + poison[3] != 0) throw Error("The coordinates of the points must be finite numbers.");
}

// Throws Error unless eps is a finite number >= 0.
inline void check_eps(double eps) {
  if (!(eps >= 0) || std::isinf(eps)) throw Error("`eps` must be a finite number, 0 or larger.");
}

}  // namespace sketchvae
