// src/engine/latent/knn, reachability and path against brute force, and the path against dbscan.
#include "latent/exact.h"
//
#include <doctest/doctest.h>

#include <algorithm>
#include <limits>

#include "error.h"
#include "latent/dbscan.h"
#include "latent/dims.h"
#include "latent/knn.h"
#include "latent/path.h"
#include "latent/reachability.h"
#include "latent_points.h"

using namespace sketchvae;
using test::Cloud;
using test::make_cloud;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<double> brute_cores(const Points& p, int64_t k) {
  std::vector<double> core2(p.n, kInfinity);
  std::vector<double> row(p.n);
  for (int64_t i = 0; i < p.n; ++i) {
    for (int64_t j = 0; j < p.n; ++j) row[j] = test::distance2(p, i, j);
    std::sort(row.begin(), row.end());
    if (k <= p.n) core2[i] = row[k - 1];
  }
  return core2;
}

// Prim's algorithm, sorted heights.
std::vector<double> brute_tree(const Points& p, const std::vector<double>& core2) {
  std::vector<double> heights, best(p.n, kInfinity);
  std::vector<char> inside(p.n);
  int64_t at = 0;
  for (int64_t step = 1; step < p.n; ++step) {
    inside[at] = 1;
    int64_t next = -1;
    for (int64_t j = 0; j < p.n; ++j) {
      if (inside[j]) continue;
      best[j] = std::min(best[j], std::max({test::distance2(p, at, j), core2[at], core2[j]}));
      if (next < 0 || best[j] < best[next]) next = j;
    }
    heights.push_back(best[next]);
    at = next;
  }
  std::sort(heights.begin(), heights.end());
  return heights;
}

int64_t up_to(const std::vector<double>& sorted, double eps) {
  return std::upper_bound(sorted.begin(), sorted.end(), eps) - sorted.begin();
}

}  // namespace

TEST_CASE("core distances and tree heights equal brute force's, at any number of threads") {
  SilentHost host;
  for (int number = 0; number < 144; ++number) {
    CAPTURE(number);
    const Cloud cloud = make_cloud(number, 12, 200);
    const Points p = cloud.points();
    const int64_t k = std::min<int64_t>(cloud.min_pts, p.n);
    const auto expected = brute_cores(p, k);
    for (const int threads : {1, 3}) {
      with_dims(p.d, [&](auto dims) {
        const auto tree = build_tree<dims>(p, threads, host);
        const auto core2 = kth_distances2(tree, k, threads, false, host);
        for (int64_t i = 0; i < p.n; ++i) REQUIRE(core2[i] == expected[tree.row[i]]);
        std::vector<double> heights2;
        for (const auto& edge : reachability_tree(tree, core2, threads, host)) {
          CHECK(edge.height2 == std::max({core2[edge.a], core2[edge.b],
                                          test::distance2(p, tree.row[edge.a], tree.row[edge.b])}));
          heights2.push_back(edge.height2);
        }
        CHECK(heights2 == brute_tree(p, expected));
      });
    }
  }
}

TEST_CASE(
    "at every eps where something happens, and just below, the path counts what dbscan does") {
  SilentHost host;
  for (int number = 0; number < 72; ++number) {
    CAPTURE(number);
    Cloud cloud = make_cloud(number, 4, 60);
    const DbscanPath path = dbscan_path(cloud.points(), cloud.min_pts, 2, host);
    std::vector<double> eps = path.core;
    eps.insert(eps.end(), path.tree.begin(), path.tree.end());
    eps.insert(eps.end(), path.joins.begin(), path.joins.end());
    const size_t happenings = eps.size();
    for (size_t i = 0; i < happenings; ++i) eps.push_back(std::nextafter(eps[i], 0.0));
    for (const double value : eps) {
      if (!(value < kInfinity)) continue;
      CAPTURE(value);
      DbscanOptions options;
      options.eps = value;
      options.min_pts = cloud.min_pts;
      options.threads = 1;
      const auto counts = dbscan(cloud.points(), options, host).counts;
      CHECK(up_to(path.core, value) == counts.core);
      CHECK(up_to(path.core, value) - up_to(path.tree, value) == counts.clusters);
      CHECK(cloud.n - up_to(path.joins, value) == counts.noise);
    }
  }
}

TEST_CASE(
    "smallest_root is the first double whose square is large enough, even when it underflows") {
  std::mt19937_64 random(3);
  std::uniform_real_distribution<double> power(-323, 308);
  for (int i = 0; i < 20000; ++i) {
    const double square = std::pow(10.0, power(random));
    const double root = smallest_root(square);
    CAPTURE(square);
    CHECK(root * root >= square);
    const double below = std::nextafter(root, 0.0);
    CHECK(below * below < square);
  }
  CHECK(smallest_root(0) == 0);
  CHECK(smallest_root(kInfinity) == kInfinity);
  const double largest = std::numeric_limits<double>::max();
  CHECK(smallest_root(largest) * smallest_root(largest) >= largest);
}

TEST_CASE("k-NN distances leave the point itself out") {
  SilentHost host;
  const Cloud cloud{{0, 1, 3, 7}, 4, 1, 1, 1};
  CHECK(knn_distances(cloud.points(), 1, 1, host) == std::vector<double>{1, 1, 2, 4});
  CHECK(knn_distances(cloud.points(), 3, 2, host) == std::vector<double>{7, 6, 4, 7});
  CHECK_THROWS_AS(knn_distances(cloud.points(), 4, 1, host), Error);
  CHECK_THROWS_AS(knn_distances(cloud.points(), 0, 1, host), Error);
}

TEST_CASE("fewer points than minPts are never core; no points make an empty path") {
  SilentHost host;
  const Cloud cloud{{0, 1, 3}, 3, 1, 1, 1};
  const auto path = dbscan_path(cloud.points(), 4, 1, host);
  CHECK(path.core == std::vector<double>(3, kInfinity));
  CHECK(path.tree.empty());
  CHECK(dbscan_path(Points{nullptr, 0, 2}, 1, 1, host).core.empty());
}
