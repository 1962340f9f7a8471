// The arithmetic that decides every label: squared Euclidean distances in dimension order, each
// operation rounded once. Include this header first in every file of latent/ that compares
// distances: its pragmas forbid the compiler to fuse a * b + c for the rest of the file. Baseline
// x86-64 cannot fuse, arm64 and the functions with target("avx512f") can, and a fused sum changes
// labels at pairs exactly eps apart. Tests: tests/cpp/test_dbscan.cpp.
#pragma once

#if defined(__clang__)
#pragma clang fp contract(off)
#elif defined(__GNUC__)
#pragma GCC optimize("fp-contract=off")
#endif

#include <algorithm>
#include <cstdint>

#include "latent/points.h"

namespace sketchvae {

// A box is 2 D doubles: D lower bounds, then D upper bounds. Because rounding is monotone, the two
// bounds below are exact statements about the rounded distance of any two points in the boxes:
// box_gap <= distance <= box_reach, without any tolerance.

// Squared distance between the nearest points that boxes a and b could hold.
template <int D>
inline double box_gap(const double* a, const double* b) {
  double sum = 0;
  for (int k = 0; k < D; ++k) {
    const double gap = std::max(0.0, std::max(b[k] - a[D + k], a[k] - b[D + k]));
    sum += gap * gap;
  }
  return sum;
}

// Both bounds at once: box_gap and box_reach share their differences (negation is exact).
template <int D>
inline void box_bounds(const double* a, const double* b, double& gap2, double& reach2) {
  gap2 = 0;
  reach2 = 0;
  for (int k = 0; k < D; ++k) {
    const double u = a[D + k] - b[k];
    const double v = b[D + k] - a[k];
    const double gap = std::max(0.0, -std::min(u, v));
    const double reach = std::max(u, v);
    gap2 += gap * gap;
    reach2 += reach * reach;
  }
}

// Squared distance between the farthest points that boxes a and b could hold.
template <int D>
inline double box_reach(const double* a, const double* b) {
  double sum = 0;
  for (int k = 0; k < D; ++k) {
    const double reach = std::max(b[D + k] - a[k], a[D + k] - b[k]);
    sum += reach * reach;
  }
  return sum;
}

// The same two for a single point q of D coordinates.
template <int D>
inline double point_gap(const double* q, const double* box) {
  double sum = 0;
  for (int k = 0; k < D; ++k) {
    const double gap = std::max(0.0, std::max(box[k] - q[k], q[k] - box[D + k]));
    sum += gap * gap;
  }
  return sum;
}

template <int D>
inline double point_reach(const double* q, const double* box) {
  double sum = 0;
  for (int k = 0; k < D; ++k) {
    const double reach = std::max(box[D + k] - q[k], q[k] - box[k]);
    sum += reach * reach;
  }
  return sum;
}

// Squared distance of q to the point at `at` of columns that lie `stride` apart.
template <int D>
inline double point_distance(const double* q, const double* x, int64_t stride, int64_t at) {
  double sum = 0;
  for (int k = 0; k < D; ++k) {
    const double step = x[k * stride + at] - q[k];
    sum += step * step;
  }
  return sum;
}

}  // namespace sketchvae
