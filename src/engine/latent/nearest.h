// The nearest of some points to each of others. Test: tests/cpp/test_dbscan.cpp.
#pragma once

#include <vector>

#include "host.h"
#include "latent/points.h"

namespace sketchvae {

struct Nearest {
  std::vector<int32_t> row;       // original row, the smallest among equally near ones; -1: none
  std::vector<double> distance2;  // squared distance
};

// For each of the `queries` the nearest of `points`. Throws Error for non-finite coordinates or
// differing dimensions, Interrupted when the host asked to stop.
Nearest nearest_points(const Points& points, const Points& queries, int threads, Host& host);

}  // namespace sketchvae
