// Distances to the k-th nearest point: DBSCAN's core distances and the k-NN distance curve.
// Tests: tests/cpp/test_latent_path.cpp, tests/testthat/test-latent_knn_dist.R.
#pragma once

#include <vector>

#include "host.h"
#include "latent/points.h"
#include "latent/tree.h"

namespace sketchvae {

// The squared distance of each point to its k-th nearest (k >= 1; the point itself is the first),
// in the sorted order of the tree; infinity where there are fewer than k points. Reports progress
// when `show` is set. Throws Interrupted when the host asked to stop.
template <int D>
std::vector<double> kth_distances2(const PointTree<D>& tree, int64_t k, int threads, bool show,
                                   Host& host);

// The distance of each point to its k-th nearest other point (k from 1 to n - 1), by row.
// Throws Error for invalid points or k, Interrupted when the host asked to stop.
std::vector<double> knn_distances(const Points& points, int64_t k, int threads, Host& host);

}  // namespace sketchvae
