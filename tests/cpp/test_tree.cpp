// src/engine/latent/tree: what the searches rely on.
#include "latent/exact.h"
//
#include <doctest/doctest.h>

#include <algorithm>

#include "latent/dims.h"
#include "latent/tree.h"
#include "latent_points.h"

using namespace sketchvae;
using test::make_cloud;

namespace {

template <int D>
void check_tree(const PointTree<D>& tree, const Points& points) {
  REQUIRE(tree.nodes.size() >= 1);
  CHECK(tree.nodes[0].begin == 0);
  CHECK(tree.nodes[0].end == points.n);
  std::vector<int32_t> rows = tree.row;
  std::sort(rows.begin(), rows.end());
  for (int64_t i = 0; i < points.n; ++i) REQUIRE(rows[i] == i);
  for (int64_t i = 0; i < points.n; ++i) {
    for (int k = 0; k < points.d; ++k) {
      REQUIRE(tree.point(static_cast<int32_t>(i))[k] == tree.x[k * points.n + i]);
      REQUIRE(tree.x[k * points.n + i] == points.x[k * points.n + tree.row[i]]);
    }
  }
  for (size_t at = 0; at < tree.nodes.size(); ++at) {
    const TreeNode<D>& node = tree.nodes[at];
    const double* box = node.box.data();
    int32_t smallest = tree.row[node.begin];
    double diagonal = 0;
    for (int k = 0; k < points.d; ++k) {
      const auto* column = tree.x.data() + k * points.n;
      CHECK(box[k] == *std::min_element(column + node.begin, column + node.end));
      CHECK(box[points.d + k] == *std::max_element(column + node.begin, column + node.end));
      const double side = box[points.d + k] - box[k];
      diagonal += side * side;
    }
    for (int32_t i = node.begin; i < node.end; ++i) smallest = std::min(smallest, tree.row[i]);
    CHECK(node.min_row == smallest);
    CHECK(node.diameter == diagonal);
    if (node.leaf()) {
      CHECK((node.size() <= kBucket<D> || diagonal == 0));
      continue;
    }
    CHECK(tree.nodes[node.left].begin == node.begin);
    CHECK(tree.nodes[node.left].end == tree.nodes[node.right].begin);
    CHECK(tree.nodes[node.right].end == node.end);
    CHECK(tree.nodes[node.left].size() > 0);
    CHECK(tree.nodes[node.right].size() > 0);
  }
}

}  // namespace

TEST_CASE("nodes nest, boxes are tight, rows are a permutation") {
  SilentHost host;
  for (int number = 0; number < 144; ++number) {
    CAPTURE(number);
    const auto cloud = make_cloud(number, 12);
    with_dims(cloud.d, [&](auto dims) {
      check_tree(build_tree<dims>(cloud.points(), 1, host), cloud.points());
    });
  }
}

TEST_CASE("several threads build a sound tree, and the same one twice") {
  SilentHost host;
  const auto cloud = make_cloud(1, 4, 60000);
  const auto tree = build_tree<2>(cloud.points(), 7, host);
  check_tree(tree, cloud.points());
  CHECK(build_tree<2>(cloud.points(), 7, host).row == tree.row);
  const auto many = make_cloud(9, 10, 30000);
  REQUIRE(many.d == 10);
  const auto wide = build_tree<kAnyDims>(many.points(), 7, host);
  check_tree(wide, many.points());
  CHECK(build_tree<kAnyDims>(many.points(), 1, host).row == wide.row);
}

TEST_CASE("points that only the last bits tell apart are still split") {
  SilentHost host;
  test::Cloud cloud;
  cloud.d = 1;
  cloud.n = 300;
  cloud.x.resize(cloud.n);
  double value = 1.0;
  for (int64_t i = 0; i + 1 < cloud.n; ++i) cloud.x[i] = value = std::nextafter(value, 2.0);
  cloud.x[cloud.n - 1] = 1e18;
  check_tree(build_tree<1>(cloud.points(), 1, host), cloud.points());
}

TEST_CASE("a chain that halves a thousand times is not a thousand levels deep") {
  SilentHost host;
  test::Cloud cloud;
  cloud.d = 1;
  cloud.n = 1000;
  cloud.x.resize(cloud.n);
  for (int64_t i = 0; i < cloud.n; ++i) cloud.x[i] = std::ldexp(1.0, -static_cast<int>(i));
  const auto tree = build_tree<1>(cloud.points(), 1, host);
  check_tree(tree, cloud.points());
}
