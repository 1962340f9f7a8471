// HDBSCAN* (Campello, Moulavi, Zimek and Sander 2015): DBSCAN at every eps as one hierarchy, and
// from it the clusters that last longest. Linear memory. Edges of one height merge at once, so the
// result does not depend on the order of the rows.
// Tests: tests/cpp/test_latent_hdbscan.cpp, tests/testthat/test-latent_hdbscan.R.
#pragma once

#include <cstdint>
#include <vector>

#include "host.h"
#include "latent/points.h"

namespace sketchvae {

struct HdbscanResult {
  std::vector<int32_t> labels;     // per row; 0 is noise; clusters count from 1, largest first
  std::vector<double> membership;  // per row, 0 to 1: (f - core) / f, f the largest core distance
                                   // of the cluster; 0 for noise
  std::vector<double> outlier;     // per row, 0 to 1: GLOSH
  std::vector<double> core;        // per row: core distance
  std::vector<double> scores;      // per cluster: its stability
  // The single-linkage tree as R's hclust has it: n - 1 merges (two columns, one after the other;
  // -i is row i, +k the k-th merge), their heights, and an order of the rows without crossings.
  std::vector<int32_t> merge;
  std::vector<double> height;
  std::vector<int32_t> order;
};

// min_pts >= 2 is the neighbourhood of the core distance (the point included) and the least size
// of a cluster. Throws Error for invalid points or min_pts > n, Interrupted when asked to stop.
HdbscanResult hdbscan(const Points& points, int64_t min_pts, int threads, Host& host);

}  // namespace sketchvae
