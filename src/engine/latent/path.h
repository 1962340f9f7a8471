// DBSCAN for every eps at once, at one minPts: a point is core from its core distance on, and two
// cores share a cluster from the height on at which the reachability tree joins them. So
//   clusters(eps) = #{core <= eps} - #{tree <= eps},   noise(eps) = n - #{joins <= eps},
// exactly. Tests: tests/cpp/test_latent_path.cpp, tests/testthat/test-latent_dbscan_path.R.
#pragma once

#include <cstdint>
#include <vector>

#include "host.h"
#include "latent/points.h"

namespace sketchvae {

// Each a sorted list of the smallest eps, as a double, at which something happens in dbscan().
struct DbscanPath {
  std::vector<double> core;   // n: a point becomes core; infinite when n < min_pts
  std::vector<double> tree;   // n - 1: two clusters merge; empty when nothing is ever core
  std::vector<double> joins;  // n: a point ceases to be noise
};

// Throws as dbscan() does.
DbscanPath dbscan_path(const Points& points, int64_t min_pts, int threads, Host& host);

// The smallest double e >= 0 with e * e >= square, so that `eps >= e` is what dbscan() decides by
// `square <= eps * eps`. For square >= 0; infinity stays.
double smallest_root(double square);

}  // namespace sketchvae
