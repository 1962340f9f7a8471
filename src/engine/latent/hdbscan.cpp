// See hdbscan.h. Test: tests/cpp/test_latent_hdbscan.cpp.
#include "latent/exact.h"
//
#include <cmath>
#include <limits>
#include <numeric>

#include "error.h"
#include "latent/components.h"
#include "latent/dims.h"
#include "latent/hdbscan.h"
#include "latent/knn.h"
#include "latent/parallel.h"
#include "latent/reachability.h"

namespace sketchvae {
namespace {

constexpr int64_t kLook = 8192;  // rows or edges between two looks whether to stop

// An edge between rows, its height no longer squared.
struct Edge {
  int32_t a;
  int32_t b;
  double height;
};

// A cluster of the condensed hierarchy. It exists from eps = death, below which fewer than min_pts
// of its points hang together or it falls apart into others, up to birth, where it joins others.
struct Cluster {
  double birth = 0;
  double death = 0;
  double density = 0;  // sum over its points of 1 / eps at which they leave it
  int64_t size = 0;
  int32_t parent = -1;  // always a later cluster
  bool leaf = true;
};

struct Hierarchy {
  std::vector<Cluster> clusters;
  std::vector<int32_t> cluster;  // per row: the innermost cluster it was ever in, or -1
  std::vector<double> leaves;    // per row: the eps at which it leaves that cluster
};

// Grows components edge by edge, lowest first, all edges of one height together.
class Condenser {
 public:
  Condenser(int64_t n, int64_t min_pts, Poll& poll)
      : min_pts_(min_pts), poll_(poll), size_(n, 1), cluster_(n, -1), next_(n), tail_(n) {
    components_.reserve(n);
    for (int32_t i = 0; i < n; ++i) components_.add(i);
    std::fill(next_.begin(), next_.end(), -1);
    std::iota(tail_.begin(), tail_.end(), 0);
    result_.cluster.assign(n, -1);
    result_.leaves.assign(n, 0);
  }

  Hierarchy run(const std::vector<Edge>& edges) {
    for (size_t begin = 0; begin < edges.size();) {
      size_t end = begin;
      while (end < edges.size() && edges[end].height == edges[begin].height) ++end;
      merge(edges, begin, end);
      if (begin / kLook != end / kLook) poll_.check();
      begin = end;
    }
    if (!result_.clusters.empty() && !edges.empty()) {
      result_.clusters.back().birth = edges.back().height;  // the root has no merge of its own
    }
    return std::move(result_);
  }

 private:
  void merge(const std::vector<Edge>& edges, size_t begin, size_t end) {
    parts_.clear();
    for (size_t i = begin; i < end; ++i) {
      parts_.push_back({0, components_.find(edges[i].a)});
      parts_.push_back({0, components_.find(edges[i].b)});
    }
    for (size_t i = begin; i < end; ++i) components_.unite(edges[i].a, edges[i].b);
    for (auto& part : parts_) part.whole = components_.find(part.root);
    std::sort(parts_.begin(), parts_.end());
    parts_.erase(std::unique(parts_.begin(), parts_.end()), parts_.end());
    for (size_t first = 0; first < parts_.size();) {
      size_t last = first;
      while (last < parts_.size() && parts_[last].whole == parts_[first].whole) ++last;
      form(first, last, edges[begin].height);
      first = last;
    }
  }

  // Parts first..last-1 become one component at this height.
  void form(size_t first, size_t last, double height) {
    int64_t total = 0;
    int64_t loose = 0;  // points of parts that are no cluster
    int32_t inner = -1;
    int clusters = 0;
    for (size_t i = first; i < last; ++i) {
      const int32_t root = parts_[i].root;
      total += size_[root];
      if (cluster_[root] < 0) {
        loose += size_[root];
      } else {
        inner = cluster_[root];
        ++clusters;
      }
    }
    const int32_t whole = parts_[first].whole;
    if (clusters == 0 && total < min_pts_) {
      for (size_t i = first; i < last; ++i) {
        if (parts_[i].root != whole) chain(whole, parts_[i].root);
      }
      size_[whole] = total;
      return;
    }
    if (clusters != 1) {
      inner = static_cast<int32_t>(result_.clusters.size());
      result_.clusters.push_back({0, height, 0, 0, -1, clusters == 0});
      for (size_t i = first; i < last; ++i) {
        const int32_t child = cluster_[parts_[i].root];
        if (child < 0) continue;
        result_.clusters[child].parent = inner;
        result_.clusters[child].birth = height;
      }
    }
    for (size_t i = first; i < last; ++i) {
      if (cluster_[parts_[i].root] >= 0) continue;
      for (int32_t row = parts_[i].root; row >= 0; row = next_[row]) {
        result_.cluster[row] = inner;
        result_.leaves[row] = height;
      }
    }
    // Counts times a height: sums that do not depend on the order of rows.
    const int64_t leaving = clusters == 1 ? loose : total;
    Cluster& cluster = result_.clusters[inner];
    if (leaving > 0) cluster.density += static_cast<double>(leaving) / height;
    cluster.size += leaving;
    size_[whole] = total;
    cluster_[whole] = inner;
  }

