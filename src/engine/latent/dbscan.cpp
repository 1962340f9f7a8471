// See dbscan.h. Test: tests/cpp/test_dbscan.cpp.
#include "latent/exact.h"
//
#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>

#include "error.h"
#include "latent/dbscan.h"
#include "latent/dbscan_run.h"
#include "latent/dbscan_weights.h"
#include "latent/dims.h"
#include "latent/nearest.h"
#include "latent/parallel.h"

namespace sketchvae {

namespace {

template <int D>
SortedWeights sort_weights(const Points& points, const PointTree<D>& tree, const double* weights,
                           Host& host) {
  SortedWeights sorted;
  sorted.each.resize(tree.n);
  for (int64_t i = 0; i < tree.n; ++i) {
    sorted.each[i] = weights[tree.row[i]];
    if (!(sorted.each[i] >= 0) || std::isinf(sorted.each[i])) {
      throw Error("The weights must be finite numbers, 0 or larger.");
    }
  }
  sorted.doubt = weights_doubt(weights, tree.n);
  // Made when the first point asks, which is seldom.
  auto in_order = std::make_shared<std::optional<WeightsInOrder>>();
  auto poll = std::make_shared<Poll>(host);
  sorted.decide = [&points, &tree, &host, weights, in_order, poll](int32_t point, double eps2) {
    poll->check();
    if (!*in_order) in_order->emplace(points, weights, host);
    return (*in_order)->within(tree.row[point], eps2);
  };
  return sorted;
}

template <int D>
DbscanResult run_dbscan(const Points& points, const DbscanOptions& options, Host& host) {
  // A thread is worth its start only with some thousand points to look at.
  const int threads =
      static_cast<int>(std::min<int64_t>(resolve_threads(options.threads), 1 + points.n / 4096));
  // Of so few numbers a task has its milliseconds even at its worst.
  const bool quick = points.n * points.d <= int64_t{1} << 20;
  const Spread spread = [&](int64_t tasks, const Task& task) {
    if (quick) return short_tasks(threads, tasks, host, task);
    parallel_tasks(threads, tasks, host, /*show=*/false, task);
  };
  const PointTree<D> tree = build_tree<D>(points, threads, host);
  SortedWeights weights;
  if (options.weights) weights = sort_weights(points, tree, options.weights, host);
  DbscanResult result;
  result.labels.resize(tree.n);
  result.core.resize(tree.n);
  DbscanRun<D> run(tree, threads, 16 * threads, options.isa);
  run.start(options.eps, options.min_pts, spread, options.weights ? &weights : nullptr);
  run.label(result.labels.data(), result.core.data(), spread);
  result.counts = run.counts();
  return result;
}

}  // namespace

DbscanResult dbscan(const Points& points, const DbscanOptions& options, Host& host) {
  check_eps(options.eps);
  if (!(options.min_pts >= 0)) throw Error("`minPts` must not be negative.");
  DbscanResult result =
      with_dims(points.d, [&](auto dims) { return run_dbscan<dims>(points, options, host); });
  std::vector<int64_t> sizes(result.counts.clusters + 1);
  // Run by run: one counter that every point waits for takes as long as reading all of them twice.
  for (auto at = result.labels.begin(); at != result.labels.end();) {
    const auto next = std::find_if(at, result.labels.end(), [&](int32_t v) { return v != *at; });
    sizes[*at] += next - at;
    at = next;
  }
  result.counts.noise = sizes[0];
  sizes[0] = 0;
  result.counts.largest = *std::max_element(sizes.begin(), sizes.end());
  return result;
}

std::vector<int32_t> dbscan_predict(const Points& points, const std::vector<int32_t>& labels,
                                    double eps, const Points& fresh, int threads, Host& host) {
  check_eps(eps);
  check_points(fresh);
  if (points.d != fresh.d) throw Error("Old and new points must have as many dimensions.");
  if (static_cast<int64_t>(labels.size()) != points.n) {
    throw Error("There must be one label for each of the old points.");
  }
  std::vector<int32_t> rows;
  for (int64_t i = 0; i < points.n; ++i) {
    if (labels[i] != 0) rows.push_back(static_cast<int32_t>(i));
  }
  const auto kept = static_cast<int64_t>(rows.size());
  std::vector<double> x(kept * points.d);
  for (int k = 0; k < points.d; ++k) {
    for (int64_t i = 0; i < kept; ++i) x[k * kept + i] = points.x[k * points.n + rows[i]];
  }
  const Nearest found = nearest_points({x.data(), kept, points.d}, fresh, threads, host);
  std::vector<int32_t> predicted(fresh.n);
  for (int64_t i = 0; i < fresh.n; ++i) {
    if (found.row[i] >= 0 && found.distance2[i] <= eps * eps) {
      predicted[i] = labels[rows[found.row[i]]];
    }
  }
  return predicted;
}

}  // namespace sketchvae
