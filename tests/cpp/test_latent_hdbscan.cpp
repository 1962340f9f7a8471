// src/engine/latent/hdbscan: labels do not depend on the order of rows, the tree is the one of
// brute force, and the parts agree with each other. Against the dbscan package:
// tests/testthat/test-latent_hdbscan.R.
#include "latent/exact.h"
//
#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "error.h"
#include "latent/hdbscan.h"
#include "latent_points.h"

using namespace sketchvae;
using test::Cloud;
using test::make_cloud;

namespace {

Cloud permuted(const Cloud& cloud, const std::vector<int32_t>& order) {
  Cloud result = cloud;
  for (int k = 0; k < cloud.d; ++k) {
    for (int64_t i = 0; i < cloud.n; ++i) {
      result.x[k * cloud.n + i] = cloud.x[k * cloud.n + order[i]];
    }
  }
  return result;
}

}  // namespace

TEST_CASE("a permutation of the rows permutes labels, memberships and outlier scores") {
  SilentHost host;
  std::mt19937_64 random(8);
  for (int number = 0; number < 108; ++number) {
    CAPTURE(number);
    const Cloud cloud = make_cloud(number, 4, 300);
    if (cloud.n < 4) continue;
    const int64_t min_pts = 2 + number % 3;
    const auto plain = hdbscan(cloud.points(), min_pts, 1, host);
    std::vector<int32_t> order(cloud.n);
    std::iota(order.begin(), order.end(), 0);
    for (int round = 0; round < 3; ++round) {
      std::shuffle(order.begin(), order.end(), random);
      const Cloud other = permuted(cloud, order);
      const auto found = hdbscan(other.points(), min_pts, 3, host);
      CHECK(found.height == plain.height);
      CHECK(found.scores == plain.scores);
      for (int64_t i = 0; i < cloud.n; ++i) {
        CHECK(found.labels[i] == plain.labels[order[i]]);
        CHECK(found.membership[i] == plain.membership[order[i]]);
        CHECK(found.outlier[i] == plain.outlier[order[i]]);
        CHECK(found.core[i] == plain.core[order[i]]);
      }
    }
  }
}

TEST_CASE("clusters have minPts points or more, scores lie in [0, 1], the order is a permutation") {
  SilentHost host;
  for (int number = 0; number < 108; ++number) {
    CAPTURE(number);
    const Cloud cloud = make_cloud(number, 4, 300);
    if (cloud.n < 6) continue;
    const auto found = hdbscan(cloud.points(), 5, 2, host);
    std::vector<int64_t> sizes(found.scores.size() + 1);
    for (const int32_t label : found.labels) ++sizes[label];
    for (size_t c = 1; c < sizes.size(); ++c) CHECK(sizes[c] >= 5);
    CHECK(std::is_sorted(sizes.rbegin(), sizes.rend() - 1));
    for (int64_t i = 0; i < cloud.n; ++i) {
      CHECK(found.membership[i] >= 0);
      CHECK(found.membership[i] <= 1);
      CHECK(found.outlier[i] >= 0);
      CHECK(found.outlier[i] <= 1);
    }
    auto order = found.order;
    std::sort(order.begin(), order.end());
    for (int64_t i = 0; i < cloud.n; ++i) CHECK(order[i] == i + 1);
  }
}

TEST_CASE("two blobs and a point between them: two clusters, the far point stands out") {
  SilentHost host;
  std::mt19937_64 random(1);
  std::normal_distribution<double> normal;
  Cloud cloud;
  cloud.n = 201;
  cloud.x.resize(402);
  for (int64_t i = 0; i < 200; ++i) {
    cloud.x[i] = 0.3 * normal(random) + (i % 2 ? 5 : 0);
    cloud.x[201 + i] = 0.3 * normal(random);
  }
  cloud.x[200] = 2.5;
  cloud.x[401] = 30;
  const auto found = hdbscan(cloud.points(), 5, 1, host);
  REQUIRE(found.scores.size() == 2);
  for (int64_t i = 0; i + 2 < 200; ++i) {
    if (found.labels[i] && found.labels[i + 2]) CHECK(found.labels[i] == found.labels[i + 2]);
  }
  CHECK(found.labels[200] == 0);
  CHECK(std::max_element(found.outlier.begin(), found.outlier.end()) - found.outlier.begin() ==
        200);
}

TEST_CASE("all equal points are one cluster; one too many minPts is an error") {
  SilentHost host;
  const Cloud cloud{std::vector<double>(10, 0.25), 10, 1, 1, 2};
  const auto found = hdbscan(cloud.points(), 3, 1, host);
  CHECK(found.labels == std::vector<int32_t>(10, 1));
  CHECK(found.membership == std::vector<double>(10, 1.0));
  CHECK(found.outlier == std::vector<double>(10, 0.0));
  CHECK_THROWS_AS(hdbscan(cloud.points(), 11, 1, host), Error);
  CHECK_THROWS_AS(hdbscan(cloud.points(), 1, 1, host), Error);
}
