// What the functions of latent/ take: points, as R holds a matrix.
#pragma once

#include <cstdint>

namespace sketchvae {

// n points of d dimensions as R holds a matrix: column after column (x[k * n + i]), not owned.
struct Points {
  const double* x = nullptr;
  int64_t n = 0;
  int d = 0;
};

// No coordinate may lie farther from 0. Sums of squared differences, and of those over all points,
// then stay below the largest double, which every search in latent/ relies on.
inline constexpr double kLargestCoordinate = 1e100;

}  // namespace sketchvae
