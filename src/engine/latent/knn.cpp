// See knn.h. Test: tests/cpp/test_latent_path.cpp.
#include "latent/exact.h"
//
#include <cmath>
#include <limits>

#include "error.h"
#include "latent/dims.h"
#include "latent/knn.h"
#include "latent/parallel.h"
#include "latent/scan.h"

namespace sketchvae {
namespace {

constexpr int64_t kChunk = 512;  // points in one task

// The k smallest squared distances met so far, largest on top.
class Smallest {
 public:
  void reset(size_t k) {
    k_ = k;
    heap_.clear();
  }
  double bound() const {
    return heap_.size() < k_ ? std::numeric_limits<double>::infinity() : heap_.front();
  }
  void offer(double distance2) {
    if (heap_.size() < k_) {
      heap_.push_back(distance2);
      std::push_heap(heap_.begin(), heap_.end());
    } else if (distance2 < heap_.front()) {
      std::pop_heap(heap_.begin(), heap_.end());
      heap_.back() = distance2;
      std::push_heap(heap_.begin(), heap_.end());
    }
  }

 private:
  size_t k_ = 0;
  std::vector<double> heap_;
};

template <int D>
void descend(const PointTree<D>& tree, int32_t node, const double* q, Smallest& found) {
  const TreeNode<D>& here = tree.nodes[node];
  if (here.leaf()) {
    scan(tree, here.begin, here.end, q, found.bound(),
         [&](int32_t, double distance2) { found.offer(distance2); });
    return;
  }
  int32_t child[2] = {here.left, here.right};
  const double bound = found.bound();
  double gap[2] = {point_gap(tree.dims, q, tree.nodes[child[0]].box.data(), bound),
                   point_gap(tree.dims, q, tree.nodes[child[1]].box.data(), bound)};
  const int near = gap[1] < gap[0];
  if (gap[near] < found.bound()) descend(tree, child[near], q, found);
  if (gap[1 - near] < found.bound()) descend(tree, child[1 - near], q, found);
}

}  // namespace

template <int D>
std::vector<double> kth_distances2(const PointTree<D>& tree, int64_t k, int threads, bool show,
                                   Host& host) {
  std::vector<double> result(tree.n);
  const int64_t tasks = (tree.n + kChunk - 1) / kChunk;
  std::vector<Smallest> scratch(threads);
  parallel_tasks(threads, tasks, host, show, [&](int64_t task, int worker, const StopFlag& stop) {
    Smallest& found = scratch[worker];
    const auto end = static_cast<int32_t>(std::min(tree.n, (task + 1) * kChunk));
    for (auto i = static_cast<int32_t>(task * kChunk); i < end && !stop; ++i) {
      const auto q = tree.point(i);
      found.reset(static_cast<size_t>(k));
      descend(tree, 0, q.data(), found);
      result[i] = found.bound();
    }
  });
  return result;
}

std::vector<double> knn_distances(const Points& points, int64_t k, int threads, Host& host) {
  check_points(points);
  if (k < 1 || k >= points.n) throw Error("`k` must be from 1 to the number of other points.");
  threads = resolve_threads(threads);
  std::vector<double> result(points.n);
  with_dims(points.d, [&](auto dims) {
    const auto tree = build_tree<dims>(points, threads, host);
    const auto distances2 = kth_distances2(tree, k + 1, threads, /*show=*/true, host);
    for (int64_t i = 0; i < tree.n; ++i) result[tree.row[i]] = std::sqrt(distances2[i]);
  });
  return result;
}

#define SKETCHVAE_KTH(D) \
  template std::vector<double> kth_distances2(const PointTree<D>&, int64_t, int, bool, Host&);
SKETCHVAE_EVERY_DIM(SKETCHVAE_KTH)

}  // namespace sketchvae
