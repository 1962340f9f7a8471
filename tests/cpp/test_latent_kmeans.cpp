// src/engine/latent/kmeans: what a k-means fit must be, whatever its random start.
#include "latent/exact.h"
//
#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>

#include "error.h"
#include "latent/kmeans.h"
#include "latent_points.h"

using namespace sketchvae;
using test::make_cloud;

TEST_CASE("points belong to the nearest centre, centres are means, sums add up") {
  SilentHost host;
  int fits = 0;
  for (int number = 0; number < 144; ++number) {
    CAPTURE(number);
    const auto cloud = make_cloud(number, 12);
    KmeansOptions options;
    options.k = 1 + number % 5;
    options.restarts = 2;
    options.threads = 2;
    KmeansResult fit;
    try {
      fit = kmeans(cloud.points(), options, host);
    } catch (const Error&) {
      continue;  // fewer different points than k; its own test is below
    }
    ++fits;
    const int64_t k = options.k;
    std::vector<double> mean(k * cloud.d), withinss(k);
    std::vector<int64_t> sizes(k);
    for (int64_t i = 0; i < cloud.n; ++i) {
      const int64_t own = fit.cluster[i] - 1;
      const auto to = [&](int64_t c) {
        double sum = 0;
        for (int j = 0; j < cloud.d; ++j) {
          const double step = cloud.x[j * cloud.n + i] - fit.centres[j * k + c];
          sum += step * step;
        }
        return sum;
      };
      for (int64_t c = 0; c < k; ++c) CHECK(to(own) <= to(c));
      ++sizes[own];
      withinss[own] += to(own);
      for (int j = 0; j < cloud.d; ++j) mean[j * k + own] += cloud.x[j * cloud.n + i];
    }
    CHECK(fit.sizes == sizes);
    CHECK(std::is_sorted(sizes.rbegin(), sizes.rend()));
    for (int64_t c = 0; c < k; ++c) {
      CHECK(fit.withinss[c] == doctest::Approx(withinss[c]));
      for (int j = 0; j < cloud.d && sizes[c] > 0; ++j) {
        const double scale = 1e6;  // the largest coordinate of the sets
        CHECK(std::abs(mean[j * k + c] / static_cast<double>(sizes[c]) - fit.centres[j * k + c]) <
              1e-9 * scale);
      }
    }
    // The elbow's way to the same number goes through the moments of boxes.
    const double total = std::accumulate(withinss.begin(), withinss.end(), 0.0);
    CHECK(kmeans_elbow(cloud.points(), {k}, options, host)[0] ==
          doctest::Approx(total).epsilon(1e-6));
  }
  CHECK(fits > 100);
}

TEST_CASE("three far blobs are found, and threads do not change the fit") {
  std::mt19937_64 random(4);
  std::normal_distribution<double> normal;
  test::Cloud cloud;
  cloud.d = 2;
  cloud.n = 9000;
  cloud.x.resize(2 * cloud.n);
  for (int64_t i = 0; i < cloud.n; ++i) {
    cloud.x[i] = normal(random) + 20.0 * static_cast<double>(i % 3);
    cloud.x[cloud.n + i] = normal(random);
  }
  SilentHost host;
  KmeansOptions options;
  options.k = 3;
  options.threads = 1;
  const auto one = kmeans(cloud.points(), options, host);
  CHECK(one.sizes == std::vector<int64_t>{3000, 3000, 3000});
  options.threads = 7;
  const auto seven = kmeans(cloud.points(), options, host);
  CHECK(seven.cluster == one.cluster);
  CHECK(seven.centres == one.centres);
  options.seed = 1;
  options.k = 50;
  const auto elbow = kmeans_elbow(cloud.points(), {1, 2, 3, 10, 50}, options, host);
  CHECK(std::is_sorted(elbow.rbegin(), elbow.rend()));
}

TEST_CASE("more centres than different points are an error") {
  SilentHost host;
  test::Cloud cloud{{1, 1, 1, 2, 2}, 5, 1, 1, 1};
  KmeansOptions options;
  options.k = 2;
  CHECK(kmeans(cloud.points(), options, host).sizes == std::vector<int64_t>{3, 2});
  options.k = 3;
  CHECK_THROWS_AS(kmeans(cloud.points(), options, host), Error);
  options.k = 6;
  CHECK_THROWS_AS(kmeans(cloud.points(), options, host), Error);
}
