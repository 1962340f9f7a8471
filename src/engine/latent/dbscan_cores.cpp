// See dbscan_run.h: which points are core. Test: tests/cpp/test_dbscan.cpp.
#include "latent/exact.h"
//
#include <cmath>
#include <numeric>

#include "latent/dbscan_run.h"
#include "latent/dims.h"

namespace sketchvae {
namespace {

constexpr int32_t kStretch = 32;  // larger nodes that a bucket reaches in part are split

}  // namespace

template <int D>
double DbscanRun<D>::mass(const Node& node) const {
  return weights_ ? masses_[&node - tree_.nodes.data()] : node.size();
}

// `other` as seen from node: out of reach, within eps of all of it (sure), or in part (open, and
// in the list, as nodes no larger than node itself, in the order of their points or backwards).
template <int D>
template <bool kBackwards>
void DbscanRun<D>::classify(const Node& node, int32_t other, double& sure, double& open,
                            List& list) const {
  const Node& there = tree_.nodes[other];
  double gap2, reach2;
  box_bounds(tree_.dims, node.box.data(), there.box.data(), eps2_, gap2, reach2);
  if (gap2 > eps2_) return;
  if (reach2 <= eps2_) {
    sure += mass(there);
    return;
  }
  if (!there.leaf() &&
      (there.diameter > node.diameter || (node.leaf() && there.size() > kStretch))) {
    classify<kBackwards>(node, kBackwards ? there.right : there.left, sure, open, list);
    classify<kBackwards>(node, kBackwards ? there.left : there.right, sure, open, list);
    return;
  }
  open += mass(there);
  list.push_back(other);
}

// Cliques of min_pts are core by themselves. Says so at once, and gives whether anything below node
// has to look at its neighbourhood.
template <int D>
bool DbscanRun<D>::find_sure_cores(int32_t node) {
  const Node& here = tree_.nodes[node];
  bool& open = marks_[node].open;
  if (here.diameter <= eps2_ && mass(here) >= enough_) {
    std::fill(is_core_.begin() + here.begin, is_core_.begin() + here.end, uint8_t{1});
    open = false;
  } else if (here.leaf() || here.diameter <= eps2_) {
    open = true;
  } else {
    const bool left = find_sure_cores(here.left);
    const bool right = find_sure_cores(here.right);
    open = left || right;
  }
  return open;
}

// `inside`: below the top of a clique, where find_sure_cores() did not go.
template <int D>
void DbscanRun<D>::find_cores(int32_t node, bool inside, double sure, const List& above,
                              size_t depth, Scratch& scratch, const StopFlag& stop) {
  if (stop || (!inside && !marks_[node].open)) return;
  const Node& here = tree_.nodes[node];
  List& list = scratch.list(depth);
  double open = 0;
  // From here outwards: what is near in memory is near, and often enough to be sure of.
  List& before = scratch.before;
  before.clear();
  auto after = std::lower_bound(
      above.begin(), above.end(), here.begin,
      [&](int32_t other, int32_t begin) { return tree_.nodes[other].end <= begin; });
  auto back = after;
  while (sure < enough_ && (after != above.end() || back != above.begin())) {
    if (after != above.end()) classify<false>(here, *after++, sure, open, list);
    if (back != above.begin()) classify<true>(here, *--back, sure, open, before);
  }
  list.insert(list.begin(), before.rbegin(), before.rend());
  if (sure >= enough_ || sure + open < lacking_) {
    std::fill(is_core_.begin() + here.begin, is_core_.begin() + here.end, sure >= enough_);
  } else if (here.leaf()) {
    count_bucket(here, sure, list, scratch);
  } else {
    inside = inside || here.diameter <= eps2_;
    find_cores(here.left, inside, sure, list, depth + 1, scratch, stop);
    find_cores(here.right, inside, sure, list, depth + 1, scratch, stop);
  }
}

// The points of a bucket one by one, against what the list left open.
template <int D>
void DbscanRun<D>::count_bucket(const Node& node, double sure, const List& list, Scratch& scratch) {
  auto& stretches = scratch.stretches;
  stretches.clear();
  for (const int32_t other : list) {
    const Node& there = tree_.nodes[other];
    if (!stretches.empty() && stretches.back().end == there.begin) {
      stretches.back().end = there.end;
    } else {
      stretches.push_back({there.begin, there.end});
    }
  }
  const double missing = min_pts_ - sure;
  const auto limit = static_cast<int64_t>(std::min(std::ceil(missing), 9e15));
  for (int32_t point = node.begin; point < node.end; ++point) {
    const auto q = tree_.point(point);
    if (!weights_) {
      is_core_[point] = count_(tree_.dims.count, tree_.x.data(), tree_.n, stretches.data(),
                               static_cast<int64_t>(stretches.size()), q.data(), eps2_, limit) >= limit;
      continue;
    }
    double found = sure;
    for (const Stretch& stretch : stretches) {
      for (int32_t i = stretch.begin; i < stretch.end; ++i) {
        const double d2 = point_distance(tree_.dims, q.data(), tree_.x.data(), tree_.n, i);
        if (d2 <= eps2_) found += weights_->each[i];
      }
    }
    is_core_[point] = found >= enough_;
    if (found >= lacking_ && found < enough_) scratch.doubtful.push_back(point);
  }
}

template <int D>
void DbscanRun<D>::weigh_nodes() {
  const std::vector<double>& each = weights_->each;
  masses_.resize(tree_.nodes.size());
  for (auto i = static_cast<int32_t>(tree_.nodes.size()) - 1; i >= 0; --i) {
    const Node& node = tree_.nodes[i];
    masses_[i] = node.leaf() ? std::accumulate(each.begin() + node.begin, each.begin() + node.end, 0.0)
                             : masses_[node.left] + masses_[node.right];
  }
}

#define SKETCHVAE_RUN(D) template class DbscanRun<D>;
SKETCHVAE_EVERY_DIM(SKETCHVAE_RUN)

}  // namespace sketchvae
