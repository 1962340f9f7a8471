// See dbscan_run.h. Test: tests/cpp/test_dbscan.cpp.
#include "latent/exact.h"
//
#include "latent/dbscan_run.h"

#include <cmath>
#include <limits>

#include "error.h"

namespace sketchvae {
namespace {

constexpr int32_t kStretch = 64;       // points that are worth one box test before counting them
constexpr int32_t kBrute = 128;        // nodes of so many points are scanned, larger ones descended
constexpr int32_t kNone = std::numeric_limits<int32_t>::max();

}  // namespace

template <int D>
DbscanRun<D>::DbscanRun(const PointTree& tree)
    : tree_(tree), leaf_of_(tree.nodes.size(), -1), is_core_(tree.n), label_(tree.n) {
  components_.reserve(tree.n);
}

template <int D>
void DbscanRun<D>::collect(int32_t node) {
  const TreeNode& here = tree_.nodes[node];
  const bool clique = tree_.diameter[node] <= eps2_;
  const bool ends = clique || here.leaf();
  if (grain_ > 0 && (ends || here.size() <= grain_)) {
    tasks_.push_back(node);
    grain_ = -grain_;  // nodes below are part of this task
    collect(node);
    grain_ = -grain_;
    return;
  }
  if (ends) {
    leaf_of_[node] = static_cast<int32_t>(leaves_.size());
    leaves_.push_back({node, here.begin, here.end, 0, 0, clique});
    if (clique) {
      components_.add(here.begin);
    } else {
      for (int32_t i = here.begin; i < here.end; ++i) components_.add(i);
    }
    return;
  }
  collect(here.left);
  collect(here.right);
}

// Keeps `other`, or those of its parts that are no larger than `node`, if within eps of it.
template <int D>
void DbscanRun<D>::refine(int32_t node, int32_t other, bool later_only,
                          std::vector<int32_t>& list) const {
  const TreeNode& there = tree_.nodes[other];
  if (later_only && there.end <= tree_.nodes[node].begin) return;
  if (box_gap<D>(tree_.box(node), tree_.box(other)) > eps2_) return;
  if (leaf_of_[other] >= 0 || tree_.diameter[other] <= tree_.diameter[node]) {
    list.push_back(other);
    return;
  }
  refine(node, there.left, later_only, list);
  refine(node, there.right, later_only, list);
}

// The leaves of `other` that lie within eps of `node`.
template <int D>
void DbscanRun<D>::expand(int32_t node, int32_t other, bool later_only,
                          std::vector<int32_t>& leaves) const {
  const TreeNode& there = tree_.nodes[other];
  if (later_only && there.end <= tree_.nodes[node].begin) return;
  if (box_gap<D>(tree_.box(node), tree_.box(other)) > eps2_) return;
  if (leaf_of_[other] >= 0) {
    leaves.push_back(leaf_of_[other]);
    return;
  }
  expand(node, there.left, later_only, leaves);
  expand(node, there.right, later_only, leaves);
}

template <int D>
template <class Wanted, class Visit>
void DbscanRun<D>::descend(int32_t node, const std::vector<int32_t>& above, size_t depth,
                           bool later_only, Scratch& scratch, const StopFlag& stop,
                           const Wanted& wanted, const Visit& visit) {
  const int32_t leaf = leaf_of_[node];
  if (leaf >= 0) {
    if (!wanted(leaves_[leaf]) || stop.load(std::memory_order_relaxed)) return;
    scratch.near.clear();
    for (const int32_t other : above) expand(node, other, later_only, scratch.near);
    visit(leaf, scratch);
    return;
  }
  while (scratch.lists.size() <= depth) scratch.lists.emplace_back();
  std::vector<int32_t>& list = scratch.lists[depth];
  list.clear();
  for (const int32_t other : above) refine(node, other, later_only, list);
  const TreeNode& here = tree_.nodes[node];
  descend(here.left, list, depth + 1, later_only, scratch, stop, wanted, visit);
  descend(here.right, list, depth + 1, later_only, scratch, stop, wanted, visit);
}

// Visits each wanted leaf with the leaves within eps of it in scratch.near, in sorted order.
template <int D>
template <class Wanted, class Visit>
void DbscanRun<D>::each_leaf(const Spread& spread, bool later_only, const Wanted& wanted,
                             const Visit& visit) {
  const std::vector<int32_t> root{0};
  spread(static_cast<int64_t>(tasks_.size()), [&](int64_t task, int worker, const StopFlag& stop) {
    descend(tasks_[task], root, 0, later_only, scratch_[worker], stop, wanted, visit);
  });
}

template <int D>
double DbscanRun<D>::mass(int32_t begin, int32_t end) const {
  if (!weights_) return end - begin;
  double sum = 0;
  for (int32_t i = begin; i < end; ++i) sum += weights_[i];
  return sum;
}

// The mass within eps of q among begin..end-1; may stop at any value >= enough.
template <int D>
double DbscanRun<D>::count_range(const double* q, int32_t begin, int32_t end,
                                 double enough) const {
  if (!weights_) {
    const auto limit = static_cast<int64_t>(std::min(std::ceil(enough), 9e15));
    return static_cast<double>(count_(tree_.x.data(), tree_.n, begin, end, q, eps2_, limit));
  }
  double sum = 0;
  for (int32_t i = begin; i < end && sum < enough; ++i) {
    if (point_distance<D>(q, tree_.x.data(), tree_.n, i) <= eps2_) sum += weights_[i];
  }
  return sum;
}

template <int D>
double DbscanRun<D>::count_node(const double* q, int32_t node, double enough) const {
  const double* box = tree_.box(node);
  const TreeNode& here = tree_.nodes[node];
  if (point_gap<D>(q, box) > eps2_) return 0;
  if (point_reach<D>(q, box) <= eps2_) return mass(here.begin, here.end);
  if (here.leaf() || here.size() <= kBrute) return count_range(q, here.begin, here.end, enough);
  const double left = count_node(q, here.left, enough);
  if (left >= enough) return left;
  return left + count_node(q, here.right, enough - left);
}

template <int D>
void DbscanRun<D>::find_cores(Leaf& leaf, Scratch& scratch) {
  const double* box = tree_.box(leaf.node);
  double sure = 0;      // within eps of every point of the leaf
  double possible = 0;  // within eps of its box
  scratch.stretches.clear();
  for (const int32_t other : scratch.near) {
    const Leaf& there = leaves_[other];
    const double there_mass = mass(there.begin, there.end);
    possible += there_mass;
    const double* there_box = tree_.box(there.node);
    if (box_reach<D>(box, there_box) <= eps2_) {
      sure += there_mass;
      continue;
    }
    if (!scratch.stretches.empty()) {
      Stretch& last = scratch.stretches.back();
      if (last.end == there.begin && there.end - last.begin <= kStretch) {
        last.end = there.end;
        last.node = -1;
        for (int k = 0; k < D; ++k) {
          last.box[k] = std::min(last.box[k], there_box[k]);
          last.box[D + k] = std::max(last.box[D + k], there_box[D + k]);
        }
        continue;
      }
    }
    Stretch fresh{there.begin, there.end, there.node, {}};
    std::copy(there_box, there_box + 2 * D, fresh.box);
    scratch.stretches.push_back(fresh);
  }
  leaf.cores = 0;
  if (possible < min_pts_) return;
  if (sure >= min_pts_) {
    leaf.cores = leaf.size();
    return;
  }
  // The nearest stretches first: they fill the count soonest.
  std::sort(scratch.stretches.begin(), scratch.stretches.end(),
            [&](const Stretch& a, const Stretch& b) {
              const double gap_a = box_reach<D>(box, a.box);
              const double gap_b = box_reach<D>(box, b.box);
              return gap_a < gap_b || (gap_a == gap_b && a.begin < b.begin);
            });
  for (int32_t point = leaf.begin; point < leaf.end; ++point) {
    double q[D];
    load(point, q);
    double found = sure;
    for (const Stretch& stretch : scratch.stretches) {
      if (found >= min_pts_) break;
      if (point_gap<D>(q, stretch.box) > eps2_) continue;
      if (point_reach<D>(q, stretch.box) <= eps2_) {
        found += mass(stretch.begin, stretch.end);
      } else if (stretch.node < 0) {
        found += count_range(q, stretch.begin, stretch.end, min_pts_ - found);
      } else {
        found += count_node(q, stretch.node, min_pts_ - found);
      }
    }
    is_core_[point] = found >= min_pts_;
    leaf.cores += is_core_[point];
  }
}

// Copies the cores of leaves that are core in part, so that later passes scan cores only.
template <int D>
void DbscanRun<D>::gather_partial_cores() {
  int32_t total = 0;
  counts_.core = 0;
  for (Leaf& leaf : leaves_) {
    counts_.core += leaf.cores;
    if (leaf.full()) continue;
    leaf.core_at = total;
    total += leaf.cores;
  }
  partial_point_.resize(total);
  partial_x_.resize(int64_t{D} * total);
  int32_t at = 0;
  for (const Leaf& leaf : leaves_) {
    if (leaf.full() || leaf.cores == 0) continue;
    for (int32_t point = leaf.begin; point < leaf.end; ++point) {
      if (!is_core_[point]) continue;
      partial_point_[at] = point;
      for (int k = 0; k < D; ++k) {
        partial_x_[int64_t{k} * total + at] = tree_.x[k * tree_.n + point];
      }
      ++at;
    }
  }
}

// Is any core of `leaf` within eps of q?
template <int D>
bool DbscanRun<D>::core_exists(const double* q, const Leaf& leaf) const {
  if (leaf.full()) return core_exists(q, leaf.node);
  if (point_gap<D>(q, tree_.box(leaf.node)) > eps2_) return false;
  const auto stride = static_cast<int64_t>(partial_point_.size());
  return count_(partial_x_.data(), stride, leaf.core_at, leaf.core_at + leaf.cores, q, eps2_, 1) >
         0;
}

// Is any point below `node` within eps of q?
template <int D>
bool DbscanRun<D>::core_exists(const double* q, int32_t node) const {
  const double* box = tree_.box(node);
  const TreeNode& here = tree_.nodes[node];
  if (point_gap<D>(q, box) > eps2_) return false;
  if (point_reach<D>(q, box) <= eps2_) return true;
  if (here.leaf() || here.size() <= kBrute) {
    return count_(tree_.x.data(), tree_.n, here.begin, here.end, q, eps2_, 1) > 0;
  }
  return core_exists(q, here.left) || core_exists(q, here.right);
}

// Is any point below a within eps of any point below b? Both sides shrink together, so two dense
// cliques a little more than eps apart do not cost the product of their sizes.
template <int D>
bool DbscanRun<D>::pair_exists(int32_t a, int32_t b) const {
  const double* box_a = tree_.box(a);
  const double* box_b = tree_.box(b);
  if (box_gap<D>(box_a, box_b) > eps2_) return false;
  if (box_reach<D>(box_a, box_b) <= eps2_) return true;
  const TreeNode& node_a = tree_.nodes[a];
  const TreeNode& node_b = tree_.nodes[b];
  if (node_a.leaf() && node_b.leaf()) {
    for (int32_t point = node_a.begin; point < node_a.end; ++point) {
      double q[D];
      load(point, q);
      if (core_exists(q, b)) return true;
    }
    return false;
  }
  if (node_b.leaf() || (!node_a.leaf() && tree_.diameter[a] >= tree_.diameter[b])) {
    return pair_exists(node_a.left, b) || pair_exists(node_a.right, b);
  }
  return pair_exists(a, node_b.left) || pair_exists(a, node_b.right);
}

// Joins the cores of one leaf with those of itself and of later leaves.
template <int D>
void DbscanRun<D>::unite_leaf(int32_t index, const std::vector<int32_t>& near) {
  const Leaf& leaf = leaves_[index];
  for (const int32_t other : near) {
    const Leaf& there = leaves_[other];
    if (there.cores == 0 || (other == index && leaf.clique)) continue;
    if (leaf.clique && there.clique) {
      if (components_.find(leaf.begin) == components_.find(there.begin)) continue;
      bool joined = false;
      if (leaf.full() && there.full()) {
        joined = pair_exists(leaf.node, there.node);
      } else {
        const Leaf& part = leaf.full() ? there : leaf;
        const Leaf& rest = leaf.full() ? leaf : there;
        for (int32_t i = 0; i < part.cores && !joined; ++i) {
          double q[D];
          load(core_point(part, i), q);
          joined = core_exists(q, rest);
        }
      }
      if (joined) components_.unite(leaf.begin, there.begin);
      continue;
    }
    for (int32_t i = 0; i < leaf.cores; ++i) {
      const int32_t point = core_point(leaf, i);
      double q[D];
      load(point, q);
      if (there.clique) {
        if (components_.find(point) != components_.find(there.begin) && core_exists(q, there)) {
          components_.unite(point, there.begin);
        }
        continue;
      }
      if (point_gap<D>(q, tree_.box(there.node)) > eps2_) continue;
      for (int32_t j = other == index ? i + 1 : 0; j < there.cores; ++j) {
        const int32_t mate = core_point(there, j);
        if (point_distance<D>(q, tree_.x.data(), tree_.n, mate) <= eps2_) {
          components_.unite(element(leaf, point), mate);
        }
      }
    }
  }
}

// Labels at the roots: 1, 2, ... in the order of each component's smallest core row.
template <int D>
void DbscanRun<D>::number() {
  std::vector<int32_t> roots;
  const auto each_element = [&](const auto& use) {
    for (const Leaf& leaf : leaves_) {
      if (leaf.cores == 0) continue;
      if (leaf.clique && leaf.full()) {
        use(leaf.begin, tree_.nodes[leaf.node].min_row);
        continue;
      }
      for (int32_t i = 0; i < leaf.cores; ++i) {
        const int32_t point = core_point(leaf, i);
        use(element(leaf, point), tree_.row[point]);
      }
    }
  };
  each_element([&](int32_t element, int32_t) {
    if (components_.find(element) == element) label_[element] = kNone;
  });
  each_element([&](int32_t element, int32_t row) {
    const int32_t root = components_.find(element);
    if (label_[root] == kNone) roots.push_back(root);
    label_[root] = std::min(label_[root], row);
  });
  std::sort(roots.begin(), roots.end(),
            [&](int32_t a, int32_t b) { return label_[a] < label_[b]; });
  for (size_t i = 0; i < roots.size(); ++i) label_[roots[i]] = static_cast<int32_t>(i) + 1;
  counts_.clusters = static_cast<int64_t>(roots.size());
}

template <int D>
void DbscanRun<D>::start(double eps, double min_pts, const double* weights, int workers,
                         CountWithin count, const Spread& spread) {
  eps2_ = eps * eps;
  min_pts_ = min_pts;
  weights_ = weights;
  count_ = count;
  counts_ = {};
  for (const Leaf& leaf : leaves_) leaf_of_[leaf.node] = -1;
  leaves_.clear();
  tasks_.clear();
  if (tree_.n == 0) return;
  if (static_cast<int>(scratch_.size()) < workers) scratch_.resize(workers);
  grain_ = static_cast<int32_t>(std::max<int64_t>(512, tree_.n / (32 * int64_t{workers})));
  collect(0);

  each_leaf(
      spread, /*later_only=*/false,
      [&](Leaf& leaf) {
        // Everyone in a clique of min_pts is core: no need to look around.
        leaf.cores = 0;
        if (!leaf.clique || mass(leaf.begin, leaf.end) < min_pts_) return true;
        leaf.cores = leaf.size();
        return false;
      },
      [&](int32_t leaf, Scratch& scratch) { find_cores(leaves_[leaf], scratch); });
  gather_partial_cores();
  each_leaf(
      spread, /*later_only=*/true, [](const Leaf& leaf) { return leaf.cores > 0; },
      [&](int32_t leaf, Scratch& scratch) { unite_leaf(leaf, scratch.near); });
  number();
}

// The smallest label with a core within eps of a point of `leaf` that is no core, or 0.
template <int D>
int32_t DbscanRun<D>::border_label(const Leaf& leaf, int32_t point,
                                   const std::vector<int32_t>& near) {
  int32_t best = kNone;
  if (leaf.clique && leaf.cores > 0) best = label_of(leaf, point);
  double q[D];
  load(point, q);
  for (const int32_t other : near) {
    const Leaf& there = leaves_[other];
    if (there.cores == 0) continue;
    if (there.clique) {
      const int32_t label = label_of(there, there.begin);
      if (label < best && core_exists(q, there)) best = label;
      continue;
    }
    if (point_gap<D>(q, tree_.box(there.node)) > eps2_) continue;
    for (int32_t i = 0; i < there.cores; ++i) {
      const int32_t mate = core_point(there, i);
      if (point_distance<D>(q, tree_.x.data(), tree_.n, mate) > eps2_) continue;
      best = std::min(best, label_of(there, mate));
    }
  }
  return best == kNone ? 0 : best;
}

// Calls core(worker's scratch, leaf, i-th core's point) and border(scratch, point, label).
template <int D>
template <class Core, class Border>
void DbscanRun<D>::assign(const Spread& spread, const Core& core, const Border& border) {
  if (tree_.n == 0) return;
  each_leaf(
      spread, /*later_only=*/false, [](const Leaf& leaf) { return !leaf.full(); },
      [&](int32_t index, Scratch& scratch) {
        const Leaf& leaf = leaves_[index];
        for (int32_t point = leaf.begin; point < leaf.end; ++point) {
          if (leaf.cores > 0 && is_core_[point]) continue;
          border(scratch, point, border_label(leaf, point, scratch.near));
        }
      });
  for (const Leaf& leaf : leaves_) {
    if (leaf.cores > 0) core(leaf);
  }
}

template <int D>
void DbscanRun<D>::label(int32_t* labels, uint8_t* core, const Spread& spread) {
  assign(
      spread,
      [&](const Leaf& leaf) {
        int32_t label = label_of(leaf, leaf.begin);
        for (int32_t i = 0; i < leaf.cores; ++i) {
          const int32_t point = core_point(leaf, i);
          if (!leaf.clique) label = label_of(leaf, point);
          labels[tree_.row[point]] = label;
          core[tree_.row[point]] = 1;
        }
      },
      [&](Scratch&, int32_t point, int32_t label) {
        labels[tree_.row[point]] = label;
        core[tree_.row[point]] = 0;
      });
}

template <int D>
DbscanCounts DbscanRun<D>::summarise(const Spread& spread) {
  std::vector<int64_t> sizes(counts_.clusters + 1);
  for (Scratch& scratch : scratch_) scratch.sizes.assign(sizes.size(), 0);
  assign(
      spread,
      [&](const Leaf& leaf) {
        if (leaf.clique) {
          sizes[label_of(leaf, leaf.begin)] += leaf.cores;
          return;
        }
        for (int32_t i = 0; i < leaf.cores; ++i) ++sizes[label_of(leaf, core_point(leaf, i))];
      },
      [](Scratch& scratch, int32_t, int32_t label) { ++scratch.sizes[label]; });
  for (const Scratch& scratch : scratch_) {
    for (size_t i = 0; i < sizes.size(); ++i) sizes[i] += scratch.sizes[i];
  }
  DbscanCounts counts = counts_;
  counts.noise = sizes[0];
  counts.largest = counts.clusters > 0 ? *std::max_element(sizes.begin() + 1, sizes.end()) : 0;
  return counts;
}

template class DbscanRun<1>;
template class DbscanRun<2>;
template class DbscanRun<3>;
template class DbscanRun<4>;
template class DbscanRun<5>;
template class DbscanRun<6>;
template class DbscanRun<7>;
template class DbscanRun<8>;

}  // namespace sketchvae
