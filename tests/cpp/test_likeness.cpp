// src/engine/quality/: measures against their definitions, spelt out slowly.
#include "quality/likeness.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "error.h"
#include "quality/moments.h"

using namespace sketchvae;

namespace {

struct Cloud {
  std::vector<double> x;
  int64_t n;
  int d;
  Points points() const { return {x.data(), n, d}; }
  double at(int64_t i, int k) const { return x[static_cast<size_t>(k * n + i)]; }
};

Cloud cloud(int64_t n, int d, uint64_t seed, double shift = 0, double scale = 1) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  Cloud made{std::vector<double>(static_cast<size_t>(n * d)), n, d};
  for (double& value : made.x) value = shift + scale * normal(random);
  return made;
}

double squared(const Cloud& a, int64_t i, const Cloud& b, int64_t j) {
  double sum = 0;
  for (int k = 0; k < a.d; ++k) sum += std::pow(a.at(i, k) - b.at(j, k), 2);
  return sum;
}

double kernel(const Cloud& a, int64_t i, const Cloud& b, int64_t j) {
  double sum = 0;
  for (int k = 0; k < a.d; ++k) sum += a.at(i, k) * b.at(j, k);
  return std::pow(sum / a.d + 1, 3);
}

double radius(const Cloud& a, int64_t i, int64_t k) {
  std::vector<double> all;
  for (int64_t j = 0; j < a.n; ++j) {
    if (j != i) all.push_back(squared(a, i, a, j));
  }
  std::sort(all.begin(), all.end());
  return all[static_cast<size_t>(k - 1)];
}

double mean_kernel(const Cloud& a) {
  double sum = 0;
  for (int64_t i = 0; i < a.n; ++i) {
    for (int64_t j = 0; j < a.n; ++j) sum += i == j ? 0 : kernel(a, i, a, j);
  }
  return sum / static_cast<double>(a.n * (a.n - 1));
}

// Share of a's points that lie in the ball of one of b's, and of b's that have one of a's in theirs.
std::pair<double, double> shares(const Cloud& a, const Cloud& b, int64_t k) {
  int64_t inside = 0;
  std::vector<bool> covered(static_cast<size_t>(b.n));
  for (int64_t i = 0; i < a.n; ++i) {
    bool any = false;
    for (int64_t j = 0; j < b.n; ++j) {
      if (squared(a, i, b, j) > radius(b, j, k)) continue;
      any = true;
      covered[static_cast<size_t>(j)] = true;
    }
    inside += any;
  }
  return {static_cast<double>(inside) / static_cast<double>(a.n),
          static_cast<double>(std::count(covered.begin(), covered.end(), true)) /
              static_cast<double>(b.n)};
}

}  // namespace

TEST_CASE("measures are those of their definitions, at any number of threads") {
  SilentHost host;
  const Cloud fresh = cloud(140, 5, 1, 0.4, 0.8), real = cloud(131, 5, 2);
  for (const int64_t k : {1, 3}) {
    const Likeness found = compare_points(fresh.points(), real.points(), k, 1, host);
    const auto [precision, coverage] = shares(fresh, real, k);
    CHECK(found.precision == precision);
    CHECK(found.coverage == coverage);
    CHECK(found.recall == shares(real, fresh, k).first);
    double between = 0;
    for (int64_t i = 0; i < fresh.n; ++i) {
      for (int64_t j = 0; j < real.n; ++j) between += kernel(fresh, i, real, j);
    }
    const double expected = mean_kernel(fresh) + mean_kernel(real) -
                            2 * between / static_cast<double>(fresh.n * real.n);
    CHECK(found.kernel == doctest::Approx(expected).epsilon(1e-9));
    const Likeness again = compare_points(fresh.points(), real.points(), k, 3, host);
    CHECK(again.kernel == found.kernel);
    CHECK(again.frechet == found.frechet);
    CHECK(again.recall == found.recall);
  }
}

TEST_CASE("the Frechet distance of known normals") {
  Moments a{Eigen::Vector2d(0, 0), Eigen::Matrix2d::Identity()};
  Moments b{Eigen::Vector2d(3, 4), Eigen::Vector2d(4, 9).asDiagonal().toDenseMatrix()};
  // 25 + (1 - 2)^2 + (1 - 3)^2
  CHECK(frechet_distance(a, b) == doctest::Approx(30).epsilon(1e-12));
  CHECK(frechet_distance(b, a) == doctest::Approx(30).epsilon(1e-12));
  CHECK(frechet_distance(b, b) == doctest::Approx(0).scale(1));
  // A singular covariance, and one that does not commute with the other.
  Eigen::Matrix2d line;
  line << 1, 1, 1, 1;
  Moments c{Eigen::Vector2d(0, 0), line};
  // tr(C + B) - 2 tr (C^1/2 B C^1/2)^1/2; C^1/2 = C / sqrt(2), so that the product is C * 13 / 2.
  CHECK(frechet_distance(c, {c.mean, b.covariance}) ==
        doctest::Approx(2 + 13 - 2 * std::sqrt(13.0)).epsilon(1e-12));
}

TEST_CASE("one set beside itself, too few points, and what is not finite") {
  SilentHost host;
  Cloud a = cloud(60, 3, 3);
  const Likeness same = compare_points(a.points(), a.points(), 3, 2, host);
  CHECK(same.precision == 1);
  CHECK(same.recall == 1);
  CHECK(same.coverage == 1);
  CHECK(same.frechet < 1e-9);
  const Cloud few = cloud(3, 3, 4);
  CHECK_THROWS_AS(compare_points(few.points(), a.points(), 3, 1, host), Error);
  CHECK_THROWS_AS(compare_points(a.points(), few.points(), 3, 1, host), Error);
  CHECK_THROWS_AS(compare_points(a.points(), cloud(60, 2, 3).points(), 3, 1, host), Error);
  a.x[7] = NAN;
  CHECK_THROWS_AS(compare_points(a.points(), cloud(60, 3, 5).points(), 3, 1, host), Error);
}
