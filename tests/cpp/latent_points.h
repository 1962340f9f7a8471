// Point sets that try DBSCAN's edges, and brute-force twins written straight from the definitions.
// Shared by the tests of src/engine/latent/.
#pragma once

#include "latent/exact.h"
//
#include <cmath>
#include <random>
#include <vector>

namespace sketchvae::test {

struct Cloud {
  std::vector<double> x;  // column after column
  int64_t n = 0;
  int d = 2;
  double eps = 1;
  int min_pts = 3;
  Points points() const { return {x.data(), n, d}; }
};

// Squared distance of rows i and j, in dimension order.
inline double distance2(const Points& p, int64_t i, int64_t j) {
  double sum = 0;
  for (int k = 0; k < p.d; ++k) {
    const double step = p.x[k * p.n + i] - p.x[k * p.n + j];
    sum += step * step;
  }
  return sum;
}

// The `number`-th set: uniform, blobs, lattices whose points lie exactly eps apart, duplicates,
// collinear, one point, all equal, far outliers, and eps from tiny to huge.
inline Cloud make_cloud(int number, int max_d = 4, int64_t max_n = 400) {
  std::mt19937_64 random(static_cast<uint64_t>(number) + 1);
  const auto uniform = [&](double lo, double hi) {
    return std::uniform_real_distribution<double>(lo, hi)(random);
  };
  const auto whole = [&](int64_t lo, int64_t hi) {
    return std::uniform_int_distribution<int64_t>(lo, hi)(random);
  };
  Cloud cloud;
  cloud.d = 1 + number % max_d;
  const int kind = (number / max_d) % 9;
  cloud.n = kind == 5 ? 1 : whole(2, max_n);
  cloud.x.resize(cloud.n * cloud.d);
  cloud.min_pts = static_cast<int>(whole(1, number % 3 == 0 ? 40 : 8));
  cloud.eps = uniform(0.01, 0.5);
  std::normal_distribution<double> normal;
  std::vector<double> centres(8 * cloud.d);
  for (double& centre : centres) centre = uniform(-2, 2);
  const double step = 0.1;
  for (int64_t i = 0; i < cloud.n; ++i) {
    const int64_t blob = whole(0, 7);
    for (int k = 0; k < cloud.d; ++k) {
      double& value = cloud.x[k * cloud.n + i];
      switch (kind) {
        case 0:
          value = uniform(0, 1);
          break;
        case 1:
          value = centres[blob * cloud.d + k] + 0.1 * normal(random);
          break;
        case 2:
          value = static_cast<double>(whole(0, 6)) * step;
          break;
        case 3:
          value = i > 0 && whole(0, 3) > 0 ? cloud.x[k * cloud.n + i - 1] : normal(random);
          break;
        case 4:
          value = k == 0 ? uniform(0, 3) : cloud.x[i] * (k + 1);
          break;
        case 6:
          value = 0.25;
          break;
        case 7:
          value = normal(random) * (whole(0, 30) == 0 ? 1e6 : 0.2);
          break;
        default:
          value = static_cast<double>(whole(-3, 3));
          break;
      }
    }
  }
  if (kind == 2) cloud.eps = step * static_cast<double>(whole(1, 3));
  if (kind == 8) cloud.eps = std::sqrt(static_cast<double>(whole(1, 8)));
  if (number % 23 == 7) cloud.eps = 1e-9;
  if (number % 23 == 11) cloud.eps = 1e6;
  if (number % 23 == 13) cloud.eps = 0;
  return cloud;
}

// DBSCAN as its definition reads: O(n^2), one loop after another.
inline std::vector<int32_t> brute_dbscan(const Cloud& cloud,
                                         const std::vector<double>& weights = {}) {
  const Points p = cloud.points();
  const double eps2 = cloud.eps * cloud.eps;
  std::vector<char> core(p.n);
  for (int64_t i = 0; i < p.n; ++i) {
    double found = 0;
    for (int64_t j = 0; j < p.n; ++j) {
      if (distance2(p, i, j) <= eps2) found += weights.empty() ? 1 : weights[j];
    }
    core[i] = found >= cloud.min_pts;
  }
  std::vector<int32_t> label(p.n);
  int32_t clusters = 0;
  for (int64_t i = 0; i < p.n; ++i) {
    if (!core[i] || label[i]) continue;
    label[i] = ++clusters;
    std::vector<int64_t> stack{i};
    while (!stack.empty()) {
      const int64_t from = stack.back();
      stack.pop_back();
      for (int64_t j = 0; j < p.n; ++j) {
        if (label[j] || distance2(p, from, j) > eps2) continue;
        label[j] = clusters;
        if (core[j]) stack.push_back(j);
      }
    }
  }
  return label;
}

}  // namespace sketchvae::test
