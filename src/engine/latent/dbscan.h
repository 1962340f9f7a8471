// Exact DBSCAN: the labels of the dbscan package, to the last one, at any thread count.
// Tests: tests/cpp/test_dbscan.cpp, tests/testthat/test-latent_dbscan.R.
#pragma once

#include <vector>

#include "host.h"
#include "latent/points.h"
#include "latent/within.h"

namespace sketchvae {

struct DbscanOptions {
  double eps = 0;                   // finite, >= 0
  double min_pts = 1;               // points (or weight) within eps, the point itself included
  const double* weights = nullptr;  // one finite number >= 0 a point, or none: each counts 1
  int threads = 0;                  // 0: the physical cores this process may use
  Isa isa = Isa::kAuto;
};

struct DbscanCounts {
  int64_t clusters = 0;
  int64_t noise = 0;
  int64_t core = 0;
  int64_t largest = 0;  // points in the largest cluster
};

struct DbscanResult {
  DbscanCounts counts;
  std::vector<int32_t> labels;  // per row; 0 is noise, clusters count from 1
  std::vector<uint8_t> core;    // per row: 1 for a core point
};

// A point is core iff points of weight >= min_pts, itself included, lie at a squared distance
// <= eps * eps. Clusters are numbered by their smallest core row; a border point belongs to the
// lowest-numbered cluster that has a core within eps. Memory is linear in n whatever eps.
// Throws Error for invalid points, eps or weights; Interrupted when the host asked to stop.
DbscanResult dbscan(const Points& points, const DbscanOptions& options, Host& host);

// For each of m new points (d columns, column after column) the label of the nearest point of
// `points` that is not noise, if it lies within eps; else 0. Of equally near ones the smallest row
// decides. Throws Error for invalid input or differing dimensions.
std::vector<int32_t> dbscan_predict(const Points& points, const std::vector<int32_t>& labels,
                                    double eps, const Points& fresh, int threads, Host& host);

}  // namespace sketchvae
