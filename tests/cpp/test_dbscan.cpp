// src/engine/latent/dbscan and search against a brute-force twin. The same labels against the
// dbscan package are checked in tests/testthat/test-latent_dbscan.R.
#include "latent/exact.h"
//
#include <doctest/doctest.h>

#include <algorithm>
#include <limits>

#include "error.h"
#include "latent/dbscan.h"
#include "latent/search.h"
#include "latent_points.h"

using namespace sketchvae;
using test::brute_dbscan;
using test::Cloud;
using test::make_cloud;

namespace {

DbscanResult run(const Cloud& cloud, int threads, Isa isa = Isa::kAuto,
                 const std::vector<double>& weights = {}) {
  DbscanOptions options;
  options.eps = cloud.eps;
  options.min_pts = cloud.min_pts;
  options.threads = threads;
  options.isa = isa;
  if (!weights.empty()) options.weights = weights.data();
  SilentHost host;
  return dbscan(cloud.points(), options, host);
}

// 20,000 points: enough for several threads, cliques, buckets and descents into large cliques.
Cloud large_cloud(int d, double eps, int min_pts) {
  std::mt19937_64 random(99);
  std::normal_distribution<double> normal;
  Cloud cloud;
  cloud.d = d;
  cloud.n = 20000;
  cloud.eps = eps;
  cloud.min_pts = min_pts;
  cloud.x.resize(cloud.n * d);
  for (int64_t i = 0; i < cloud.n; ++i) {
    for (int k = 0; k < d; ++k) {
      cloud.x[k * cloud.n + i] = i % 3 ? normal(random) : 0.05 * normal(random) + (i % 7);
    }
  }
  return cloud;
}

}  // namespace

TEST_CASE("labels equal the brute-force twin's on 500 sets, with 1, 2 and 7 threads") {
  for (int number = 0; number < 500; ++number) {
    CAPTURE(number);
    const Cloud cloud = make_cloud(number);
    const auto expected = brute_dbscan(cloud);
    for (const int threads : {1, 2, 7}) CHECK(run(cloud, threads).labels == expected);
  }
}

TEST_CASE("labels equal the twin's in five to eight dimensions") {
  for (int number = 0; number < 160; ++number) {
    CAPTURE(number);
    Cloud cloud = make_cloud(number, 8);
    if (cloud.d > 4 && cloud.eps < 1 && cloud.eps > 1e-6) cloud.eps *= 3;
    CHECK(run(cloud, 2).labels == brute_dbscan(cloud));
  }
}

TEST_CASE("labels equal the twin's in 9 to 40 dimensions, on every instruction set") {
  for (int number = 0; number < 216; ++number) {
    CAPTURE(number);
    // d counts up with the number, so steps of seven meet all kinds.
    Cloud cloud = make_cloud(8 + number % 32 + 40 * (number % 9), 40, number % 5 ? 300 : 2000);
    REQUIRE(cloud.d > 8);
    // Distances grow with the square root of d.
    if (cloud.eps < 1 && cloud.eps > 1e-6) cloud.eps *= std::sqrt(cloud.d);
    const auto expected = brute_dbscan(cloud);
    CHECK(run(cloud, 2, Isa::kBaseline).labels == expected);
    CHECK(run(cloud, 1, Isa::kAvx2).labels == expected);
    CHECK(run(cloud, 3).labels == expected);
  }
}

TEST_CASE("every instruction set gives the same labels") {
  for (int number = 0; number < 200; ++number) {
    CAPTURE(number);
    const Cloud cloud = make_cloud(number, 4, 900);
    const auto expected = run(cloud, 1, Isa::kBaseline).labels;
    CHECK(run(cloud, 1, Isa::kAvx2).labels == expected);
    CHECK(run(cloud, 1, Isa::kAvx512).labels == expected);
  }
}