  // Appends the rows of one loose component to another's. A chain starts at its root.
  void chain(int32_t to, int32_t from) {
    next_[tail_[to]] = from;
    tail_[to] = tail_[from];
  }

  struct Part {
    int32_t whole;  // root after the merge
    int32_t root;   // root before it
    bool operator==(const Part&) const = default;
    bool operator<(const Part& other) const {
      return whole < other.whole || (whole == other.whole && root < other.root);
    }
  };

  const int64_t min_pts_;
  Poll& poll_;
  Components components_;
  std::vector<int64_t> size_;     // at roots
  std::vector<int32_t> cluster_;  // at roots: the cluster that the component is, or -1
  std::vector<int32_t> next_;     // chains of rows that belong to no cluster yet
  std::vector<int32_t> tail_;
  std::vector<Part> parts_;
  Hierarchy result_;
};

// Chooses, from the leaves up, each cluster whose stability its descendants do not exceed; the
// root only when it is all there is. Gives for each cluster the chosen one it lies in, or -1.
std::vector<int32_t> choose(const std::vector<Cluster>& clusters, std::vector<double>& stability) {
  const auto count = static_cast<int32_t>(clusters.size());
  stability.assign(count, 0);
  std::vector<std::vector<double>> below(count);
  std::vector<char> chosen(count);
  for (int32_t c = 0; c < count; ++c) {
    const Cluster& cluster = clusters[c];
    // Only the root can be born at 0, when all points are equal: it lasts for no time at all.
    if (cluster.birth > 0) {
      stability[c] = cluster.density - static_cast<double>(cluster.size) / cluster.birth;
    }
    // Sorted, so that the sum does not depend on the order of rows either.
    std::sort(below[c].begin(), below[c].end());
    const double children = std::accumulate(below[c].begin(), below[c].end(), 0.0);
    const bool root = cluster.parent < 0;
    chosen[c] = cluster.leaf || (!root && !(stability[c] < children));
    if (!root) below[cluster.parent].push_back(chosen[c] ? stability[c] : children);
  }
  std::vector<int32_t> within(count, -1);
  for (int32_t c = count - 1; c >= 0; --c) {
    const int32_t parent = clusters[c].parent;
    within[c] = parent >= 0 && within[parent] >= 0 ? within[parent] : chosen[c] ? c : -1;
  }
  return within;
}

// Rows in lexicographic order of their coordinates: a numbering that no permutation changes.
bool before(const Points& points, int32_t a, int32_t b) {
  for (int k = 0; k < points.d; ++k) {
    const double left = points.x[k * points.n + a];
    const double right = points.x[k * points.n + b];
    if (left != right) return left < right;
  }
  return false;
}

void label_rows(const Points& points, const Hierarchy& hierarchy, Poll& poll,
                HdbscanResult& result) {
  std::vector<double> stability;
  const auto within = choose(hierarchy.clusters, stability);
  const auto count = hierarchy.clusters.size();
  std::vector<int64_t> sizes(count);
  std::vector<int32_t> first(count, -1);
  std::vector<double> widest(count);
  const auto chosen_of = [&](int64_t row) {
    const int32_t cluster = hierarchy.cluster[row];
    return cluster < 0 ? -1 : within[cluster];
  };
  for (int64_t row = 0; row < points.n; ++row) {
    if (row % kLook == 0) poll.check();
    const int32_t c = chosen_of(row);
    if (c < 0) continue;
    ++sizes[c];
    widest[c] = std::max(widest[c], result.core[row]);
    const auto here = static_cast<int32_t>(row);
    if (first[c] < 0 || before(points, here, first[c])) first[c] = here;
  }
  std::vector<int32_t> order;
  for (size_t c = 0; c < count; ++c) {
    if (sizes[c] > 0) order.push_back(static_cast<int32_t>(c));
  }
  std::sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
    if (sizes[a] != sizes[b]) return sizes[a] > sizes[b];
    return before(points, first[a], first[b]);
  });
  std::vector<int32_t> name(count);
  for (size_t i = 0; i < order.size(); ++i) {
    name[order[i]] = static_cast<int32_t>(i) + 1;
    result.scores.push_back(stability[order[i]]);
  }
  result.labels.assign(points.n, 0);
  result.membership.assign(points.n, 0);
  for (int64_t row = 0; row < points.n; ++row) {
    if (row % kLook == 0) poll.check();
    const int32_t c = chosen_of(row);
    if (c < 0) continue;
    result.labels[row] = name[c];
    result.membership[row] = widest[c] > 0 ? (widest[c] - result.core[row]) / widest[c] : 1;
  }
}

