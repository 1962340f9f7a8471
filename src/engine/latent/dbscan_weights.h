// Sums of weights as the dbscan package takes them: one after another, in the order in which its
// kd-tree meets the neighbours. Where a sum lies within rounding of minPts, that order decides
// whether a point is core; the tree here cuts and visits the points in the same order (Mount and
// Arya's ANN: sliding midpoint, buckets of 10). Only such points need it.
// Test: tests/testthat/test-latent_dbscan.R.
#pragma once

#include <cstdint>
#include <vector>

#include "host.h"
#include "latent/points.h"

namespace sketchvae {

// How far a sum of weights may be off, as a share of itself, whatever the order: 0 when all of
// them are whole multiples of a power of 2 whose sums a double holds.
double weights_doubt(const double* weights, int64_t n);

class WeightsInOrder {
 public:
  // Both must outlive the object. Throws Interrupted when the host asked to stop.
  WeightsInOrder(const Points& points, const double* weights, Host& host);

  // The sum over the points that the tree finds within a squared distance of eps2 of point `row`.
  double within(int32_t row, double eps2);

 private:
  struct Node {
    int32_t begin, end;       // of its points in order_
    int32_t low = -1;         // children; -1 twice in a leaf
    int32_t high = -1;
    int cut = 0;              // the dimension along which it is cut,
    double at = 0;            // where,
    double from = 0, to = 0;  // and the node's extent along it
  };
  struct Visit {
    int32_t node;
    double gap2;  // squared distance of its cell, kept up to date cut by cut
  };

  double coordinate(int32_t row, int k) const { return points_.x[k * points_.n + row]; }
  int32_t cut(Node& node, const std::vector<double>& low, const std::vector<double>& high);
  int32_t partition(const Node& node, int32_t& equal_end);

  const Points& points_;
  const double* const weights_;
  std::vector<int32_t> order_;
  std::vector<Node> nodes_;
  std::vector<Visit> stack_;
};

}  // namespace sketchvae
