// See reachability.h. Test: tests/cpp/test_latent_path.cpp.
#include "latent/exact.h"
//
#include <atomic>
#include <limits>
#include <memory>

#include "error.h"
#include "latent/components.h"
#include "latent/parallel.h"
#include "latent/reachability.h"
#include "latent/scan.h"
#include "latent/sorted.h"

namespace sketchvae {
namespace {

constexpr int64_t kChunk = 512;  // points in one task
constexpr double kFar = std::numeric_limits<double>::infinity();

// The smallest core distance below each node. Children come after their parents.
template <int D>
std::vector<double> node_cores(const PointTree<D>& tree, const std::vector<double>& core2) {
  std::vector<double> least(tree.nodes.size());
  for (auto i = static_cast<int64_t>(tree.nodes.size()) - 1; i >= 0; --i) {
    const TreeNode<D>& node = tree.nodes[i];
    least[i] = node.leaf() ? *std::min_element(core2.begin() + node.begin, core2.begin() + node.end)
                           : std::min(least[node.left], least[node.right]);
  }
  return least;
}

void lower(std::atomic<double>& bound, double value) {
  double seen = bound.load(std::memory_order_relaxed);
  while (value < seen && !bound.compare_exchange_weak(seen, value, std::memory_order_relaxed)) {
  }
}

template <int D>
class Boruvka {
 public:
  Boruvka(const PointTree<D>& tree, const std::vector<double>& core2, int threads)
      : tree_(tree),
        core2_(core2),
        threads_(threads),
        node_core_(node_cores(tree, core2)),
        node_component_(tree.nodes.size()),
        component_(tree.n),
        height2_(tree.n),
        target_(tree.n),
        bound_(std::make_unique_for_overwrite<std::atomic<double>[]>(static_cast<size_t>(tree.n))) {
    components_.reserve(tree.n);
    for (int64_t i = 0; i < tree.n; ++i) components_.add(static_cast<int32_t>(i));
  }

  std::vector<ReachabilityEdge> run(Host& host) {
    std::vector<ReachabilityEdge> edges;
    edges.reserve(tree_.n - 1);
    Poll poll(host);
    while (static_cast<int64_t>(edges.size()) < tree_.n - 1) {
      name_components();
      poll.check();
      const int64_t tasks = (tree_.n + kChunk - 1) / kChunk;
      parallel_tasks(
          threads_, tasks, host, /*show=*/false, [&](int64_t task, int, const StopFlag& stop) {
            const auto end = static_cast<int32_t>(std::min(tree_.n, (task + 1) * kChunk));
            for (auto i = static_cast<int32_t>(task * kChunk); i < end && !stop; ++i) {
              find_shortest(i);
            }
          });
      join(edges);
      poll.check();
      host.progress(static_cast<int64_t>(edges.size()), tree_.n - 1);
    }
    sort_in_parts(edges, poll, [](const auto& a, const auto& b) {
      return a.height2 < b.height2 || (a.height2 == b.height2 && a.a < b.a);
    });
    return edges;
  }

 private:
  void name_components() {
    for (int32_t i = 0; i < tree_.n; ++i) {
      component_[i] = components_.find(i);
      bound_[i].store(kFar, std::memory_order_relaxed);
    }
    for (auto i = static_cast<int64_t>(tree_.nodes.size()) - 1; i >= 0; --i) {
      const TreeNode<D>& node = tree_.nodes[i];
      int32_t& name = node_component_[i];
      if (!node.leaf()) {
        name = node_component_[node.left] == node_component_[node.right]
                   ? node_component_[node.left]
                   : -1;
        continue;
      }
      name = component_[node.begin];
      for (int32_t j = node.begin; j < node.end; ++j) {
        if (component_[j] != name) name = -1;
      }
    }
  }

  // The shortest edge of point i into another component, unless its component has a shorter one.
  void find_shortest(int32_t i) {
    height2_[i] = kFar;
    std::atomic<double>& bound = bound_[component_[i]];
    if (core2_[i] >= bound.load(std::memory_order_relaxed)) return;
    const auto q = tree_.point(i);
    descend(0, i, q.data(), bound);
    lower(bound, height2_[i]);
  }

