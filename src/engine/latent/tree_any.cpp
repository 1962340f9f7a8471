// See tree.h: the tree of points of more than eight dimensions. Halves the points along the
// dimension in which they spread most. Test: tests/cpp/test_tree.cpp.
#include "latent/exact.h"
//
#include <cmath>
#include <numeric>

#include "latent/error_checks.h"
#include "latent/parallel.h"
#include "latent/tree.h"

namespace sketchvae {
namespace {

using Node = TreeNode<kAnyDims>;

constexpr int64_t kChunk = 4096;  // points that one task copies or whose boxes it measures
// Few points tell where many spread most.
constexpr int32_t kSample = 256;

// Nodes of one range of points, parents before children; `order` is permuted to match.
class Halver {
 public:
  Halver(const Points& points, std::vector<int32_t>& order) : points_(points), order_(order) {}

  // Halves what has more than `small` points. Ranges left over are leaves.
  int32_t halve(int32_t begin, int32_t end, int32_t small, const StopFlag& stop) {
    const auto index = static_cast<int32_t>(nodes.size());
    nodes.emplace_back();
    nodes[index].begin = begin;
    nodes[index].end = end;
    if (end - begin <= small || stop) return index;
    const int along = widest(begin, end);
    if (along < 0) return index;  // all equal
    const int32_t middle = begin + (end - begin) / 2;
    const double* column = points_.x + along * points_.n;
    std::nth_element(order_.begin() + begin, order_.begin() + middle, order_.begin() + end,
                     [&](int32_t i, int32_t j) {
                       return column[i] < column[j] || (column[i] == column[j] && i < j);
                     });
    const int32_t left = halve(begin, middle, small, stop);
    const int32_t right = halve(middle, end, small, stop);
    nodes[index].left = left;
    nodes[index].right = right;
    return index;
  }

  std::vector<Node> nodes;

 private:
  // The dimension with the largest mean distance from the mean, or -1 if all points are equal.
  int widest(int32_t begin, int32_t end) const {
    int best = -1;
    double most = -1;
    const int32_t step = std::max(1, (end - begin) / kSample);
    for (int k = 0; k < points_.d; ++k) {
      const double spread = spread_of(k, begin, end, step);
      if (spread > most) {
        most = spread;
        best = k;
      }
    }
    // A sample may be equal where the rest is not.
    for (int k = 0; k < points_.d && most <= 0 && step > 1; ++k) {
      const double spread = spread_of(k, begin, end, 1);
      if (spread > most) {
        most = spread;
        best = k;
      }
    }
    return most > 0 ? best : -1;
  }

  double spread_of(int k, int32_t begin, int32_t end, int32_t step) const {
    const double* column = points_.x + k * points_.n;
    double low = column[order_[begin]];
    double high = low;
    double sum = 0;
    int64_t count = 0;
    for (int32_t i = begin; i < end; i += step, ++count) {
      const double value = column[order_[i]];
      low = std::min(low, value);
      high = std::max(high, value);
      sum += value;
    }
    if (!(low < high)) return 0;
    const double mean = sum / static_cast<double>(count);
    double spread = 0;
    for (int32_t i = begin; i < end; i += step) spread += std::abs(column[order_[i]] - mean);
    return spread;
  }