TEST_CASE("20,000 points: threads don't change labels, and one thread equals the twin") {
  struct Case {
    int d;
    double eps;
    int min_pts;
  };
  for (const auto& c : {Case{2, 0.02, 5}, Case{2, 0.1, 60}, Case{2, 0.5, 300}, Case{3, 0.2, 20}}) {
    CAPTURE(c.eps);
    const Cloud cloud = large_cloud(c.d, c.eps, c.min_pts);
    const auto expected = brute_dbscan(cloud);
    for (const int threads : {1, 2, 7}) CHECK(run(cloud, threads).labels == expected);
  }
}

TEST_CASE("two dense lines a little more than eps apart stay two clusters") {
  Cloud cloud;
  cloud.d = 2;
  cloud.n = 40000;
  cloud.eps = 0.5;
  cloud.min_pts = 10;
  cloud.x.resize(2 * cloud.n);
  for (int64_t i = 0; i < cloud.n; ++i) {
    cloud.x[i] = static_cast<double>(i / 2) * 1e-4;
    cloud.x[cloud.n + i] = i % 2 ? 0.5000001 : 0.0;
  }
  CHECK(run(cloud, 2).counts.clusters == 2);
  cloud.eps = 0.5000001;
  CHECK(run(cloud, 2).counts.clusters == 1);
}

TEST_CASE("a pair at exactly eps is a pair, one at the next double is not") {
  const double eps = 0.1 * 3;
  for (const double far : {eps, std::nextafter(eps, 1.0)}) {
    Cloud cloud{{0.0, far}, 2, 1, eps, 2};
    CHECK(run(cloud, 1).labels == brute_dbscan(cloud));
  }
  // 3-4-5 triangles scaled by 0.1: the sum of squares rounds one way, a fused one another.
  for (int i = 1; i < 400; ++i) {
    Cloud cloud{{0.0, 0.03 * i, 0.0, 0.04 * i}, 2, 2, 0.05 * i, 2};
    CHECK(run(cloud, 1).labels == brute_dbscan(cloud));
  }
}

TEST_CASE("weights: whole numbers equal repeated points; zero weight can be a border or a core") {
  for (int number = 0; number < 120; ++number) {
    CAPTURE(number);
    const Cloud cloud = make_cloud(number);
    std::vector<double> weights(cloud.n);
    for (int64_t i = 0; i < cloud.n; ++i) weights[i] = static_cast<double>((i * 7 + number) % 4);
    CHECK(run(cloud, 2, Isa::kAuto, weights).labels == brute_dbscan(cloud, weights));
  }
}

TEST_CASE("counts agree with the labels, core flags with the definition") {
  const Cloud cloud = make_cloud(1, 4);
  const auto result = run(cloud, 1);
  const auto& labels = result.labels;
  CHECK(result.counts.noise == std::count(labels.begin(), labels.end(), 0));
  CHECK(result.counts.clusters == *std::max_element(labels.begin(), labels.end()));
  CHECK(result.counts.core == std::count(result.core.begin(), result.core.end(), 1));
  for (int64_t i = 0; i < cloud.n; ++i) {
    int64_t near = 0;
    for (int64_t j = 0; j < cloud.n; ++j) {
      near += test::distance2(cloud.points(), i, j) <= cloud.eps * cloud.eps;
    }
    CHECK(result.core[i] == (near >= cloud.min_pts));
  }
}

TEST_CASE("the search counts what dbscan labels") {
  SilentHost host;
  for (int number = 0; number < 60; ++number) {
    CAPTURE(number);
    const Cloud cloud = make_cloud(number);
    std::vector<DbscanPair> pairs;
    for (const double factor : {3.0, 0.2, 1.0, 0.5, 1e-6, 10.0, 1.0}) {
      pairs.push_back({cloud.eps * factor, 1.0 + static_cast<double>(pairs.size() * 3)});
    }
    for (const int threads : {1, 3}) {
      const auto counts = dbscan_search(cloud.points(), pairs, threads, host);
      for (size_t i = 0; i < pairs.size(); ++i) {
        Cloud one = cloud;
        one.eps = pairs[i].eps;
        one.min_pts = static_cast<int>(pairs[i].min_pts);
        const auto expected = run(one, 1).counts;
        CHECK(counts[i].clusters == expected.clusters);
        CHECK(counts[i].noise == expected.noise);
        CHECK(counts[i].core == expected.core);
        CHECK(counts[i].largest == expected.largest);
      }
    }
  }
}