  void descend(int32_t node, int32_t i, const double* q, const std::atomic<double>& bound) {
    const TreeNode<D>& here = tree_.nodes[node];
    if (here.leaf()) {
      const auto offer = [&](int32_t j, double distance2) {
        const double height2 = std::max(std::max(core2_[i], core2_[j]), distance2);
        if (component_[j] != component_[i] && height2 < height2_[i]) {
          height2_[i] = height2;
          target_[i] = j;
        }
      };
      if constexpr (D == kAnyDims) {
        scan(tree_, here.begin, here.end, q,
             std::min(height2_[i], bound.load(std::memory_order_relaxed)), offer);
      } else {
        for (int32_t j = here.begin; j < here.end; ++j) {
          if (component_[j] == component_[i]) continue;
          offer(j, point_distance(tree_.dims, q, tree_.x.data(), tree_.n, j));
        }
      }
      return;
    }
    int32_t child[2] = {here.left, here.right};
    double least[2];
    const double limit = std::min(height2_[i], bound.load(std::memory_order_relaxed));
    for (int c = 0; c < 2; ++c) {
      least[c] = node_component_[child[c]] == component_[i]
                     ? kFar
                     : std::max(std::max(core2_[i], node_core_[child[c]]),
                                point_gap(tree_.dims, q, tree_.nodes[child[c]].box.data(), limit));
    }
    const int near = least[1] < least[0];
    for (const int c : {near, 1 - near}) {
      const double worth = std::min(height2_[i], bound.load(std::memory_order_relaxed));
      if (least[c] < worth) descend(child[c], i, q, bound);
    }
  }

  // Takes the shortest edge of each component, unless earlier ones have closed the gap: then there
  // was a ring of equally high edges, and one of them is not needed.
  void join(std::vector<ReachabilityEdge>& edges) {
    std::vector<int32_t>& best = best_;
    best.assign(tree_.n, -1);
    for (int32_t i = 0; i < tree_.n; ++i) {
      int32_t& at = best[component_[i]];
      if (height2_[i] < kFar && (at < 0 || height2_[i] < height2_[at])) at = i;
    }
    for (int32_t c = 0; c < tree_.n; ++c) {
      const int32_t i = best[c];
      if (i >= 0 && components_.unite(i, target_[i])) {
        edges.push_back({i, target_[i], height2_[i]});
      }
    }
  }

  const PointTree<D>& tree_;
  const std::vector<double>& core2_;
  const int threads_;
  const std::vector<double> node_core_;
  std::vector<int32_t> node_component_;  // of all points below, or -1 when they differ
  std::vector<int32_t> component_;
  std::vector<double> height2_;  // each point's shortest edge out of its component
  std::vector<int32_t> target_;
  std::vector<int32_t> best_;
  std::unique_ptr<std::atomic<double>[]> bound_;  // of each component, while threads look
  Components components_;
};

template <int D>
void join_nearest(const PointTree<D>& tree, const std::vector<double>& core2,
                  const std::vector<double>& node_core, int32_t node, const double* q,
                  double& best) {
  const TreeNode<D>& here = tree.nodes[node];
  if (here.leaf()) {
    scan(tree, here.begin, here.end, q, best, [&](int32_t j, double distance2) {
      best = std::min(best, std::max(core2[j], distance2));
    });
    return;
  }
  int32_t child[2] = {here.left, here.right};
  double least[2];
  for (int c = 0; c < 2; ++c) {
    least[c] = std::max(node_core[child[c]],
                        point_gap(tree.dims, q, tree.nodes[child[c]].box.data(), best));
  }
  const int near = least[1] < least[0];
  for (const int c : {near, 1 - near}) {
    if (least[c] < best) join_nearest(tree, core2, node_core, child[c], q, best);
  }
}

}  // namespace

template <int D>
std::vector<ReachabilityEdge> reachability_tree(const PointTree<D>& tree,
                                                const std::vector<double>& core2, int threads,
                                                Host& host) {
  if (tree.n < 2) return {};
  return Boruvka<D>(tree, core2, threads).run(host);
}

template <int D>
std::vector<double> joining_distances2(const PointTree<D>& tree, const std::vector<double>& core2,
                                       int threads, Host& host) {
  std::vector<double> result = core2;
  if (tree.n == 0) return result;
  const std::vector<double> least = node_cores(tree, core2);
  const int64_t tasks = (tree.n + kChunk - 1) / kChunk;
  parallel_tasks(threads, tasks, host, /*show=*/false,
                 [&](int64_t task, int, const StopFlag& stop) {
                   const auto end = static_cast<int32_t>(std::min(tree.n, (task + 1) * kChunk));
                   for (auto i = static_cast<int32_t>(task * kChunk); i < end && !stop; ++i) {
                     const auto q = tree.point(i);
                     join_nearest(tree, core2, least, 0, q.data(), result[i]);
                   }
                 });
  return result;
}

#define SKETCHVAE_INSTANTIATE(D)                                                                   \
  template std::vector<ReachabilityEdge> reachability_tree(                                        \
      const PointTree<D>&, const std::vector<double>&, int, Host&);                                \
  template std::vector<double> joining_distances2(const PointTree<D>&, const std::vector<double>&, \
                                                  int, Host&);
SKETCHVAE_EVERY_DIM(SKETCHVAE_INSTANTIATE)

}  // namespace sketchvae
