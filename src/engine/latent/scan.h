// The distances from one place to the points of a leaf, for those who search the tree.
// Test: tests/cpp/test_latent_path.cpp.
#pragma once

#include "latent/exact.h"
//
#include "latent/tree.h"
#include "latent/within.h"

namespace sketchvae {

// Calls use(i, squared distance to q) for the points begin..end-1 of the tree. In many dimensions
// several at once; then a point farther than `bound` may be left out.
template <int D, class Use>
inline void scan(const PointTree<D>& tree, int32_t begin, int32_t end, const double* q,
                 double bound, const Use& use) {
  if constexpr (D != kAnyDims) {
    for (int32_t i = begin; i < end; ++i) {
      use(i, point_distance(tree.dims, q, tree.x.data(), tree.n, i));
    }
  } else {
    constexpr int32_t kMany = 64;
    static const Distances distances = distances_within();
    double found[kMany];
    for (; begin < end; begin += kMany) {
      const int32_t many = std::min(kMany, end - begin);
      distances(tree.dims.count, tree.x.data(), tree.n, begin, begin + many, q, bound, found);
      for (int32_t i = 0; i < many; ++i) {
        if (found[i] <= bound) use(begin + i, found[i]);
      }
    }
  }
}

}  // namespace sketchvae
