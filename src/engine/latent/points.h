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

// Latent spaces have few dimensions; everything in latent/ is compiled for 1 to kMaxDims.
inline constexpr int kMaxDims = 8;

}  // namespace sketchvae
