// See dbscan_weights.h. Test: tests/testthat/test-latent_dbscan.R.
#include "latent/exact.h"
//
#include <cmath>
#include <numeric>
#include <utility>

#include "latent/dbscan_weights.h"
#include "latent/parallel.h"

namespace sketchvae {
namespace {

constexpr int32_t kAnnBucket = 10;
constexpr double kNearlyLongest = 1 - 0.001;  // sides so long compete by the spread of the points

}  // namespace

double weights_doubt(const double* weights, int64_t n) {
  double total = 0;
  for (int64_t i = 0; i < n; ++i) total += weights[i];
  for (const double unit : {1.0, 0x1p-10, 0x1p-20}) {
    if (!(total / unit < 0x1p52)) break;
    bool whole = true;
    for (int64_t i = 0; i < n && whole; ++i) whole = weights[i] / unit == std::floor(weights[i] / unit);
    if (whole) return 0;
  }
  return 4.5e-16 * static_cast<double>(n + 4);
}

WeightsInOrder::WeightsInOrder(const Points& points, const double* weights, Host& host)
    : points_(points), weights_(weights), order_(points.n) {
  std::iota(order_.begin(), order_.end(), 0);
  const auto n = static_cast<int32_t>(points.n);
  std::vector<double> low(points.d), high(points.d);
  for (int k = 0; k < points.d; ++k) {
    const double* column = points.x + k * points.n;
    low[k] = *std::min_element(column, column + n);
    high[k] = *std::max_element(column, column + n);
  }
  // Depth first with a stack of our own: far outliers make such trees deep. `low` and `high` are
  // the cell of the node at hand; what a step changed of them is put back when its turn comes.
  struct Step {
    int32_t node;
    int stage;
  };
  Poll poll(host);
  nodes_.push_back({0, n});
  std::vector<Step> steps{{0, 0}};
  while (!steps.empty()) {
    auto& [at, stage] = steps.back();
    const int32_t index = at;
    if (nodes_[index].end - nodes_[index].begin <= kAnnBucket) {
      steps.pop_back();
      continue;
    }
    if (stage == 0) {
      poll.check();
      Node node = nodes_[index];
      const int32_t middle = cut(node, low, high);
      node.from = low[node.cut];
      node.to = high[node.cut];
      node.low = static_cast<int32_t>(nodes_.size());
      node.high = node.low + 1;
      nodes_.push_back({node.begin, middle});
      nodes_.push_back({middle, node.end});
      nodes_[index] = node;
      high[node.cut] = node.at;
      stage = 1;
      steps.push_back({node.low, 0});
    } else if (stage == 1) {
      const Node& node = nodes_[index];
      high[node.cut] = node.to;
      low[node.cut] = node.at;
      stage = 2;
      steps.push_back({node.high, 0});
    } else {
      const Node& node = nodes_[index];
      low[node.cut] = node.from;
      steps.pop_back();
    }
  }
}

// Cuts the cell's longest side in the middle, or, if all points lie on one side of that, at the
// nearest of them. Gives where the second half begins.
int32_t WeightsInOrder::cut(Node& node, const std::vector<double>& low,
                            const std::vector<double>& high) {
  double longest = high[0] - low[0];
  for (int k = 1; k < points_.d; ++k) longest = std::max(longest, high[k] - low[k]);
  double most = -1, least_value = 0, most_value = 0;
  for (int k = 0; k < points_.d; ++k) {
    if (!(high[k] - low[k] >= kNearlyLongest * longest)) continue;
    double from = coordinate(order_[node.begin], k);
    double to = from;
    for (int32_t i = node.begin + 1; i < node.end; ++i) {
      from = std::min(from, coordinate(order_[i], k));
      to = std::max(to, coordinate(order_[i], k));
    }
    if (to - from > most) {
      most = to - from;
      node.cut = k;
      least_value = from;
      most_value = to;
    }
  }
  const double middle = (low[node.cut] + high[node.cut]) / 2;
  node.at = std::clamp(middle, least_value, most_value);
  int32_t equal_end;
  const int32_t equal_begin = partition(node, equal_end);
  if (middle < least_value) return node.begin + 1;
  if (middle > most_value) return node.end - 1;
  return std::clamp(node.begin + (node.end - node.begin) / 2, equal_begin, equal_end);
}

// Orders the node's points by whether they lie below, at or above the cut, by swapping from both
// ends. Gives where those at the cut begin and end.
int32_t WeightsInOrder::partition(const Node& node, int32_t& equal_end) {
  const auto value = [&](int32_t i) { return coordinate(order_[i], node.cut); };
  const auto swap_apart = [&](int32_t begin, const auto& stays) {
    int32_t left = begin;
    int32_t right = node.end - 1;
    for (;;) {
      while (left < node.end && stays(value(left))) ++left;
      while (right >= begin && !stays(value(right))) --right;
      if (left > right) return left;
      std::swap(order_[left++], order_[right--]);
    }
  };
  const int32_t equal_begin = swap_apart(node.begin, [&](double x) { return x < node.at; });
  equal_end = swap_apart(equal_begin, [&](double x) { return x <= node.at; });
  return equal_begin;
}

double WeightsInOrder::within(int32_t row, double eps2) {
  double sum = 0;
  stack_.assign(1, {0, 0});
  while (!stack_.empty()) {
    const Visit visit = stack_.back();
    stack_.pop_back();
    const Node& node = nodes_[visit.node];
    if (node.low < 0) {
      for (int32_t i = node.begin; i < node.end; ++i) {
        double distance2 = 0;
        for (int k = 0; k < points_.d; ++k) {
          const double step = coordinate(row, k) - coordinate(order_[i], k);
          distance2 += step * step;
        }
        if (distance2 <= eps2) sum += weights_[order_[i]];
      }
      continue;
    }
    // The nearer side first; the farther one only if its cell is within eps.
    const double q = coordinate(row, node.cut);
    const double past = q - node.at;
    const double outside = std::max(0.0, past < 0 ? node.from - q : q - node.to);
    const double gap2 = visit.gap2 + (past * past - outside * outside);
    if (gap2 <= eps2) stack_.push_back({past < 0 ? node.high : node.low, gap2});
    stack_.push_back({past < 0 ? node.low : node.high, visit.gap2});
  }
  return sum;
}

}  // namespace sketchvae
