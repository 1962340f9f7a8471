// See tree.h. Sort by Morton code (16 bits a dimension, fewer above four), split nodes at the
// highest bit that differs, then, where the code is too coarse, at the middle of the box.
// Test: tests/cpp/test_tree.cpp.
#include "latent/exact.h"
//
#include "latent/tree.h"

#include <array>
#include <limits>
#include <numeric>

#include "latent/error_checks.h"
#include "latent/parallel.h"

namespace sketchvae {
namespace {

struct Key {
  uint64_t code;
  int32_t row;
};

constexpr int kDigitBits = 11;  // of the radix sort: 2,048 counters stay in the first-level cache
constexpr int kMaxDepth = 96;   // below this, halve by count: no chain of boxes can make us deep

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

std::vector<Key> morton_keys(const Points& points, int bits) {
  std::vector<Key> keys(points.n);
  for (int64_t i = 0; i < points.n; ++i) keys[i] = {0, static_cast<int32_t>(i)};
  const auto table = spread_table(points.d, bits);
  const double top = static_cast<double>((uint64_t{1} << bits) - 1);
  for (int k = 0; k < points.d; ++k) {
    const double* column = points.x + k * points.n;
    const auto [low, high] = std::minmax_element(column, column + points.n);
    const double lo = *low;
    // Halves, so that a range beyond the largest double does not overflow.
    const double half_range = *high / 2 - lo / 2;
    if (!(half_range > 0)) continue;
    for (int64_t i = 0; i < points.n; ++i) {
      const double place = (column[i] / 2 - lo / 2) / half_range * top;
      const auto cell = static_cast<uint64_t>(std::clamp(place, 0.0, top));
      const uint64_t code = table[cell & 255] | table[cell >> 8] << (8 * points.d);
      keys[i].code |= code << k;
    }
  }
  return keys;
}

void radix_sort(std::vector<Key>& keys, int bits) {
  const int passes = (bits + kDigitBits - 1) / kDigitBits;
  constexpr uint64_t kMask = (1 << kDigitBits) - 1;
  std::vector<std::vector<int64_t>> counts(passes, std::vector<int64_t>(kMask + 1));
  for (const Key& key : keys) {
    for (int pass = 0; pass < passes; ++pass) {
      ++counts[pass][(key.code >> (pass * kDigitBits)) & kMask];
    }
  }
  std::vector<Key> other(keys.size());
  for (int pass = 0; pass < passes; ++pass) {
    auto& count = counts[pass];
    if (*std::max_element(count.begin(), count.end()) == static_cast<int64_t>(keys.size())) {
      continue;  // one value only: nothing to move
    }
    std::exclusive_scan(count.begin(), count.end(), count.begin(), int64_t{0});
    for (const Key& key : keys) other[count[(key.code >> (pass * kDigitBits)) & kMask]++] = key;
    keys.swap(other);
  }
}

// Builds the nodes of one range of sorted points into vectors of its own.
class Builder {
 public:
  Builder(PointTree& tree, const std::vector<Key>& keys) : tree_(tree), keys_(keys) {}

  std::vector<TreeNode> nodes;
  std::vector<double> boxes;

  int32_t build(int32_t begin, int32_t end, int depth = 0) {
    const auto index = static_cast<int32_t>(nodes.size());
    const int width = 2 * tree_.d;
    nodes.push_back({begin, end, -1, -1, std::numeric_limits<int32_t>::max()});
    boxes.resize(boxes.size() + width);
    const int32_t middle = end - begin <= kBucket ? begin : split(index, depth);
    if (middle == begin) {
      measure(index);
      return index;
    }
    const int32_t left = build(begin, middle, depth + 1);
    const int32_t right = build(middle, end, depth + 1);
    adopt(index, left, right);
    return index;
  }

  void release() {
    nodes = {};
    boxes = {};
  }

  // Makes `left` and `right` the children of `index` and joins their boxes.
  void adopt(int32_t index, int32_t left, int32_t right) {
    TreeNode& node = nodes[index];
    node.left = left;
    node.right = right;
    node.min_row = std::min(nodes[left].min_row, nodes[right].min_row);
    const int d = tree_.d;
    double* box = boxes.data() + int64_t{2} * d * index;
    const double* a = boxes.data() + int64_t{2} * d * left;
    const double* b = boxes.data() + int64_t{2} * d * right;
    for (int k = 0; k < d; ++k) {
      box[k] = std::min(a[k], b[k]);
      box[d + k] = std::max(a[d + k], b[d + k]);
    }
  }

