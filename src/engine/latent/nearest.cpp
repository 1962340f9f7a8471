// See nearest.h. Test: tests/cpp/test_dbscan.cpp.
#include "latent/exact.h"
//
#include <limits>

#include "latent/dims.h"
#include "latent/nearest.h"
#include "latent/parallel.h"
#include "latent/scan.h"
#include "latent/tree.h"

namespace sketchvae {
namespace {

constexpr int64_t kChunk = 1024;  // queries in one task

struct Best {
  int32_t row = -1;
  double distance2 = std::numeric_limits<double>::infinity();
};

template <int D>
void descend(const PointTree<D>& tree, int32_t node, const double* q, Best& best) {
  const TreeNode<D>& here = tree.nodes[node];
  if (here.leaf()) {
    scan(tree, here.begin, here.end, q, best.distance2, [&](int32_t i, double distance2) {
      if (distance2 < best.distance2 ||
          (distance2 == best.distance2 && (best.row < 0 || tree.row[i] < best.row))) {
        best = {tree.row[i], distance2};
      }
    });
    return;
  }
  double gap[2] = {point_gap(tree.dims, q, tree.nodes[here.left].box.data(), best.distance2),
                   point_gap(tree.dims, q, tree.nodes[here.right].box.data(), best.distance2)};
  int32_t child[2] = {here.left, here.right};
  if (gap[1] < gap[0]) {
    std::swap(gap[0], gap[1]);
    std::swap(child[0], child[1]);
  }
  for (int i = 0; i < 2; ++i) {
    if (gap[i] <= best.distance2) descend<D>(tree, child[i], q, best);
  }
}

}  // namespace

Nearest nearest_points(const Points& points, const Points& queries, int threads, Host& host) {
  check_points(queries);
  if (points.d != queries.d) throw Error("Old and new points must have as many dimensions.");
  threads = resolve_threads(threads);
  Nearest result;
  result.row.assign(queries.n, -1);
  result.distance2.assign(queries.n, std::numeric_limits<double>::infinity());
  with_dims(points.d, [&](auto dims) {
    const auto tree = build_tree<dims>(points, threads, host);
    if (tree.n == 0) return;
    const int64_t tasks = (queries.n + kChunk - 1) / kChunk;
    parallel_tasks(threads, tasks, host, /*show=*/false, [&](int64_t task, int, const StopFlag& stop) {
      const int64_t end = std::min(queries.n, (task + 1) * kChunk);
      auto q = Numbers<dims, 1>::make(tree.dims);
      for (int64_t i = task * kChunk; i < end && !stop; ++i) {
        for (int k = 0; k < queries.d; ++k) q[k] = queries.x[k * queries.n + i];
        Best best;
        descend<dims>(tree, 0, q.data(), best);
        result.row[i] = best.row;
        result.distance2[i] = best.distance2;
      }
    });
  });
  return result;
}

}  // namespace sketchvae
