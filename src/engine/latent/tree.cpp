// See tree.h. Sort by Morton code, split nodes at the highest bit that differs, then, where the
// code is too coarse, at the middle of the box. How more than eight dimensions are split is in
// tree_any.cpp. Test: tests/cpp/test_tree.cpp.
#include "latent/exact.h"
//
#include <array>
#include <bit>
#include <limits>
#include <numeric>

#include "latent/error_checks.h"
#include "latent/parallel.h"
#include "latent/tree.h"

namespace sketchvae {
namespace {

struct Key {
  uint64_t code;
  int32_t row;
};

constexpr int kDigitBits = 12;  // of the radix sort: 4,096 counters stay in the first-level cache
constexpr int64_t kChunk = 16384;  // points whose code or place one task works out
constexpr int kMaxDepth = 96;      // below this, halve by count: no chain of boxes can make us deep

// Bits of a byte moved `d` places apart, so that d dimensions interleave.
std::array<uint64_t, 256> spread_table(int d, int bits) {
  std::array<uint64_t, 256> table{};
  for (int byte = 0; byte < 256; ++byte) {
    for (int bit = 0; bit < std::min(8, bits); ++bit) {
      if ((byte >> bit) & 1) table[byte] |= uint64_t{1} << (bit * d);
    }
  }
  return table;
}

// Enough bits that most buckets are split by code, and no more: each costs time to sort by. What
// is left, clusters far below the range of the points, is split by box.
int bits_per_dimension(int64_t n, int d) {
  const int wanted = std::bit_width(static_cast<uint64_t>(n)) + 7;
  return std::clamp((wanted + d - 1) / d, 1, std::min(16, 64 / d));
}

std::vector<Key> morton_keys(const Points& points, int bits, int threads, Host& host) {
  const auto table = spread_table(points.d, bits);
  const double top = static_cast<double>((uint64_t{1} << bits) - 1);
  std::vector<double> low(points.d), half_range(points.d);
  for (int k = 0; k < points.d; ++k) {
    const double* column = points.x + k * points.n;
    // Four of each, since each comparison waits for the one before.
    double los[4], his[4];
    std::fill_n(los, 4, column[0]);
    std::fill_n(his, 4, column[0]);
    int64_t i = 0;
    for (; i + 4 <= points.n; i += 4) {
      for (int lane = 0; lane < 4; ++lane) {
        los[lane] = std::min(los[lane], column[i + lane]);
        his[lane] = std::max(his[lane], column[i + lane]);
      }
    }
    for (; i < points.n; ++i) {
      los[0] = std::min(los[0], column[i]);
      his[0] = std::max(his[0], column[i]);
    }
    const double lo = *std::min_element(los, los + 4);
    const double hi = *std::max_element(his, his + 4);
    low[k] = lo;
    // Halves, so that a range beyond the largest double does not overflow.
    half_range[k] = hi / 2 - lo / 2;
  }
  std::vector<Key> keys(points.n);
  short_tasks(threads, (points.n + kChunk - 1) / kChunk, host,
              [&](int64_t task, int, const StopFlag&) {
                const int64_t end = std::min(points.n, (task + 1) * kChunk);
                for (int64_t i = task * kChunk; i < end; ++i) {
                  uint64_t all = 0;
                  for (int k = 0; k < points.d; ++k) {
                    if (!(half_range[k] > 0)) continue;
                    const double x = points.x[k * points.n + i];
                    const double place = (x / 2 - low[k] / 2) / half_range[k] * top;
                    const auto cell = static_cast<uint64_t>(std::clamp(place, 0.0, top));
                    uint64_t code = table[cell & 255];
                    if (bits > 8) code |= table[cell >> 8] << (8 * points.d);
                    all |= code << k;
                  }
                  keys[i] = {all, static_cast<int32_t>(i)};
                }
              });
  return keys;
}

void radix_sort(std::vector<Key>& keys, int bits, Host& host) {
  const int passes = (bits + kDigitBits - 1) / kDigitBits;
  constexpr uint64_t kMask = (1 << kDigitBits) - 1;
  std::vector<std::vector<int32_t>> counts(passes, std::vector<int32_t>(kMask + 1));
  for (const Key& key : keys) {
    for (int pass = 0; pass < passes; ++pass) {
      ++counts[pass][(key.code >> (pass * kDigitBits)) & kMask];
    }
  }
  std::vector<Key> other(keys.size());
  for (int pass = 0; pass < passes; ++pass) {
    if (host.should_stop()) throw Interrupted();
    auto& count = counts[pass];
    std::exclusive_scan(count.begin(), count.end(), count.begin(), 0);
    for (const Key& key : keys) other[count[(key.code >> (pass * kDigitBits)) & kMask]++] = key;
    keys.swap(other);
  }
}

// The first sorted point of the right half, or begin when the codes are all equal.
int32_t split_codes(const std::vector<Key>& keys, int32_t begin, int32_t end) {
  const uint64_t first = keys[begin].code;
  uint64_t bit = first ^ keys[end - 1].code;
  if (bit == 0) return begin;
  while (bit & (bit - 1)) bit &= bit - 1;  // keep the highest
  const uint64_t limit = (first | bit) & ~(bit - 1);
  const auto at = std::lower_bound(keys.begin() + begin, keys.begin() + end, limit,
                                   [](const Key& key, uint64_t code) { return key.code < code; });
  return static_cast<int32_t>(at - keys.begin());
}

// Makes `left` and `right` the children of node `index` and joins their boxes.
template <int D>
void adopt(Dims<D> dims, std::vector<TreeNode<D>>& nodes, int32_t index, int32_t left,
           int32_t right) {
  TreeNode<D>& node = nodes[index];
  const TreeNode<D>& a = nodes[left];
  const TreeNode<D>& b = nodes[right];
  node.left = left;
  node.right = right;
  node.min_row = std::min(a.min_row, b.min_row);
  for (int k = 0; k < D; ++k) {
    node.box[k] = std::min(a.box[k], b.box[k]);
    node.box[D + k] = std::max(a.box[D + k], b.box[D + k]);
  }
  node.diameter = box_reach(dims, node.box.data(), node.box.data());
}

// Builds the nodes of one range of sorted points into a vector of its own.
template <int D>
class Builder {
 public:
  Builder(PointTree<D>& tree, const std::vector<Key>& keys) : tree_(tree), keys_(keys) {}