  // The first sorted point of the right half, or begin when the points are all equal.
  static int32_t split_codes(const std::vector<Key>& keys, int32_t begin, int32_t end) {
    const uint64_t first = keys[begin].code;
    uint64_t bit = first ^ keys[end - 1].code;
    if (bit == 0) return begin;
    while (bit & (bit - 1)) bit &= bit - 1;  // keep the highest
    const uint64_t limit = (first | bit) & ~(bit - 1);
    const auto at = std::lower_bound(keys.begin() + begin, keys.begin() + end, limit,
                                     [](const Key& key, uint64_t code) { return key.code < code; });
    return static_cast<int32_t>(at - keys.begin());
  }

 private:
  void measure(int32_t index) {
    TreeNode& node = nodes[index];
    const int d = tree_.d;
    double* box = boxes.data() + int64_t{2} * d * index;
    for (int k = 0; k < d; ++k) {
      const double* column = tree_.x.data() + k * tree_.n;
      const auto [low, high] = std::minmax_element(column + node.begin, column + node.end);
      box[k] = *low;
      box[d + k] = *high;
    }
    node.min_row =
        *std::min_element(tree_.row.begin() + node.begin, tree_.row.begin() + node.end);
  }

  int32_t split(int32_t index, int depth) {
    const int32_t begin = nodes[index].begin;
    const int32_t end = nodes[index].end;
    const int32_t by_code = split_codes(keys_, begin, end);
    return by_code != begin ? by_code : split_box(index, depth);
  }

  // All codes equal: permutes the points themselves around the middle of the longest side.
  int32_t split_box(int32_t index, int depth) {
    measure(index);
    const int32_t begin = nodes[index].begin;
    const int32_t end = nodes[index].end;
    const int d = tree_.d;
    const double* box = boxes.data() + int64_t{2} * d * index;
    int longest = 0;
    for (int k = 1; k < d; ++k) {
      if (box[d + k] / 2 - box[k] / 2 > box[d + longest] / 2 - box[longest] / 2) longest = k;
    }
    const double lo = box[longest];
    const double hi = box[d + longest];
    if (!(lo < hi)) return begin;
    const double* column = tree_.x.data() + longest * tree_.n;
    std::vector<int32_t> order(end - begin);
    std::iota(order.begin(), order.end(), begin);
    int32_t count = 0;
    if (depth < kMaxDepth) {
      double middle = lo / 2 + hi / 2;
      if (!(middle >= lo && middle < hi)) middle = lo;
      const auto at = std::stable_partition(order.begin(), order.end(),
                                            [&](int32_t i) { return column[i] <= middle; });
      count = static_cast<int32_t>(at - order.begin());
    } else {
      count = (end - begin) / 2;
      std::nth_element(order.begin(), order.begin() + count, order.end(),
                       [&](int32_t i, int32_t j) { return column[i] < column[j]; });
    }
    permute(begin, order);
    return begin + count;
  }

  void permute(int32_t begin, const std::vector<int32_t>& order) {
    std::vector<int32_t> rows(order.size());
    std::vector<double> values(order.size());
    for (size_t i = 0; i < order.size(); ++i) rows[i] = tree_.row[order[i]];
    std::copy(rows.begin(), rows.end(), tree_.row.begin() + begin);
    for (int k = 0; k < tree_.d; ++k) {
      double* column = tree_.x.data() + k * tree_.n;
      for (size_t i = 0; i < order.size(); ++i) values[i] = column[order[i]];
      std::copy(values.begin(), values.end(), column + begin);
    }
  }

