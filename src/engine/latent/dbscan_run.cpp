// See dbscan_run.h. Test: tests/cpp/test_dbscan.cpp.
#include "latent/exact.h"
//
#include <cmath>
#include <limits>
#include <numeric>

#include "latent/dbscan_run.h"

namespace sketchvae {
namespace {

constexpr int32_t kBrute = 128;   // nodes of so many points are scanned, larger ones descended
constexpr int32_t kStretch = 32;  // larger nodes that a bucket reaches in part are split
constexpr int32_t kNone = std::numeric_limits<int32_t>::max();

// The passes over leaves: which nodes they can leave out, which neighbours matter, what to do.
template <class Visit>
struct UnitePass {
  Visit visit;
  bool skips(int32_t cores, int32_t) const { return cores == 0; }
  // Pairs are met once: from the earlier leaf.
  template <class Node>
  bool keeps(const Node& node, const Node& other, int32_t cores) const {
    return cores > 0 && other.end > node.begin;
  }
  template <class Node, class Scratch>
  void alone(const Node&, Scratch&) const {}
};

template <class Visit, class Alone>
struct BorderPass {
  Visit visit;
  Alone alone;
  bool skips(int32_t cores, int32_t size) const { return cores == size; }
  template <class Node>
  bool keeps(const Node&, const Node&, int32_t cores) const {
    return cores > 0;
  }
};

template <class Visit, class Alone>
BorderPass(Visit, Alone) -> BorderPass<Visit, Alone>;
template <class Visit>
UnitePass(Visit) -> UnitePass<Visit>;

}  // namespace

template <int D>
DbscanRun<D>::DbscanRun(const PointTree<D>& tree, int workers, int pieces, CountWithin count)
    : tree_(tree),
      count_(count),
      grain_(std::max<int64_t>(512, tree.n / pieces)),
      scratch_(workers),
      is_core_(tree.n),
      marks_(tree.nodes.size()),
      label_(tree.n) {
  components_.reserve(tree.n);
}

// Cuts the tree into tasks, none of them below a leaf of this run.
template <int D>
void DbscanRun<D>::plan(int32_t node) {
  const Node& here = tree_.nodes[node];
  if (here.leaf() || here.size() <= grain_ || here.diameter <= eps2_) {
    tasks_.push_back(node);
    return;
  }
  plan(here.left);
  plan(here.right);
}

// ---- cores -------------------------------------------------------------------------------------

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
  box_bounds<D>(node.box, there.box, gap2, reach2);
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
  if (here.diameter <= eps2_ && mass(here) >= min_pts_) {
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
  if (stop.load(std::memory_order_relaxed) || (!inside && !marks_[node].open)) return;
  const Node& here = tree_.nodes[node];
  List& list = scratch.list(depth);
  double open = 0;
  // From here outwards: what is near in memory is near, and often enough to be sure of.
  List& before = scratch.before;
  before.clear();
  auto after = std::lower_bound(above.begin(), above.end(), here.begin,
                                [&](int32_t other, int32_t begin) {
                                  return tree_.nodes[other].end <= begin;
                                });
  auto back = after;
  while (sure < min_pts_ && (after != above.end() || back != above.begin())) {
    if (after != above.end()) classify<false>(here, *after++, sure, open, list);
    if (back != above.begin()) classify<true>(here, *--back, sure, open, before);
  }
  list.insert(list.begin(), before.rbegin(), before.rend());
  if (sure >= min_pts_ || sure + open < min_pts_) {
    std::fill(is_core_.begin() + here.begin, is_core_.begin() + here.end, sure >= min_pts_);
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
    double q[D];
    tree_.load(point, q);
    if (!weights_) {
      is_core_[point] = count_(tree_.x.data(), tree_.n, stretches.data(),
                               static_cast<int64_t>(stretches.size()), q, eps2_, limit) >= limit;
      continue;
    }
    double found = 0;
    for (const Stretch& stretch : stretches) {
      for (int32_t i = stretch.begin; i < stretch.end; ++i) {
        if (point_distance<D>(q, tree_.x.data(), tree_.n, i) <= eps2_) found += weights_[i];
      }
    }
    is_core_[point] = found >= missing;
  }
}

// ---- leaves ------------------------------------------------------------------------------------

// Lists the leaves below node and gives the number of its core points.
template <int D>
int32_t DbscanRun<D>::collect(int32_t node) {
  const Node& here = tree_.nodes[node];
  Mark& mark = marks_[node];
  const bool clique = here.diameter <= eps2_;
  if (!clique && !here.leaf()) {
    mark.leaf = -1;
    mark.cores = collect(here.left);
    mark.cores += collect(here.right);
    return mark.cores;
  }
  mark.leaf = static_cast<int32_t>(leaves_.size());
  mark.cores = 0;
  for (int32_t i = here.begin; i < here.end; ++i) mark.cores += is_core_[i];
  leaves_.push_back({node, here.begin, here.end, mark.cores, 0, clique});
  if (clique) {
    components_.add(here.begin);
  } else {
    for (int32_t i = here.begin; i < here.end; ++i) components_.add(i);
  }
  return mark.cores;
}

// Copies the cores of leaves that are core in part, so that later passes scan cores only.
template <int D>
void DbscanRun<D>::gather_partial_cores() {
  int32_t total = 0;
  for (Leaf& leaf : leaves_) {
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

// Keeps `other`, or those of its parts that are no larger than `node`, if within eps of it.
template <int D>
template <class Pass>
void DbscanRun<D>::refine(const Node& node, int32_t other, const Pass& pass, List& list) const {
  const Node& there = tree_.nodes[other];
  const Mark& mark = marks_[other];
  if (!pass.keeps(node, there, mark.cores)) return;
  if (box_gap<D>(node.box, there.box) > eps2_) return;
  if (mark.leaf >= 0 || there.diameter <= node.diameter) {
    list.push_back(other);
    return;
  }
  refine(node, there.left, pass, list);
  refine(node, there.right, pass, list);
}

// The leaves of `other` that lie within eps of `node`.
template <int D>
template <class Pass>
void DbscanRun<D>::expand(const Node& node, int32_t other, const Pass& pass, List& leaves) const {
  const Node& there = tree_.nodes[other];
  const Mark& mark = marks_[other];
  if (!pass.keeps(node, there, mark.cores)) return;
  if (box_gap<D>(node.box, there.box) > eps2_) return;
  if (mark.leaf >= 0) {
    leaves.push_back(mark.leaf);
    return;
  }
  expand(node, there.left, pass, leaves);
  expand(node, there.right, pass, leaves);
}

template <int D>
template <class Pass>
void DbscanRun<D>::descend(int32_t node, const List& above, size_t depth, Scratch& scratch,
                           const StopFlag& stop, const Pass& pass) {
  const Node& here = tree_.nodes[node];
  const Mark& mark = marks_[node];
  if (pass.skips(mark.cores, here.size()) || stop.load(std::memory_order_relaxed)) return;
  if (mark.leaf >= 0) {
    scratch.near.clear();
    for (const int32_t other : above) expand(here, other, pass, scratch.near);
    pass.visit(mark.leaf, scratch);
    return;
  }
  List& list = scratch.list(depth);
  for (const int32_t other : above) refine(here, other, pass, list);
  if (list.empty()) return pass.alone(here, scratch);
  descend(here.left, list, depth + 1, scratch, stop, pass);
  descend(here.right, list, depth + 1, scratch, stop, pass);
}

// Visits each leaf that the pass does not skip, with the leaves it meets in scratch.near.
template <int D>
template <class Pass>
void DbscanRun<D>::each_leaf(const Spread& spread, const Pass& pass) {
  const List root{0};
  spread(static_cast<int64_t>(tasks_.size()), [&](int64_t task, int worker, const StopFlag& stop) {
    descend(tasks_[task], root, 0, scratch_[worker], stop, pass);
  });
}

// ---- components --------------------------------------------------------------------------------

// Is any core of `leaf` within eps of q?
template <int D>
bool DbscanRun<D>::core_exists(const double* q, const Leaf& leaf) const {
  const Node& node = tree_.nodes[leaf.node];
  if (leaf.full()) return core_exists(q, node);
  if (point_gap<D>(q, node.box) > eps2_) return false;
  const Stretch cores{leaf.core_at, leaf.core_at + leaf.cores};
  const auto stride = static_cast<int64_t>(partial_point_.size());
  return count_(partial_x_.data(), stride, &cores, 1, q, eps2_, 1) > 0;
}

// Is any point below `node` within eps of q?
template <int D>
bool DbscanRun<D>::core_exists(const double* q, const Node& node) const {
  if (point_gap<D>(q, node.box) > eps2_) return false;
  if (point_reach<D>(q, node.box) <= eps2_) return true;
  if (node.leaf() || node.size() <= kBrute) {
    const Stretch all{node.begin, node.end};
    return count_(tree_.x.data(), tree_.n, &all, 1, q, eps2_, 1) > 0;
  }
  return core_exists(q, tree_.nodes[node.left]) || core_exists(q, tree_.nodes[node.right]);
}

// Is any point below a within eps of any point below b? Both sides shrink together, so two dense
// cliques a little more than eps apart do not cost the product of their sizes.
template <int D>
bool DbscanRun<D>::pair_exists(const Node& a, const Node& b) const {
  if (box_gap<D>(a.box, b.box) > eps2_) return false;
  if (box_reach<D>(a.box, b.box) <= eps2_) return true;
  if (a.leaf() && b.leaf()) {
    for (int32_t point = a.begin; point < a.end; ++point) {
      double q[D];
      tree_.load(point, q);
      if (core_exists(q, b)) return true;
    }
    return false;
  }
  if (b.leaf() || (!a.leaf() && a.diameter >= b.diameter)) {
    return pair_exists(tree_.nodes[a.left], b) || pair_exists(tree_.nodes[a.right], b);
  }
  return pair_exists(a, tree_.nodes[b.left]) || pair_exists(a, tree_.nodes[b.right]);
}

// Joins the cores of one leaf with those of itself and of later leaves.
template <int D>
void DbscanRun<D>::unite_leaf(int32_t index, const List& near) {
  const Leaf& leaf = leaves_[index];
  for (const int32_t other : near) {
    const Leaf& there = leaves_[other];
    if (there.cores == 0 || (other == index && leaf.clique)) continue;
    if (leaf.clique && there.clique) {
      if (components_.find(leaf.begin) == components_.find(there.begin)) continue;
      bool joined = false;
      if (leaf.full() && there.full()) {
        joined = pair_exists(tree_.nodes[leaf.node], tree_.nodes[there.node]);
      } else {
        const Leaf& part = leaf.full() ? there : leaf;
        const Leaf& rest = leaf.full() ? leaf : there;
        for (int32_t i = 0; i < part.cores && !joined; ++i) {
          double q[D];
          tree_.load(core_point(part, i), q);
          joined = core_exists(q, rest);
        }
      }
      if (joined) components_.unite(leaf.begin, there.begin);
      continue;
    }
    for (int32_t i = 0; i < leaf.cores; ++i) {
      const int32_t point = core_point(leaf, i);
      double q[D];
      tree_.load(point, q);
      if (there.clique) {
        if (components_.find(point) != components_.find(there.begin) && core_exists(q, there)) {
          components_.unite(point, there.begin);
        }
        continue;
      }
      if (point_gap<D>(q, tree_.nodes[there.node].box) > eps2_) continue;
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
  List roots;
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
void DbscanRun<D>::start(double eps, double min_pts, const double* weights, const Spread& spread) {
  eps2_ = eps * eps;
  min_pts_ = min_pts;
  weights_ = weights;
  counts_ = {};
  leaves_.clear();
  if (tree_.n == 0) return;
  if (weights) weigh_nodes();
  tasks_.clear();
  plan(0);
  find_sure_cores(0);
  const List root{0};
  spread(static_cast<int64_t>(tasks_.size()), [&](int64_t task, int worker, const StopFlag& stop) {
    find_cores(tasks_[task], /*inside=*/false, 0, root, 0, scratch_[worker], stop);
  });
  counts_.core = collect(0);
  gather_partial_cores();
  each_leaf(spread,
            UnitePass{[&](int32_t leaf, Scratch& scratch) { unite_leaf(leaf, scratch.near); }});
  number();
}

template <int D>
void DbscanRun<D>::weigh_nodes() {
  masses_.resize(tree_.nodes.size());
  for (auto i = static_cast<int32_t>(tree_.nodes.size()) - 1; i >= 0; --i) {
    const Node& node = tree_.nodes[i];
    masses_[i] = node.leaf() ? std::accumulate(weights_ + node.begin, weights_ + node.end, 0.0)
                             : masses_[node.left] + masses_[node.right];
  }
}

// The smallest label with a core within eps of a point of `leaf` that is no core, or 0.
template <int D>
int32_t DbscanRun<D>::border_label(const Leaf& leaf, int32_t point, const List& near) {
  int32_t best = kNone;
  if (leaf.clique && leaf.cores > 0) best = label_of(leaf, point);
  double q[D];
  tree_.load(point, q);
  for (const int32_t other : near) {
    const Leaf& there = leaves_[other];
    if (there.cores == 0) continue;
    if (there.clique) {
      const int32_t label = label_of(there, there.begin);
      if (label < best && core_exists(q, there)) best = label;
      continue;
    }
    if (point_gap<D>(q, tree_.nodes[there.node].box) > eps2_) continue;
    for (int32_t i = 0; i < there.cores; ++i) {
      const int32_t mate = core_point(there, i);
      if (point_distance<D>(q, tree_.x.data(), tree_.n, mate) > eps2_) continue;
      best = std::min(best, label_of(there, mate));
    }
  }
  return best == kNone ? 0 : best;
}

// Calls border(scratch, point, label) for every point that is no core, then core(leaf) for every
// leaf that has any.
template <int D>
template <class Core, class Border>
void DbscanRun<D>::assign(const Spread& spread, const Core& core, const Border& border) {
  if (tree_.n == 0) return;
  each_leaf(spread, BorderPass{[&](int32_t index, Scratch& scratch) {
                                 const Leaf& leaf = leaves_[index];
                                 for (int32_t i = leaf.begin; i < leaf.end; ++i) {
                                   if (is_core_[i]) continue;
                                   border(scratch, i, border_label(leaf, i, scratch.near));
                                 }
                               },
                               [&](const Node& node, Scratch& scratch) {
                                 for (int32_t i = node.begin; i < node.end; ++i) {
                                   border(scratch, i, 0);
                                 }
                               }});
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