  std::vector<TreeNode<D>> nodes;

  int32_t build(int32_t begin, int32_t end, int depth = 0) {
    const auto index = static_cast<int32_t>(nodes.size());
    nodes.emplace_back();
    nodes[index].begin = begin;
    nodes[index].end = end;
    const int32_t middle = end - begin <= kBucket<D> ? begin : split(index, depth);
    if (middle == begin) {
      measure(nodes[index]);
      return index;
    }
    const int32_t left = build(begin, middle, depth + 1);
    const int32_t right = build(middle, end, depth + 1);
    adopt(tree_.dims, nodes, index, left, right);
    return index;
  }

 private:
  void measure(TreeNode<D>& node) const {
    for (int k = 0; k < D; ++k) {
      const double* column = tree_.x.data() + k * tree_.n;
      double low = column[node.begin];
      double high = low;
      for (int32_t i = node.begin + 1; i < node.end; ++i) {
        low = std::min(low, column[i]);
        high = std::max(high, column[i]);
      }
      node.box[k] = low;
      node.box[D + k] = high;
    }
    node.diameter = box_reach(tree_.dims, node.box.data(), node.box.data());
    node.min_row = *std::min_element(tree_.row.begin() + node.begin, tree_.row.begin() + node.end);
  }

  int32_t split(int32_t index, int depth) {
    const int32_t begin = nodes[index].begin;
    const int32_t by_code = split_codes(keys_, begin, nodes[index].end);
    return by_code != begin ? by_code : split_box(nodes[index], depth);
  }

  // All codes equal: permutes the points themselves around the middle of the longest side.
  int32_t split_box(TreeNode<D>& node, int depth) {
    measure(node);
    const Box<D>& box = node.box;
    int longest = 0;
    for (int k = 1; k < D; ++k) {
      if (box[D + k] / 2 - box[k] / 2 > box[D + longest] / 2 - box[longest] / 2) longest = k;
    }
    const double lo = box[longest];
    const double hi = box[D + longest];
    if (!(lo < hi)) return node.begin;
    const double* column = tree_.x.data() + longest * tree_.n;
    std::vector<int32_t> order(node.size());
    std::iota(order.begin(), order.end(), node.begin);
    int32_t count = node.size() / 2;
    if (depth < kMaxDepth) {
      double middle = lo / 2 + hi / 2;
      if (!(middle >= lo && middle < hi)) middle = lo;
      const auto at = std::stable_partition(order.begin(), order.end(),
                                            [&](int32_t i) { return column[i] <= middle; });
      count = static_cast<int32_t>(at - order.begin());
    } else {
      std::nth_element(order.begin(), order.begin() + count, order.end(),
                       [&](int32_t i, int32_t j) { return column[i] < column[j]; });
    }
    permute(node.begin, order);
    return node.begin + count;
  }

