// The nearest point of a tree to each of some other points. Test: tests/cpp/test_dbscan.cpp.
#pragma once

#include <vector>

#include "host.h"
#include "latent/points.h"
#include "latent/tree.h"

namespace sketchvae {

struct Nearest {
  std::vector<int32_t> row;       // original row, the smallest among equally near ones; -1: none
  std::vector<double> distance2;  // squared distance
};

// For each of the `queries` (of the tree's dimensions) the nearest point of the tree.
Nearest nearest_points(const PointTree& tree, const Points& queries, int threads, Host& host);

}  // namespace sketchvae
