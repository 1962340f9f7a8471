// See dbscan_run.h: the order of the steps, and the passes over leaves. Its other steps are in
// dbscan_cores.cpp and dbscan_components.cpp. Test: tests/cpp/test_dbscan.cpp.
#include "latent/exact.h"
//
#include "latent/dbscan_run.h"
#include "latent/dims.h"

namespace sketchvae {
namespace {

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
DbscanRun<D>::DbscanRun(const PointTree<D>& tree, int workers, int pieces, Isa isa)
    : tree_(tree),
      count_(count_within(tree.dims.count, isa)),
      distances_(distances_within(isa)),
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
  partial_x_.resize(int64_t{tree_.dims.count} * total);
  int32_t at = 0;
  for (const Leaf& leaf : leaves_) {
    if (leaf.full() || leaf.cores == 0) continue;
    for (int32_t point = leaf.begin; point < leaf.end; ++point) {
      if (!is_core_[point]) continue;
      partial_point_[at] = point;
      for (int k = 0; k < tree_.dims.count; ++k) {
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
  if (box_gap(tree_.dims, node.box.data(), there.box.data(), eps2_) > eps2_) return;
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
  if (box_gap(tree_.dims, node.box.data(), there.box.data(), eps2_) > eps2_) return;
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
  if (pass.skips(mark.cores, here.size()) || stop) return;
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

// ---- the steps ---------------------------------------------------------------------------------

template <int D>
void DbscanRun<D>::start(double eps, double min_pts, const Spread& spread,
                         const SortedWeights* weights) {
  eps2_ = eps * eps;
  min_pts_ = min_pts;
  weights_ = weights;
  enough_ = min_pts * (1 + (weights ? weights->doubt : 0));
  lacking_ = min_pts * (1 - (weights ? weights->doubt : 0));
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
  for (Scratch& scratch : scratch_) {
    for (const int32_t point : scratch.doubtful) {
      is_core_[point] = weights->decide(point, eps2_) >= min_pts_;
    }
    scratch.doubtful.clear();
  }
  counts_.core = collect(0);
  gather_partial_cores();
  each_leaf(spread,
            UnitePass{[&](int32_t leaf, Scratch& scratch) { unite_leaf(leaf, scratch.near); }});
  number();
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

#define SKETCHVAE_RUN(D) template class DbscanRun<D>;
SKETCHVAE_EVERY_DIM(SKETCHVAE_RUN)

}  // namespace sketchvae
