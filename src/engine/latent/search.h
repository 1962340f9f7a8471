// DBSCAN for many pairs of eps and minPts at once: the random search of the sheep post. Counts, and
// labels only when they are asked for. All pairs share one tree, so a pair with wide eps touches
// little more than its top. Tests: tests/cpp/test_dbscan.cpp,
// tests/testthat/test-latent_dbscan_search.R.
#pragma once

#include <vector>

#include "host.h"
#include "latent/dbscan.h"

namespace sketchvae {

struct DbscanPair {
  double eps = 0;
  double min_pts = 1;
};

// The counts of dbscan() for each pair, in order; its labels, too, n for each pair one after
// another, unless `labels` is null. Reports progress pair by pair. Throws as dbscan() does.
std::vector<DbscanCounts> dbscan_search(const Points& points, const std::vector<DbscanPair>& pairs,
                                        int threads, Host& host, int32_t* labels = nullptr);

}  // namespace sketchvae
