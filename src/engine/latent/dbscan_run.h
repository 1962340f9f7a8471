// One DBSCAN over a PointTree, step by step, as dbscan(), the search and the path share it. Not for
// callers outside latent/. How it works:
//   core     The tree meets itself: each node carries the list of nodes that eps reaches in part,
//            and the mass of those that lie within eps altogether. Whole boxes count at once,
//            whole nodes become core or stay without as soon as that is certain, and what is left
//            at the bottom are a few stretches of memory for the points of one bucket.
//   leaves   The topmost nodes whose diagonal is at most eps are cliques: all their points are
//            neighbours. Where there is none, a leaf of the tree is a bucket, whose points are
//            looked at one by one.
//   unite    Leaves with cores within eps of each other join in a union-find, which holds one
//            element for a clique and one for each point of a bucket.
//   number   Components get their label by smallest row, points that are no core the smallest
//            label in reach.
#pragma once

#include "latent/exact.h"
//
#include <deque>
#include <functional>
#include <vector>

#include "latent/components.h"
#include "latent/dbscan.h"
#include "latent/parallel.h"
#include "latent/tree.h"
#include "latent/within.h"

namespace sketchvae {

// How a run shares out its passes: a team of threads, or just the worker it runs on.
using Spread = std::function<void(int64_t tasks, const Task& run)>;

// What points count when it is not 1 each.
struct SortedWeights {
  std::vector<double> each;  // in the order of the tree's points
  double doubt = 0;          // how far sums of them may be off, as a share (weights_doubt())
  // The sum that decides where there is doubt, of the neighbours of a point of the tree.
  std::function<double(int32_t point, double eps2)> decide;
};

template <int D>
class DbscanRun {
 public:
  // `tree` must outlive the run, which can be used for one start() after another. The passes are
  // cut into about `pieces` tasks and use up to `workers` workers.
  DbscanRun(const PointTree<D>& tree, int workers, int pieces, Isa isa = Isa::kAuto);

  // Finds cores, leaves and components. Leaves nonsense, but safely, once `spread` stops early.
  void start(double eps, double min_pts, const Spread& spread,
             const SortedWeights* weights = nullptr);

  // Clusters and core points, known after start(); noise and largest are 0.
  const DbscanCounts& counts() const { return counts_; }

  // Labels and core flags by original row (both sized n by the caller).
  void label(int32_t* labels, uint8_t* core, const Spread& spread);

  // Counts noise and the largest cluster only.
  DbscanCounts summarise(const Spread& spread);

 private:
  using Node = TreeNode<D>;
  using List = std::vector<int32_t>;  // node or leaf numbers
  struct Leaf {
    int32_t node, begin, end;
    int32_t cores;    // how many of its points are core
    int32_t core_at;  // where they are in partial_*, if not all are
    bool clique;
    int32_t size() const { return end - begin; }
    bool full() const { return cores == end - begin; }
  };
  // What this run knows about a node of the tree.
  struct Mark {
    int32_t leaf = -1;
    int32_t cores = 0;
    bool open = false;  // find_sure_cores() left something below undecided
  };
  struct Scratch {
    std::deque<List> lists;  // candidate nodes, one list a depth
    List before;             // find_cores(): candidates before the current node
    List near;               // leaves within eps of the current one
    List doubtful;           // points whose weights sum to minPts but for rounding
    std::vector<Stretch> stretches;
    std::vector<int64_t> sizes;  // border points of each cluster; 0 is noise
    List& list(size_t depth) {
      while (lists.size() <= depth) lists.emplace_back();
      lists[depth].clear();
      return lists[depth];
    }
  };

  void plan(int32_t node);
  bool find_sure_cores(int32_t node);
  void find_cores(int32_t node, bool inside, double sure, const List& above, size_t depth,
                  Scratch& scratch, const StopFlag& stop);
  template <bool kBackwards>
  void classify(const Node& node, int32_t other, double& sure, double& open, List& list) const;
  void count_bucket(const Node& node, double sure, const List& list, Scratch& scratch);
  double mass(const Node& node) const;
  void weigh_nodes();
  int32_t collect(int32_t node);
  void gather_partial_cores();

  template <class Pass>
  void each_leaf(const Spread& spread, const Pass& pass);
  template <class Pass>
  void descend(int32_t node, const List& above, size_t depth, Scratch& scratch,
               const StopFlag& stop, const Pass& pass);
  template <class Pass>
  void refine(const Node& node, int32_t other, const Pass& pass, List& list) const;
  template <class Pass>
  void expand(const Node& node, int32_t other, const Pass& pass, List& leaves) const;

  void unite_leaf(int32_t leaf, const List& near);
  int32_t common_component(const Leaf& leaf);
  template <class Use>
  void each_core(const Leaf& leaf, int32_t from, const double* q, const Use& use) const;
  bool pair_exists(const Node& a, const Node& b) const;
  bool core_exists(const double* q, const Leaf& leaf) const;
  bool core_exists(const double* q, const Node& node) const;
  void number();
  int32_t border_label(const Leaf& leaf, int32_t point, const List& near);
  template <class Core, class Border>
  void assign(const Spread& spread, const Core& core, const Border& border);

  int32_t core_point(const Leaf& leaf, int32_t i) const {
    return leaf.full() ? leaf.begin + i : partial_point_[leaf.core_at + i];
  }
  int32_t element(const Leaf& leaf, int32_t point) const {
    return leaf.clique ? leaf.begin : point;
  }
  int32_t label_of(const Leaf& leaf, int32_t point) {
    return label_[components_.find(element(leaf, point))];
  }

  const PointTree<D>& tree_;
  const CountWithin count_;
  const Distances distances_;
  const int64_t grain_;  // points a task holds at most, where it can be split
  double eps2_ = 0;
  double min_pts_ = 0;
  double enough_ = 0;  // from this sum on a point is core for certain,
  double lacking_ = 0;  // below this one it is not; both min_pts_ where sums are exact
  const SortedWeights* weights_ = nullptr;
  std::vector<double> masses_;       // of the nodes, when there are weights
  List tasks_;                       // nodes that are handed out as one piece of work
  std::vector<Scratch> scratch_;
  std::vector<uint8_t> is_core_;  // per sorted point
  std::vector<Leaf> leaves_;
  std::vector<Mark> marks_;        // per node, valid from the root down to the leaves
  List partial_point_;             // cores of the leaves that are core in part
  std::vector<double> partial_x_;  // their coordinates, column after column
  Components components_;
  std::vector<int32_t> label_;  // per element: smallest row, then label, at the roots
  DbscanCounts counts_;
};

}  // namespace sketchvae
