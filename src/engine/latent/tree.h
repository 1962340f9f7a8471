// A binary tree over points sorted along a Morton curve, with a tight box at every node: the one
// index behind dbscan, the path, hdbscan and nearest neighbours. It does not depend on eps, so a
// whole search shares one. Why not a grid of cells of side eps/sqrt(d): that has to be sorted anew
// for each eps, and above four dimensions most of a cell's neighbours are empty.
// Test: tests/cpp/test_tree.cpp.
#pragma once

#include <vector>

#include "host.h"
#include "latent/points.h"

namespace sketchvae {

// One cache line in two dimensions: a search touches little else.
template <int D>
struct TreeNode {
  double box[2 * D];    // tight: D lower, then D upper bounds
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
  int64_t n = 0;
  std::vector<double> x;     // sorted coordinates, column k at x[k * n]
  std::vector<int32_t> row;  // original row of each sorted point
  std::vector<TreeNode<D>> nodes;

  void load(int32_t point, double* q) const {
    for (int k = 0; k < D; ++k) q[k] = x[k * n + point];
  }
};

// A leaf holds at most this many points, unless they are all equal.
inline constexpr int32_t kBucket = 16;

// Builds the tree of `points`, which are copied. Memory: about 40 bytes a point in two dimensions.
// Throws Error for non-finite coordinates or points.d != D, Interrupted when asked to stop.
template <int D>
PointTree<D> build_tree(const Points& points, int threads, Host& host);

}  // namespace sketchvae