  PointTree& tree_;
  const std::vector<Key>& keys_;
};

// The top of the tree, down to pieces that the threads build; child -2 - i means piece i.
struct Piece {
  int32_t begin, end;
};

int32_t plan_top(const std::vector<Key>& keys, int32_t begin, int32_t end, int32_t small,
                 std::vector<TreeNode>& top, std::vector<Piece>& pieces) {
  const int32_t middle = end - begin <= small ? begin : Builder::split_codes(keys, begin, end);
  if (middle == begin) {
    pieces.push_back({begin, end});
    return -1 - static_cast<int32_t>(pieces.size());
  }
  const auto index = static_cast<int32_t>(top.size());
  top.push_back({begin, end, -1, -1, 0});
  const int32_t left = plan_top(keys, begin, middle, small, top, pieces);
  const int32_t right = plan_top(keys, middle, end, small, top, pieces);
  top[index].left = left;
  top[index].right = right;
  return index;
}

template <int D>
void measure_diameters(PointTree& tree) {
  for (size_t i = 0; i < tree.nodes.size(); ++i) {
    const double* box = tree.box(static_cast<int32_t>(i));
    tree.diameter[i] = box_reach<D>(box, box);
  }
}

void measure_diameters(PointTree& tree) {
  tree.diameter.resize(tree.nodes.size());
  switch (tree.d) {
    case 1: return measure_diameters<1>(tree);
    case 2: return measure_diameters<2>(tree);
    case 3: return measure_diameters<3>(tree);
    case 4: return measure_diameters<4>(tree);
    case 5: return measure_diameters<5>(tree);
    case 6: return measure_diameters<6>(tree);
    case 7: return measure_diameters<7>(tree);
    default: return measure_diameters<8>(tree);
  }
}

void build_nodes(PointTree& tree, const std::vector<Key>& keys, int threads, Host& host) {
  const auto n = static_cast<int32_t>(tree.n);
  std::vector<TreeNode> top;
  std::vector<Piece> pieces;
  const int32_t small = threads <= 1 ? n : std::max<int32_t>(4096, n / (8 * threads));
  plan_top(keys, 0, n, small, top, pieces);

  std::vector<Builder> builders(pieces.size(), Builder(tree, keys));
  parallel_tasks(threads, static_cast<int64_t>(pieces.size()), host, /*show=*/false,
                 [&](int64_t piece, int, const StopFlag&) {
                   builders[piece].build(pieces[piece].begin, pieces[piece].end);
                 });

  Builder whole(tree, keys);
  whole.nodes = std::move(top);
  const auto top_size = static_cast<int32_t>(whole.nodes.size());
  whole.boxes.resize(int64_t{2} * tree.d * top_size);
  std::vector<int32_t> root(pieces.size());
  for (size_t piece = 0; piece < pieces.size(); ++piece) {
    const auto offset = static_cast<int32_t>(whole.nodes.size());
    root[piece] = offset;
    for (TreeNode node : builders[piece].nodes) {
      if (!node.leaf()) {
        node.left += offset;
        node.right += offset;
      }
      whole.nodes.push_back(node);
    }
    const auto& boxes = builders[piece].boxes;
    whole.boxes.insert(whole.boxes.end(), boxes.begin(), boxes.end());
    builders[piece].release();
  }
  const auto resolve = [&](int32_t child) { return child < 0 ? root[-2 - child] : child; };
  for (int32_t i = top_size - 1; i >= 0; --i) {
    whole.adopt(i, resolve(whole.nodes[i].left), resolve(whole.nodes[i].right));
  }
  tree.nodes = std::move(whole.nodes);
  tree.boxes = std::move(whole.boxes);
}

}  // namespace

PointTree build_tree(const Points& points, int threads, Host& host) {
  check_points(points);
  PointTree tree;
  tree.n = points.n;
  tree.d = points.d;
  if (points.n == 0) return tree;
  const int bits = std::min(16, 64 / points.d);
  std::vector<Key> keys = morton_keys(points, bits);
  radix_sort(keys, bits * points.d);
  if (host.should_stop()) throw Interrupted();

  tree.row.resize(points.n);
  tree.x.resize(points.n * points.d);
  for (int64_t i = 0; i < points.n; ++i) tree.row[i] = keys[i].row;
  for (int k = 0; k < points.d; ++k) {
    const double* from = points.x + k * points.n;
    double* to = tree.x.data() + k * points.n;
    for (int64_t i = 0; i < points.n; ++i) to[i] = from[keys[i].row];
  }
  build_nodes(tree, keys, threads, host);
  measure_diameters(tree);
  return tree;
}

}  // namespace sketchvae
