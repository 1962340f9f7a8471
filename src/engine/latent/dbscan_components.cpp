// See dbscan_run.h: which cores belong together, and whose are the border points. Test:
// tests/cpp/test_dbscan.cpp.
#include "latent/exact.h"
//
#include <limits>

#include "latent/dbscan_run.h"
#include "latent/dims.h"

namespace sketchvae {
namespace {

constexpr int32_t kBrute = 128;  // nodes of so many points are scanned, larger ones descended
constexpr int32_t kNone = std::numeric_limits<int32_t>::max();

}  // namespace

// Is any core of `leaf` within eps of q?
template <int D>
bool DbscanRun<D>::core_exists(const double* q, const Leaf& leaf) const {
  const Node& node = tree_.nodes[leaf.node];
  if (leaf.full()) return core_exists(q, node);
  if (point_gap(tree_.dims, q, node.box.data(), eps2_) > eps2_) return false;
  const Stretch cores{leaf.core_at, leaf.core_at + leaf.cores};
  const auto stride = static_cast<int64_t>(partial_point_.size());
  return count_(tree_.dims.count, partial_x_.data(), stride, &cores, 1, q, eps2_, 1) > 0;
}

// Is any point below `node` within eps of q?
template <int D>
bool DbscanRun<D>::core_exists(const double* q, const Node& node) const {
  if (point_gap(tree_.dims, q, node.box.data(), eps2_) > eps2_) return false;
  if (point_reach(tree_.dims, q, node.box.data()) <= eps2_) return true;
  if (node.leaf() || node.size() <= kBrute) {
    const Stretch all{node.begin, node.end};
    return count_(tree_.dims.count, tree_.x.data(), tree_.n, &all, 1, q, eps2_, 1) > 0;
  }
  return core_exists(q, tree_.nodes[node.left]) || core_exists(q, tree_.nodes[node.right]);
}

// Is any point below a within eps of any point below b? Both sides shrink together, so two dense
// cliques a little more than eps apart do not cost the product of their sizes.
template <int D>
bool DbscanRun<D>::pair_exists(const Node& a, const Node& b) const {
  if (box_gap(tree_.dims, a.box.data(), b.box.data(), eps2_) > eps2_) return false;
  if (box_reach(tree_.dims, a.box.data(), b.box.data()) <= eps2_) return true;
  if (a.leaf() && b.leaf()) {
    for (int32_t point = a.begin; point < a.end; ++point) {
      const auto q = tree_.point(point);
      if (core_exists(q.data(), b)) return true;
    }
    return false;
  }
  if (b.leaf() || (!a.leaf() && a.diameter >= b.diameter)) {
    return pair_exists(tree_.nodes[a.left], b) || pair_exists(tree_.nodes[a.right], b);
  }
  return pair_exists(a, tree_.nodes[b.left]) || pair_exists(a, tree_.nodes[b.right]);
}

// The component that all cores of a leaf are in, or -1.
template <int D>
int32_t DbscanRun<D>::common_component(const Leaf& leaf) {
  const int32_t common = components_.find(element(leaf, core_point(leaf, 0)));
  for (int32_t i = 1; i < leaf.cores && !leaf.clique; ++i) {
    if (components_.find(core_point(leaf, i)) != common) return -1;
  }
  return common;
}

// Calls use(point) for the cores of a leaf, from the given one on, that lie within eps of q.
template <int D>
template <class Use>
void DbscanRun<D>::each_core(const Leaf& leaf, int32_t from, const double* q,
                             const Use& use) const {
  if constexpr (D == kAnyDims) {
    constexpr int32_t kMany = 64;
    double found[kMany];
    const double* x = leaf.full() ? tree_.x.data() : partial_x_.data();
    const int64_t stride =
        leaf.full() ? tree_.n : static_cast<int64_t>(partial_point_.size());
    const int32_t begin = leaf.full() ? leaf.begin : leaf.core_at;
    for (; from < leaf.cores; from += kMany) {
      const int32_t many = std::min(kMany, leaf.cores - from);
      distances_(tree_.dims.count, x, stride, begin + from, begin + from + many, q, eps2_, found);
      for (int32_t i = 0; i < many; ++i) {
        if (found[i] <= eps2_) use(core_point(leaf, from + i));
      }
    }
  } else {
    for (; from < leaf.cores; ++from) {
      const int32_t point = core_point(leaf, from);
      if (point_distance(tree_.dims, q, tree_.x.data(), tree_.n, point) <= eps2_) use(point);
    }
  }
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
          const auto q = tree_.point(core_point(part, i));
          joined = core_exists(q.data(), rest);
        }
      }
      if (joined) components_.unite(leaf.begin, there.begin);
      continue;
    }
    int32_t common = -1;
    if constexpr (D == kAnyDims) {  // where distances cost more than to look
      common = common_component(there);
      if (common >= 0 && common == common_component(leaf)) continue;
    }
    for (int32_t i = 0; i < leaf.cores; ++i) {
      const int32_t point = core_point(leaf, i);
      if (common >= 0 && components_.find(element(leaf, point)) == components_.find(common)) continue;
      const auto q = tree_.point(point);
      if (there.clique) {
        if (components_.find(point) != components_.find(there.begin) &&
            core_exists(q.data(), there)) {
          components_.unite(point, there.begin);
        }
        continue;
      }
      const Node& box = tree_.nodes[there.node];
      if (point_gap(tree_.dims, q.data(), box.box.data(), eps2_) > eps2_) continue;
      each_core(there, other == index ? i + 1 : 0, q.data(),
                [&](int32_t mate) { components_.unite(element(leaf, point), mate); });
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

// The smallest label with a core within eps of a point of `leaf` that is no core, or 0.
template <int D>
int32_t DbscanRun<D>::border_label(const Leaf& leaf, int32_t point, const List& near) {
  int32_t best = kNone;
  if (leaf.clique && leaf.cores > 0) best = label_of(leaf, point);
  const auto q = tree_.point(point);
  for (const int32_t other : near) {
    const Leaf& there = leaves_[other];
    if (there.cores == 0) continue;
    if (there.clique) {
      const int32_t label = label_of(there, there.begin);
      if (label < best && core_exists(q.data(), there)) best = label;
      continue;
    }
    const Node& box = tree_.nodes[there.node];
    if (point_gap(tree_.dims, q.data(), box.box.data(), eps2_) > eps2_) continue;
    each_core(there, 0, q.data(),
              [&](int32_t mate) { best = std::min(best, label_of(there, mate)); });
  }
  return best == kNone ? 0 : best;
}

#define SKETCHVAE_RUN(D) template class DbscanRun<D>;
SKETCHVAE_EVERY_DIM(SKETCHVAE_RUN)

}  // namespace sketchvae