  const Points& points_;
  std::vector<int32_t>& order_;
};

void measure(const PointTree<kAnyDims>& tree, Node& node) {
  const int d = tree.dims.count;
  node.box = Numbers<kAnyDims, 2>::make(tree.dims);
  for (int k = 0; k < d; ++k) {
    const double* column = tree.x.data() + k * tree.n;
    const auto [low, high] = std::minmax_element(column + node.begin, column + node.end);
    node.box[k] = *low;
    node.box[d + k] = *high;
  }
  node.min_row = *std::min_element(tree.row.begin() + node.begin, tree.row.begin() + node.end);
}

void join(const PointTree<kAnyDims>& tree, Node& node) {
  const int d = tree.dims.count;
  const Node& a = tree.nodes[node.left];
  const Node& b = tree.nodes[node.right];
  node.box = a.box;
  for (int k = 0; k < d; ++k) {
    node.box[k] = std::min(node.box[k], b.box[k]);
    node.box[d + k] = std::max(node.box[d + k], b.box[d + k]);
  }
  node.min_row = std::min(a.min_row, b.min_row);
}

// The nodes of all points: the top here, the rest in pieces that the threads share.
std::vector<Node> halve_all(const Points& points, std::vector<int32_t>& order, int threads,
                            Host& host) {
  const auto n = static_cast<int32_t>(points.n);
  Halver top(points, order);
  const int32_t small = std::max<int32_t>(4096, n / (8 * threads));
  short_tasks(1, 1, host,
              [&](int64_t, int, const StopFlag& stop) { top.halve(0, n, small, stop); });
  std::vector<int32_t> roots;
  for (size_t i = 0; i < top.nodes.size(); ++i) {
    if (top.nodes[i].leaf()) roots.push_back(static_cast<int32_t>(i));
  }
  std::vector<Halver> pieces(roots.size(), Halver(points, order));
  short_tasks(threads, static_cast<int64_t>(roots.size()), host,
              [&](int64_t piece, int, const StopFlag& stop) {
                const Node& root = top.nodes[roots[piece]];
                pieces[piece].halve(root.begin, root.end, kBucket<kAnyDims>, stop);
              });
  std::vector<Node> nodes = std::move(top.nodes);
  for (size_t piece = 0; piece < pieces.size(); ++piece) {
    // The piece's root takes the place that the top has for it; the others go to the end.
    const auto offset = static_cast<int32_t>(nodes.size()) - 1;
    auto& below = pieces[piece].nodes;
    for (size_t i = 0; i < below.size(); ++i) {
      Node& node = below[i];
      if (!node.leaf()) {
        node.left += offset;
        node.right += offset;
      }
      if (i == 0) {
        nodes[roots[piece]] = std::move(node);
      } else {
        nodes.push_back(std::move(node));
      }
    }
  }
  return nodes;
}

}  // namespace

template <>
PointTree<kAnyDims> build_tree<kAnyDims>(const Points& points, int threads, Host& host) {
  check_points(points);
  PointTree<kAnyDims> tree(points.d);
  tree.n = points.n;
  if (points.n == 0) return tree;
  tree.row.resize(points.n);
  std::iota(tree.row.begin(), tree.row.end(), 0);
  tree.nodes = halve_all(points, tree.row, threads, host);

  tree.x.resize(points.n * points.d);
  tree.rows.resize(points.n * points.d);
  short_tasks(threads, (points.n + kChunk - 1) / kChunk, host,
              [&](int64_t task, int, const StopFlag&) {
                const int64_t end = std::min(points.n, (task + 1) * kChunk);
                for (int k = 0; k < points.d; ++k) {
                  for (int64_t i = task * kChunk; i < end; ++i) {
                    const double value = points.x[k * points.n + tree.row[i]];
                    tree.x[k * points.n + i] = value;
                    tree.rows[i * points.d + k] = value;
                  }
                }
              });

  const auto many = static_cast<int64_t>(tree.nodes.size());
  short_tasks(threads, (many + kChunk - 1) / kChunk, host,
              [&](int64_t task, int, const StopFlag&) {
                const int64_t end = std::min(many, (task + 1) * kChunk);
                for (int64_t i = task * kChunk; i < end; ++i) {
                  if (tree.nodes[i].leaf()) measure(tree, tree.nodes[i]);
                }
              });
  for (int64_t i = many - 1; i >= 0; --i) {
    Node& node = tree.nodes[i];
    if (!node.leaf()) join(tree, node);
    node.diameter = box_reach(tree.dims, node.box.data(), node.box.data());
  }
  return tree;
}

}  // namespace sketchvae