// GLOSH: how much sparser a point is than the densest place of the cluster that it belongs to.
void score_outliers(const Hierarchy& hierarchy, HdbscanResult& result) {
  std::vector<double> densest;
  for (const Cluster& cluster : hierarchy.clusters) {
    densest.push_back(cluster.leaf ? cluster.death : std::numeric_limits<double>::infinity());
  }
  for (size_t c = 0; c < densest.size(); ++c) {
    const int32_t parent = hierarchy.clusters[c].parent;
    if (parent >= 0) densest[parent] = std::min(densest[parent], densest[c]);
  }
  result.outlier.assign(hierarchy.cluster.size(), 0);
  for (size_t row = 0; row < hierarchy.cluster.size(); ++row) {
    const int32_t cluster = hierarchy.cluster[row];
    if (cluster < 0 || !(hierarchy.leaves[row] > 0)) continue;
    result.outlier[row] = 1 - densest[cluster] / hierarchy.leaves[row];
  }
}

// The edges as R's hclust writes a tree.
void write_merges(int64_t n, const std::vector<Edge>& edges, Poll& poll, HdbscanResult& result) {
  const auto merges = static_cast<int64_t>(edges.size());
  Components components;
  components.reserve(n);
  for (int32_t i = 0; i < n; ++i) components.add(i);
  std::vector<int32_t> name(n);  // at roots: what hclust calls the component
  for (int32_t i = 0; i < n; ++i) name[i] = -1 - i;
  result.merge.resize(2 * merges);
  for (int64_t k = 0; k < merges; ++k) {
    if (k % kLook == 0) poll.check();
    int32_t one = name[components.find(edges[k].a)];
    int32_t two = name[components.find(edges[k].b)];
    // Rows before merges, each in increasing order.
    const bool swap = one < 0 && two < 0 ? one < two : one > two;
    if (swap) std::swap(one, two);
    result.merge[k] = one;
    result.merge[merges + k] = two;
    result.height.push_back(edges[k].height);
    components.unite(edges[k].a, edges[k].b);
    name[components.find(edges[k].a)] = static_cast<int32_t>(k) + 1;
  }
  std::vector<int32_t> stack{static_cast<int32_t>(merges)};
  if (merges == 0) stack = {-1};
  for (int64_t step = 0; !stack.empty(); ++step) {
    if (step % kLook == 0) poll.check();
    const int32_t at = stack.back();
    stack.pop_back();
    if (at < 0) {
      result.order.push_back(-at);
    } else {
      stack.push_back(result.merge[merges + at - 1]);
      stack.push_back(result.merge[at - 1]);
    }
  }
}

}  // namespace

HdbscanResult hdbscan(const Points& points, int64_t min_pts, int threads, Host& host) {
  check_points(points);
  if (min_pts < 2 || min_pts > points.n) {
    throw Error("`minPts` must be from 2 to the number of points.");
  }
  threads = resolve_threads(threads);
  HdbscanResult result;
  result.core.resize(points.n);
  std::vector<Edge> edges;
  with_dims(points.d, [&](auto dims) {
    const auto tree = build_tree<dims>(points, threads, host);
    const auto core2 = kth_distances2(tree, min_pts, threads, /*show=*/false, host);
    for (int64_t i = 0; i < tree.n; ++i) result.core[tree.row[i]] = std::sqrt(core2[i]);
    for (const auto& edge : reachability_tree(tree, core2, threads, host)) {
      edges.push_back({tree.row[edge.a], tree.row[edge.b], std::sqrt(edge.height2)});
    }
  });
  Poll poll(host);
  const Hierarchy hierarchy = Condenser(points.n, min_pts, poll).run(edges);
  label_rows(points, hierarchy, poll, result);
  score_outliers(hierarchy, result);
  poll.check();
  write_merges(points.n, edges, poll, result);
  return result;
}

}  // namespace sketchvae
