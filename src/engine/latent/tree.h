// A binary tree over points sorted along a Morton curve, with a tight box at every node: the one
// index behind dbscan, the path, hdbscan and nearest neighbours. It does not depend on eps, so a
// whole search shares one. Why not a grid of cells of side eps/sqrt(d): that has to be sorted anew
// for each eps, and above four dimensions most of a cell's neighbours are empty. Above eight
// dimensions a Morton code has too few bits for each: there the points are halved along the
// dimension in which they spread most.
// Test: tests/cpp/test_tree.cpp.
#pragma once

#include <cstdint>
#include <vector>

#include "host.h"
#include "latent/dims.h"
#include "latent/points.h"

namespace sketchvae {

// One cache line in two dimensions: a search touches little else.
template <int D>
struct TreeNode {
  Box<D> box;           // tight: D lower, then D upper bounds
  double diameter = 0;  // squared diagonal of the box
  int32_t begin = 0;    // its points are begin..end-1 in sorted order
  int32_t end = 0;
  int32_t left = -1;  // children; -1 twice in a leaf
  int32_t right = -1;
  int32_t min_row = 0;  // the smallest original row number among its points
  int32_t size() const { return end - begin; }
  bool leaf() const { return left < 0; }
};

// Node 0 is the root (absent when there are no points).
template <int D>
struct PointTree {
  explicit PointTree(int d) : dims(d) {}

  Dims<D> dims;
  int64_t n = 0;
  std::vector<double> x;     // sorted coordinates, column k at x[k * n]
  std::vector<double> rows;  // the same row by row; only of kAnyDims, where columns lie far apart
  std::vector<int32_t> row;  // original row of each sorted point
  std::vector<TreeNode<D>> nodes;

  // The coordinates of a point, side by side: a copy where they are few.
  auto point(int32_t i) const {
    if constexpr (D == kAnyDims) {
      return Row{rows.data() + static_cast<int64_t>(i) * dims.count};
    } else {
      Place<D> q;
      for (int k = 0; k < D; ++k) q[k] = x[k * n + i];
      return q;
    }
  }

 private:
  struct Row {
    const double* at;
    const double* data() const { return at; }
    double operator[](int k) const { return at[k]; }
  };
};

// A leaf holds at most this many points, unless they are all equal. In many dimensions boxes tell
// less, and cost more to look at.
template <int D>
inline constexpr int32_t kBucket = D == kAnyDims ? 32 : 16;

// Builds the tree of `points`, which are copied. Memory: about 40 bytes a point in two dimensions,
// some 24 a coordinate in more than eight. Throws Error for points that check_points() refuses or
// that have another number of dimensions, Interrupted when asked to stop.
template <int D>
PointTree<D> build_tree(const Points& points, int threads, Host& host);
template <>
PointTree<kAnyDims> build_tree<kAnyDims>(const Points& points, int threads, Host& host);

}  // namespace sketchvae
