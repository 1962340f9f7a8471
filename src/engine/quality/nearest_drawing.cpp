#include "quality/nearest_drawing.h"

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <limits>

#include "error.h"
#include "latent/parallel.h"

namespace sketchvae {
namespace {

using Bytes = Eigen::Map<const Eigen::Matrix<uint8_t, Eigen::Dynamic, Eigen::Dynamic>>;

constexpr int64_t kDrawings = 64, kOthers = 512;  // of one product

int64_t squared_difference(const uint8_t* one, const uint8_t* other, int64_t pixels) {
  int64_t sum = 0;
  for (int64_t p = 0; p < pixels; ++p) {
    const int64_t difference = int64_t{one[p]} - other[p];
    sum += difference * difference;
  }
  return sum;
}

}  // namespace

NearestDrawings nearest_drawings(std::span<const uint8_t> drawings, std::span<const uint8_t> others,
                                 int64_t pixels, int threads, Host& host) {
  const int64_t n = static_cast<int64_t>(drawings.size()) / pixels,
                m = static_cast<int64_t>(others.size()) / pixels;
  if (m < 1) throw Error("there are no other drawings to compare with");
  const Bytes all(others.data(), pixels, m);  // a column for each
  NearestDrawings found;
  found.row.resize(static_cast<size_t>(n));
  found.distance.resize(static_cast<size_t>(n));
  parallel_tasks(resolve_threads(threads), (n + kDrawings - 1) / kDrawings, host, true,
                 [&](int64_t task, int, const StopFlag& stop) {
    const int64_t first = task * kDrawings, rows = std::min(kDrawings, n - first);
    const Eigen::MatrixXf mine =
        Bytes(drawings.data() + first * pixels, pixels, rows).cast<float>();
    std::vector<float> best(static_cast<size_t>(rows), std::numeric_limits<float>::infinity());
    Eigen::MatrixXf theirs, products;
    for (int64_t from = 0; from < m; from += kOthers) {
      if (stop) return;
      const int64_t count = std::min(kOthers, m - from);
      theirs = all.middleCols(from, count).cast<float>();
      const Eigen::VectorXf norms = theirs.colwise().squaredNorm();
      products.noalias() = theirs.transpose() * mine;
      for (int64_t i = 0; i < rows; ++i) {
        for (int64_t j = 0; j < count; ++j) {
          const float distance = norms[j] - 2 * products(j, i);
          if (distance < best[static_cast<size_t>(i)]) {
            best[static_cast<size_t>(i)] = distance;
            found.row[static_cast<size_t>(first + i)] = from + j;
          }
        }
      }
    }
    // Sums of bytes in float32 round; the distance that is told does not.
    for (int64_t i = 0; i < rows; ++i) {
      const auto at = static_cast<size_t>(first + i);
      const int64_t sum = squared_difference(drawings.data() + (first + i) * pixels,
                                             others.data() + found.row[at] * pixels, pixels);
      found.distance[at] = std::sqrt(static_cast<double>(sum) / static_cast<double>(pixels)) / 255;
    }
  });
  return found;
}

}  // namespace sketchvae