  void permute(int32_t begin, const std::vector<int32_t>& order) {
    std::vector<int32_t> rows(order.size());
    std::vector<double> values(order.size());
    for (size_t i = 0; i < order.size(); ++i) rows[i] = tree_.row[order[i]];
    std::copy(rows.begin(), rows.end(), tree_.row.begin() + begin);
    for (int k = 0; k < D; ++k) {
      double* column = tree_.x.data() + k * tree_.n;
      for (size_t i = 0; i < order.size(); ++i) values[i] = column[order[i]];
      std::copy(values.begin(), values.end(), column + begin);
    }
  }

  PointTree<D>& tree_;
  const std::vector<Key>& keys_;
};

// The top of the tree, down to pieces that the threads build; child -2 - i means piece i.
struct Piece {
  int32_t begin, end;
};

template <int D>
int32_t plan_top(const std::vector<Key>& keys, int32_t begin, int32_t end, int32_t small,
                 std::vector<TreeNode<D>>& top, std::vector<Piece>& pieces) {
  const int32_t middle = end - begin <= small ? begin : split_codes(keys, begin, end);
  if (middle == begin) {
    pieces.push_back({begin, end});
    return -1 - static_cast<int32_t>(pieces.size());
  }
  const auto index = static_cast<int32_t>(top.size());
  top.emplace_back();
  top[index].begin = begin;
  top[index].end = end;
  const int32_t left = plan_top(keys, begin, middle, small, top, pieces);
  const int32_t right = plan_top(keys, middle, end, small, top, pieces);
  top[index].left = left;
  top[index].right = right;
  return index;
}

template <int D>
void build_nodes(PointTree<D>& tree, const std::vector<Key>& keys, int threads, Host& host) {
  const auto n = static_cast<int32_t>(tree.n);
  std::vector<Piece> pieces;
  // One thread asks between two pieces whether to stop.
  const int32_t small = std::max<int32_t>(threads > 1 ? 4096 : 1 << 16, n / (8 * threads));
  plan_top(keys, 0, n, small, tree.nodes, pieces);

  std::vector<Builder<D>> builders(pieces.size(), Builder<D>(tree, keys));
  short_tasks(threads, static_cast<int64_t>(pieces.size()), host,
              [&](int64_t piece, int, const StopFlag&) {
                const auto [begin, end] = pieces[piece];
                builders[piece].nodes.reserve((end - begin) / 4);  // about what it takes
                builders[piece].build(begin, end);
              });

  const auto top = static_cast<int32_t>(tree.nodes.size());
  size_t total = tree.nodes.size();
  for (const auto& builder : builders) total += builder.nodes.size();
  tree.nodes.reserve(total);
  std::vector<int32_t> root(pieces.size());
  for (size_t piece = 0; piece < pieces.size(); ++piece) {
    const auto offset = static_cast<int32_t>(tree.nodes.size());
    root[piece] = offset;
    for (TreeNode<D> node : builders[piece].nodes) {
      if (!node.leaf()) {
        node.left += offset;
        node.right += offset;
      }
      tree.nodes.push_back(node);
    }
    builders[piece].nodes = {};
  }
  const auto resolve = [&](int32_t child) { return child < 0 ? root[-2 - child] : child; };
  for (int32_t i = top - 1; i >= 0; --i) {
    adopt(tree.dims, tree.nodes, i, resolve(tree.nodes[i].left), resolve(tree.nodes[i].right));
  }
}

}  // namespace

template <int D>
PointTree<D> build_tree(const Points& points, int threads, Host& host) {
  check_points(points);
  if (points.d != D) throw Error("The points must have as many dimensions as the tree.");
  PointTree<D> tree(D);
  tree.n = points.n;
  if (points.n == 0) return tree;
  const int bits = bits_per_dimension(points.n, D);
  std::vector<Key> keys = morton_keys(points, bits, threads, host);
  radix_sort(keys, bits * D, host);
  if (host.should_stop()) throw Interrupted();

  tree.row.resize(points.n);
  tree.x.resize(points.n * D);
  short_tasks(threads, (points.n + kChunk - 1) / kChunk, host,
              [&](int64_t task, int, const StopFlag&) {
                const int64_t end = std::min(points.n, (task + 1) * kChunk);
                for (int64_t i = task * kChunk; i < end; ++i) {
                  tree.row[i] = keys[i].row;
                  for (int k = 0; k < D; ++k) {
                    tree.x[k * points.n + i] = points.x[k * points.n + keys[i].row];
                  }
                }
              });
  build_nodes(tree, keys, threads, host);
  return tree;
}

#define SKETCHVAE_TREE(D) template PointTree<D> build_tree<D>(const Points&, int, Host&);
SKETCHVAE_COMPILED_DIMS(SKETCHVAE_TREE)

}  // namespace sketchvae
