// k-means as the elbow of the sheep post uses it: k-means++ seeds, Lloyd's iterations on the tree
// (Kanungo et al. 2002: a box that is nearest to one centre altogether is counted at once), the
// best of several starts. Tests: tests/cpp/test_latent_kmeans.cpp,
// tests/testthat/test-latent_kmeans.R.
#pragma once

#include <cstdint>
#include <vector>

#include "host.h"
#include "latent/points.h"

namespace sketchvae {

struct KmeansOptions {
  int64_t k = 1;
  int restarts = 10;
  int max_iterations = 300;
  uint64_t seed = 0;  // results depend on it and on nothing else: not on the threads
  int threads = 0;    // 0: the physical cores this process may use; starts are shared out
};

struct KmeansResult {
  std::vector<int32_t> cluster;  // per row, from 1; the nearest centre, the first on ties
  std::vector<double> centres;   // k x d, column after column; largest cluster first
  std::vector<int64_t> sizes;    // k
  std::vector<double> withinss;  // k sums of squared distances to the centre
  int iterations = 0;            // of the best start
};

// Throws Error for invalid points or options, or fewer than k distinct points; Interrupted when the
// host asked to stop.
KmeansResult kmeans(const Points& points, const KmeansOptions& options, Host& host);

// The total within-sum-of-squares for each of several k (options.k is unused). Reports progress.
std::vector<double> kmeans_elbow(const Points& points, const std::vector<int64_t>& k,
                                 const KmeansOptions& options, Host& host);

}  // namespace sketchvae
