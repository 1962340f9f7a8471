// One DBSCAN over a PointTree, step by step, as dbscan() and the search share it. Not for callers
// outside latent/. How it works:
//   leaves   The topmost nodes whose diagonal is at most eps are cliques: all their points are
//            neighbours. Where there is none, a leaf of the tree (at most kBucket points) is a
//            bucket, whose points are looked at one by one.
//   core     Each leaf meets the leaves within eps. Whole boxes inside eps count at once, and
//            counting stops when min_pts are found.
//   unite    Leaves with cores within eps of each other join in a union-find, which holds one
//            element for a clique and one for each point of a bucket.
//   number   Components get their label by smallest row, points that are no core the smallest
//            label in reach.
#pragma once

#include "latent/exact.h"
//
#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "latent/dbscan.h"
#include "latent/parallel.h"

namespace sketchvae {

// Lock-free union-find over int32 elements; roots are the smallest element, whatever the order.
class Components {
 public:
  // Makes room for n elements without touching them: call add() for each that is used.
  void reserve(int64_t n) {
    if (n <= size_) return;
    parent_.reset(new std::atomic<int32_t>[n]);
    size_ = n;
  }
  void add(int32_t i) { parent_[i].store(i, std::memory_order_relaxed); }
  int32_t find(int32_t i) {
    int32_t up = parent_[i].load(std::memory_order_relaxed);
    while (up != i) {
      const int32_t next = parent_[up].load(std::memory_order_relaxed);
      parent_[i].compare_exchange_weak(up, next, std::memory_order_relaxed);
      i = next;
      up = parent_[i].load(std::memory_order_relaxed);
    }
    return i;
  }
  void unite(int32_t a, int32_t b) {
    for (;;) {
      a = find(a);
      b = find(b);
      if (a == b) return;
      if (a > b) std::swap(a, b);
      int32_t expected = b;
      if (parent_[b].compare_exchange_strong(expected, a, std::memory_order_relaxed)) return;
    }
  }

 private:
  std::unique_ptr<std::atomic<int32_t>[]> parent_;
  int64_t size_ = 0;
};

// How a run shares out its passes: a team of threads, or just the worker it runs on.
using Spread = std::function<void(int64_t tasks, const Task& run)>;

template <int D>
class DbscanRun {
 public:
  // `tree` must outlive the run, which can be used for one start() after another.
  explicit DbscanRun(const PointTree& tree);

  // Finds leaves, cores and components; returns with counts complete except noise and largest.
  // `weights` in sorted order, or null. Stops early, leaving nonsense, once `spread` stops.
  void start(double eps, double min_pts, const double* weights, int workers, CountWithin count,
             const Spread& spread);

  // Labels and core flags by original row (both sized n by the caller).
  void label(int32_t* labels, uint8_t* core, const Spread& spread);

  // Clusters and core points, known after start(); noise and largest are 0.
  const DbscanCounts& counts() const { return counts_; }

  // Counts noise and the largest cluster only.
  DbscanCounts summarise(const Spread& spread);

 private:
  struct Leaf {
    int32_t node, begin, end;
    int32_t cores;    // how many of its points are core
    int32_t core_at;  // where they are in partial_*, if not all are
    bool clique;
    int32_t size() const { return end - begin; }
    bool full() const { return cores == end - begin; }
  };
  // Neighbouring leaves of few points that lie side by side in memory are counted in one go.
  struct Stretch {
    int32_t begin, end;
    int32_t node;  // -1 when there are several
    double box[2 * D];
  };
  struct Scratch {
    std::deque<std::vector<int32_t>> lists;  // candidate nodes, one list a depth
    std::vector<int32_t> near;               // leaves within eps of the current one
    std::vector<Stretch> stretches;
    std::vector<int64_t> sizes;              // border points of each cluster; 0 is noise
  };

  void collect(int32_t node);
  template <class Wanted, class Visit>
  void each_leaf(const Spread& spread, bool later_only, const Wanted& wanted, const Visit& visit);
  template <class Wanted, class Visit>
  void descend(int32_t node, const std::vector<int32_t>& above, size_t depth, bool later_only,
               Scratch& scratch, const StopFlag& stop, const Wanted& wanted, const Visit& visit);
  void refine(int32_t node, int32_t other, bool later_only, std::vector<int32_t>& list) const;
  void expand(int32_t node, int32_t other, bool later_only, std::vector<int32_t>& leaves) const;

  void find_cores(Leaf& leaf, Scratch& scratch);
  void gather_partial_cores();
  void unite_leaf(int32_t leaf, const std::vector<int32_t>& near);
  void number();
  int32_t border_label(const Leaf& leaf, int32_t point, const std::vector<int32_t>& near);
  template <class Core, class Border>
  void assign(const Spread& spread, const Core& core, const Border& border);

  double mass(int32_t begin, int32_t end) const;
  double count_range(const double* q, int32_t begin, int32_t end, double enough) const;
  double count_node(const double* q, int32_t node, double enough) const;
  bool pair_exists(int32_t a, int32_t b) const;
  bool core_exists(const double* q, const Leaf& leaf) const;
  bool core_exists(const double* q, int32_t node) const;
  void load(int32_t point, double* q) const {
    for (int k = 0; k < D; ++k) q[k] = tree_.x[k * tree_.n + point];
  }
  int32_t core_point(const Leaf& leaf, int32_t i) const {
    return leaf.full() ? leaf.begin + i : partial_point_[leaf.core_at + i];
  }
  int32_t element(const Leaf& leaf, int32_t point) const {
    return leaf.clique ? leaf.begin : point;
  }
  int32_t label_of(const Leaf& leaf, int32_t point) {
    return label_[components_.find(element(leaf, point))];
  }

  const PointTree& tree_;
  double eps2_ = 0;
  double min_pts_ = 0;
  const double* weights_ = nullptr;
  CountWithin count_ = nullptr;
  std::vector<int32_t> leaf_of_;  // per node: its leaf, or -1
  std::vector<Leaf> leaves_;
  std::vector<int32_t> tasks_;    // nodes that are handed out as one piece of work
  int32_t grain_ = 0;             // points such a node holds at most, if it can be split
  std::vector<Scratch> scratch_;
  std::vector<uint8_t> is_core_;  // per sorted point, set in leaves that are core in part
  std::vector<double> partial_x_;  // the cores of those leaves, column after column
  std::vector<int32_t> partial_point_;
  Components components_;
  std::vector<int32_t> label_;    // per element: smallest row, then label, at the roots
  DbscanCounts counts_;
};

// Weights in sorted order, checked: finite and >= 0.
std::vector<double> sorted_weights(const PointTree& tree, const double* weights);

}  // namespace sketchvae
