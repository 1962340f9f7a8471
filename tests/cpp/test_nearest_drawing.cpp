// src/engine/quality/nearest_drawing: against a search of one pair after another.
#include "quality/nearest_drawing.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "error.h"

using namespace sketchvae;

TEST_CASE("the nearest drawing is that of a slow search, copies are at distance 0") {
  SilentHost host;
  std::mt19937 random(1);
  std::uniform_int_distribution<int> byte(0, 255);
  const int64_t pixels = 784, n = 70, m = 1100;
  std::vector<uint8_t> drawings(n * pixels), others(m * pixels);
  for (auto& value : drawings) value = static_cast<uint8_t>(byte(random));
  for (auto& value : others) value = static_cast<uint8_t>(byte(random));
  std::copy_n(others.begin() + 1050 * pixels, pixels, drawings.begin() + 5 * pixels);
  for (const int threads : {1, 3}) {
    const NearestDrawings found = nearest_drawings(drawings, others, pixels, threads, host);
    CHECK(found.row[5] == 1050);
    CHECK(found.distance[5] == 0);
    for (int64_t i = 0; i < n; ++i) {
      int64_t best = 0;
      double least = INFINITY;
      for (int64_t j = 0; j < m; ++j) {
        double sum = 0;
        for (int64_t p = 0; p < pixels; ++p) {
          sum += std::pow(drawings[i * pixels + p] - others[j * pixels + p], 2);
        }
        if (sum < least) {
          least = sum;
          best = j;
        }
      }
      const double distance = std::sqrt(least / pixels) / 255;
      // Two that are equally near but for float32's rounding may stand for each other.
      CHECK(found.distance[static_cast<size_t>(i)] == doctest::Approx(distance).epsilon(1e-4));
      if (found.distance[static_cast<size_t>(i)] == distance) {
        CHECK(found.row[static_cast<size_t>(i)] == best);
      }
    }
  }
  CHECK_THROWS_AS(nearest_drawings(drawings, {}, pixels, 1, host), Error);
}