TEST_CASE("predict: nearest clustered point within eps, smallest row on ties") {
  SilentHost host;
  for (int number = 0; number < 60; ++number) {
    CAPTURE(number);
    const Cloud cloud = make_cloud(number);
    const auto labels = run(cloud, 1).labels;
    Cloud fresh = make_cloud(number + 9 * cloud.d * 4);
    REQUIRE(fresh.d == cloud.d);
    const auto got = dbscan_predict(cloud.points(), labels, cloud.eps, fresh.points(), 2, host);
    for (int64_t i = 0; i < fresh.n; ++i) {
      double best = std::numeric_limits<double>::infinity();
      int32_t label = 0;
      for (int64_t j = 0; j < cloud.n; ++j) {
        double sum = 0;
        for (int k = 0; k < cloud.d; ++k) {
          const double step = cloud.x[k * cloud.n + j] - fresh.x[k * fresh.n + i];
          sum += step * step;
        }
        if (labels[j] && sum < best) {
          best = sum;
          label = sum <= cloud.eps * cloud.eps ? labels[j] : 0;
        }
      }
      CHECK(got[i] == label);
    }
  }
}

TEST_CASE("no points give no labels") {
  SilentHost host;
  CHECK(dbscan(Points{nullptr, 0, 2}, {1.0, 5}, host).labels.empty());
  CHECK(dbscan_search(Points{nullptr, 0, 2}, {{1.0, 5}}, 1, host)[0].clusters == 0);
}

TEST_CASE("numbers as small and as large as they may be neither crash nor disagree with the twin") {
  for (const double scale : {1e-308, 1e-160, 1e-20, 1e99}) {
    for (int number = 0; number < 18; ++number) {
      CAPTURE(scale);
      CAPTURE(number);
      Cloud cloud = make_cloud(number, 2, 120);
      for (double& value : cloud.x) value = std::clamp(value, -10.0, 10.0) * scale;
      cloud.eps = std::min(cloud.eps, 10.0) * scale;
      CHECK(run(cloud, 1).labels == brute_dbscan(cloud));
    }
  }
}

TEST_CASE("what cannot be clustered is an error") {
  SilentHost host;
  std::vector<double> x{0, 1, std::numeric_limits<double>::quiet_NaN(), 3};
  CHECK_THROWS_AS(dbscan(Points{x.data(), 2, 2}, {1.0, 5}, host), Error);
  x[2] = std::numeric_limits<double>::infinity();
  CHECK_THROWS_AS(dbscan(Points{x.data(), 2, 2}, {1.0, 5}, host), Error);
  x[2] = 0;
  CHECK_THROWS_AS(dbscan(Points{x.data(), 2, 2}, {-1.0, 5}, host), Error);
  CHECK_THROWS_AS(dbscan(Points{x.data(), 1, 0}, {1.0, 5}, host), Error);
  x[3] = -1.5e100;
  CHECK_THROWS_WITH_AS(dbscan(Points{x.data(), 2, 2}, {1.0, 5}, host),
                       "The coordinates of the points must be numbers between -1e100 and 1e100, "
                       "not -1.5e+100 (row 2, column 2).",
                       Error);
  x[3] = 3;
  const std::vector<double> negative{1, -1};
  DbscanOptions options{1.0, 5, negative.data()};
  CHECK_THROWS_AS(dbscan(Points{x.data(), 2, 2}, options, host), Error);
}

namespace {
class Stopping final : public Host {
 public:
  bool should_stop() override { return true; }
  void progress(int64_t, int64_t) override {}
};
}  // namespace

TEST_CASE("a host that wants to stop ends the search with Interrupted") {
  Stopping host;
  const Cloud cloud = large_cloud(2, 0.1, 60);
  const std::vector<DbscanPair> pairs(50, DbscanPair{0.05, 20});
  CHECK_THROWS_AS(dbscan_search(cloud.points(), pairs, 2, host), Interrupted);
}
