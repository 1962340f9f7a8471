// See path.h. Test: tests/cpp/test_latent_path.cpp.
#include "latent/exact.h"
//
#include <bit>
#include <cmath>
#include <limits>

#include "error.h"
#include "latent/dims.h"
#include "latent/knn.h"
#include "latent/parallel.h"
#include "latent/path.h"
#include "latent/reachability.h"
#include "latent/sorted.h"

namespace sketchvae {
namespace {

std::vector<double> sorted_roots(std::vector<double> squares, Host& host) {
  Poll poll(host);
  sort_in_parts(squares, poll);
  for (size_t i = 0; i < squares.size(); ++i) {
    if (i % 65536 == 0) poll.check();
    squares[i] = smallest_root(squares[i]);
  }
  return squares;
}

}  // namespace

double smallest_root(double square) {
  if (square <= 0 || std::isinf(square)) return square;
  // Doubles above 0 are ordered as their bits are; the root is within a factor of 2 of sqrt().
  const double guess = std::sqrt(square);
  const auto enough = [&](uint64_t bits) {
    const double root = std::bit_cast<double>(bits);
    return root * root >= square;
  };
  auto high = std::bit_cast<uint64_t>(guess);
  // Nearly always it is sqrt() itself or a neighbour; squares that underflow need the bisection.
  uint64_t low = high - 2;
  high += 2;
  if (!enough(high) || enough(low)) {
    low = std::bit_cast<uint64_t>(guess / 2);
    high = std::bit_cast<uint64_t>(std::min(guess, std::numeric_limits<double>::max() / 2) * 2);
  }
  while (high - low > 1) {
    const uint64_t middle = low + (high - low) / 2;
    (enough(middle) ? high : low) = middle;
  }
  return std::bit_cast<double>(high);
}

DbscanPath dbscan_path(const Points& points, int64_t min_pts, int threads, Host& host) {
  check_points(points);
  if (min_pts < 1) throw Error("`minPts` must be 1 or more.");
  DbscanPath path;
  if (points.n < min_pts) {
    path.core.assign(points.n, std::numeric_limits<double>::infinity());
    path.joins = path.core;
    return path;
  }
  threads = resolve_threads(threads);
  with_dims(points.d, [&](auto dims) {
    const auto tree = build_tree<dims>(points, threads, host);
    const auto core2 = kth_distances2(tree, min_pts, threads, /*show=*/false, host);
    std::vector<double> heights2;
    for (const auto& edge : reachability_tree(tree, core2, threads, host)) {
      heights2.push_back(edge.height2);
    }
    path.joins = sorted_roots(joining_distances2(tree, core2, threads, host), host);
    path.core = sorted_roots(core2, host);
    path.tree = sorted_roots(std::move(heights2), host);
  });
  return path;
}

}  // namespace sketchvae
