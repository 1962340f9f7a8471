// Images of any size into 28 x 28: place, size and line width are Quick, Draw!'s.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "data/fit_drawing.h"
#include "data/strokes.h"

using namespace sketchvae;

namespace {

// A sheet of paper with a line of a given width from (r0, c0) to (r1, c1).
std::vector<double> sheet(int64_t rows, int64_t cols, Point a, Point b, double width) {
  std::vector<double> ink(static_cast<size_t>(rows * cols));
  for (int64_t c = 0; c < cols; ++c) {
    for (int64_t r = 0; r < rows; ++r) {
      const double x = static_cast<double>(c) + 0.5 - a.x, y = static_cast<double>(r) + 0.5 - a.y;
      const double dx = b.x - a.x, dy = b.y - a.y;
      const double t = std::clamp((x * dx + y * dy) / (dx * dx + dy * dy), 0.0, 1.0);
      if (std::hypot(x - t * dx, y - t * dy) <= width / 2)
        ink[static_cast<size_t>(r + rows * c)] = 1;
    }
  }
  return ink;
}

double ink_of(const std::vector<uint8_t>& out) {
  double sum = 0;
  for (const uint8_t v : out) sum += v / 255.0;
  return sum;
}

}  // namespace

TEST_CASE("a line becomes the line that Quick, Draw! would have drawn") {
  std::vector<uint8_t> drawn(kPixels), fitted(kPixels);
  render_strokes({{{0, 0}, {100, 60}}}, drawn.data());
  for (const double width : {2.0, 5.0, 10.0, 20.0}) {
    const auto ink = sheet(600, 800, {300, 200}, {700, 440}, width);
    fit_drawing(ink.data(), 600, 800, fitted.data());
    double worst = 0;
    for (size_t p = 0; p < fitted.size(); ++p) {
      worst = std::max(worst, std::abs(fitted[p] - drawn[p]) / 255.0);
    }
    INFO("width " << width << ", worst " << worst);
    CHECK(worst < 0.3);
    CHECK(ink_of(fitted) == doctest::Approx(ink_of(drawn)).epsilon(0.12));
  }
}

TEST_CASE("grey paper and noise are paper; a sheet without contrast is an empty drawing") {
  auto ink = sheet(300, 300, {50, 60}, {250, 200}, 8);
  std::vector<uint8_t> clean(kPixels), noisy(kPixels);
  fit_drawing(ink.data(), 300, 300, clean.data());
  for (size_t i = 0; i < ink.size(); ++i) {
    ink[i] = 0.2 + 0.6 * ink[i] + 0.02 * static_cast<double>(i * 2654435761u % 97) / 97;
  }
  fit_drawing(ink.data(), 300, 300, noisy.data());
  double worst = 0;
  for (size_t p = 0; p < clean.size(); ++p) {
    worst = std::max(worst, std::abs(clean[p] - noisy[p]) / 255.0);
  }
  CHECK(worst < 0.05);
  const std::vector<double> paper(300 * 300, 0.4);
  fit_drawing(paper.data(), 300, 300, noisy.data());
  CHECK(ink_of(noisy) == 0);
}

TEST_CASE("28 x 28 is taken as it is, and no size is too odd") {
  std::vector<double> values(kPixels);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i % 256) / 255;
  std::vector<uint8_t> out(kPixels);
  fit_drawing(values.data(), kSide, kSide, out.data());
  for (int64_t r = 0; r < kSide; ++r) {
    for (int64_t c = 0; c < kSide; ++c) CHECK(out[r * kSide + c] == (r + kSide * c) % 256);
  }
  for (const int64_t rows : {1, 2, 3, 27, 29, 500}) {
    for (const int64_t cols : {1, 2, 28, 31}) {
      std::vector<double> ink(static_cast<size_t>(rows * cols), 0.0);
      ink[ink.size() / 2] = 1;
      fit_drawing(ink.data(), rows, cols, out.data());
      std::fill(ink.begin(), ink.end(), 1.0);
      fit_drawing(ink.data(), rows, cols, out.data());
    }
  }
}
