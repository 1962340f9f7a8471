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
#include <limits>

#include "latent/dims.h"
#include "latent/points.h"

namespace sketchvae {

// A box is 2 D doubles: D lower bounds, then D upper bounds. Because rounding is monotone, the two
// bounds below are exact statements about the rounded distance of any two points in the boxes:
// box_gap <= distance <= box_reach, without any tolerance.

// The sum of term(k) over the dimensions, in their order.
template <int D, class Term>
inline double ordered_sum(Dims<D> dims, const Term& term) {
  double sum = 0;
  for (int k = 0; k < dims.count; ++k) sum += term(k);
  return sum;
}

// A number that no rounded sum of terms >= 0 in any order falls below. Of few dimensions it is the
// sum in their order; of many it is made of four running sums, which need not wait for each other,
// lowered by more than all roundings together can come to; and given up early once above `enough`.
template <int D, class Term>
inline double least_sum(Dims<D> dims, const Term& term, double enough) {
  if constexpr (D != kAnyDims) {
    return ordered_sum(dims, term);
  } else {
    const double slack = 1 - 4.5e-16 * (dims.count + 4);
    double part[4] = {};
    int k = 0;
    while (k + 8 <= dims.count) {
      for (int lane = 0; lane < 4; ++lane) part[lane] += term(k + lane);
      for (int lane = 0; lane < 4; ++lane) part[lane] += term(k + 4 + lane);
      k += 8;
      const double sum = ((part[0] + part[1]) + (part[2] + part[3])) * slack;
      if (sum > enough) return sum;
    }
    for (; k < dims.count; ++k) part[0] += term(k);
    return ((part[0] + part[1]) + (part[2] + part[3])) * slack;
  }
}

// Squared distance between the nearest points that boxes a and b could hold. Only whether it
// exceeds `bound` matters to the caller, who gets any number above it then.
template <int D>
inline double box_gap(Dims<D> dims, const double* a, const double* b, double bound) {
  const int d = dims.count;
  return least_sum(
      dims,
      [&](int k) {
        const double gap = std::max(0.0, std::max(b[k] - a[d + k], a[k] - b[d + k]));
        return gap * gap;
      },
      bound);
}

// Squared distance between the farthest points that boxes a and b could hold.
template <int D>
inline double box_reach(Dims<D> dims, const double* a, const double* b) {
  const int d = dims.count;
  return ordered_sum(dims, [&](int k) {
    const double reach = std::max(b[d + k] - a[k], a[d + k] - b[k]);
    return reach * reach;
  });
}

// Both bounds at once: box_gap and box_reach share their differences (negation is exact). Where
// gap2 exceeds the bound, nobody needs reach2, and it may be infinite.
template <int D>
inline void box_bounds(Dims<D> dims, const double* a, const double* b, double bound, double& gap2,
                       double& reach2) {
  if constexpr (D == kAnyDims) {
    gap2 = box_gap(dims, a, b, bound);
    reach2 = gap2 <= bound ? box_reach(dims, a, b) : std::numeric_limits<double>::infinity();
  } else {
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
}

// The same two for a single point q.
template <int D>
inline double point_gap(Dims<D> dims, const double* q, const double* box, double bound) {
  const int d = dims.count;
  return least_sum(
      dims,
      [&](int k) {
        const double gap = std::max(0.0, std::max(box[k] - q[k], q[k] - box[d + k]));
        return gap * gap;
      },
      bound);
}

template <int D>
inline double point_reach(Dims<D> dims, const double* q, const double* box) {
  const int d = dims.count;
  return ordered_sum(dims, [&](int k) {
    const double reach = std::max(box[d + k] - q[k], q[k] - box[k]);
    return reach * reach;
  });
}

// Squared distance of q to the point at `at` of columns that lie `stride` apart.
template <int D>
inline double point_distance(Dims<D> dims, const double* q, const double* x, int64_t stride,
                             int64_t at) {
  return ordered_sum(dims, [&](int k) {
    const double step = x[k * stride + at] - q[k];
    return step * step;
  });
}

}  // namespace sketchvae
