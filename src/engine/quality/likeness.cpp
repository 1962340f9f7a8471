#include "quality/likeness.h"

#include <Eigen/Core>

#include <algorithm>
#include <string>
#include <vector>

#include "error.h"
#include "latent/parallel.h"
#include "quality/moments.h"

namespace sketchvae {
namespace {

using Matrix = Eigen::MatrixXd;
using Set = Eigen::Map<const Matrix>;

constexpr int64_t kRows = 128;  // rows of one task: their products with all others fill the cache

double cubed(double x) { return x * x * x; }

int64_t tasks_of(const Set& points) { return (points.rows() + kRows - 1) / kRows; }

// Products of some rows of `a` with all of `b`, and the squared distances that follow from them.
struct Block {
  int64_t first = 0, rows = 0;
  Matrix products;

  void fill(const Set& a, const Set& b, int64_t task) {
    first = task * kRows;
    rows = std::min(kRows, a.rows() - first);
    products.noalias() = b * a.middleRows(first, rows).transpose();  // a column for each row of a
  }
};

// What a set knows of itself: its points' radii, squared, and the sum of its kernel without the
// points' own.
struct Inner {
  std::vector<double> radius;
  double kernel = 0;
};

Inner inner(const Set& points, const Eigen::VectorXd& norms, int64_t k, int threads, Host& host) {
  Inner found;
  found.radius.resize(static_cast<size_t>(points.rows()));
  std::vector<double> sums(static_cast<size_t>(tasks_of(points)));
  const auto d = static_cast<double>(points.cols());
  parallel_tasks(threads, tasks_of(points), host, false,
                 [&](int64_t task, int, const StopFlag& stop) {
    if (stop) return;
    Block block;
    block.fill(points, points, task);
    std::vector<double> distances;
    double sum = 0;
    for (int64_t i = 0; i < block.rows; ++i) {
      const int64_t row = block.first + i;
      distances.clear();
      for (int64_t j = 0; j < points.rows(); ++j) {
        if (j == row) continue;
        const double product = block.products(j, i);
        sum += cubed(product / d + 1);
        distances.push_back(std::max(0.0, norms[row] + norms[j] - 2 * product));
      }
      const auto kth = distances.begin() + (k - 1);
      std::nth_element(distances.begin(), kth, distances.end());
      found.radius[static_cast<size_t>(row)] = *kth;
    }
    sums[static_cast<size_t>(task)] = sum;
  });
  for (const double sum : sums) found.kernel += sum;
  return found;
}

double share(const std::vector<char>& yes) {
  return static_cast<double>(std::count(yes.begin(), yes.end(), char{1})) /
         static_cast<double>(yes.size());
}

void check(const Set& points, int64_t k, const char* name) {
  if (points.rows() <= std::max<int64_t>(k, 1)) {
    throw Error(std::string(name) + " has " + std::to_string(points.rows()) +
                " points; more than " + std::to_string(std::max<int64_t>(k, 1)) + " are needed");
  }
  if (!points.allFinite()) throw Error(std::string(name) + " has values that are not finite");
}

}  // namespace

Likeness compare_points(const Points& fresh_points, const Points& real_points, int64_t k,
                        int threads, Host& host) {
  const Set fresh(fresh_points.x, fresh_points.n, fresh_points.d);
  const Set real(real_points.x, real_points.n, real_points.d);
  if (fresh.cols() != real.cols()) throw Error("the two sets have different dimensions");
  if (k < 1) throw Error("k must be 1 or more");
  check(fresh, k, "the new set");
  check(real, k, "the real set");
  threads = resolve_threads(threads);
  const auto n = static_cast<double>(fresh.rows()), m = static_cast<double>(real.rows());
  const auto d = static_cast<double>(fresh.cols());
  const Eigen::VectorXd fresh_norms = fresh.rowwise().squaredNorm(),
                        real_norms = real.rowwise().squaredNorm();
  const Inner of_fresh = inner(fresh, fresh_norms, k, threads, host),
              of_real = inner(real, real_norms, k, threads, host);

  std::vector<char> precise(static_cast<size_t>(fresh.rows()));
  std::vector<char> recalled(static_cast<size_t>(real.rows())), covered(recalled.size());
  std::vector<double> sums(static_cast<size_t>(tasks_of(real)));
  std::vector<std::vector<char>> precise_of(sums.size());
  parallel_tasks(threads, tasks_of(real), host, false,
                 [&](int64_t task, int, const StopFlag& stop) {
    if (stop) return;
    Block block;
    block.fill(real, fresh, task);
    std::vector<char> within(precise.size());
    double sum = 0;
    for (int64_t i = 0; i < block.rows; ++i) {
      const auto row = static_cast<size_t>(block.first + i);
      for (int64_t j = 0; j < fresh.rows(); ++j) {
        const double product = block.products(j, i);
        sum += cubed(product / d + 1);
        const double distance =
            std::max(0.0, real_norms[block.first + i] + fresh_norms[j] - 2 * product);
        if (distance <= of_real.radius[row]) within[static_cast<size_t>(j)] = covered[row] = 1;
        if (distance <= of_fresh.radius[static_cast<size_t>(j)]) recalled[row] = 1;
      }
    }
    sums[static_cast<size_t>(task)] = sum;
    precise_of[static_cast<size_t>(task)] = std::move(within);
  });
  double between = 0;
  for (const double sum : sums) between += sum;
  for (const auto& within : precise_of) {
    for (size_t j = 0; j < within.size(); ++j) precise[j] |= within[j];
  }
  return {frechet_distance(moments_of(fresh), moments_of(real)),
          of_fresh.kernel / (n * (n - 1)) + of_real.kernel / (m * (m - 1)) - 2 * between / (n * m),
          share(precise), share(recalled), share(covered)};
}

}  // namespace sketchvae
