// The pen and the simulated sheep.
#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "data/simulate_sheep.h"
#include "error.h"

using namespace sketchvae;

namespace {

std::vector<uint8_t> drawn(const std::vector<Stroke>& strokes) {
  std::vector<uint8_t> out(kPixels, 77);
  render_strokes(strokes, out.data());
  return out;
}

}  // namespace

TEST_CASE("a level line has the width, the length and the place that Quick, Draw! gives it") {
  const auto out = drawn({{{10, 3}, {20, 3}}});
  // 255 units of 28/304 pixels between the ends; the pen is 1.47 pixels wide.
  double ink = 0;
  for (const uint8_t v : out) ink += v / 255.0;
  const double length = 255 * 28 / 304.0, width = 16 * 28 / 304.0;
  CHECK(ink == doctest::Approx(length * width + width * width * 0.785).epsilon(0.03));
  for (int64_t row = 0; row < kSide; ++row) {
    const bool inked =
        std::any_of(&out[row * kSide], &out[row * kSide] + kSide, [](uint8_t v) { return v > 0; });
    CHECK(inked == (row >= 13 && row <= 14));  // centred on the line between rows 13 and 14
  }
  CHECK(out[13 * kSide + 14] == out[14 * kSide + 14]);
}

TEST_CASE("proportions are kept, y grows downwards and x to the right") {
  const auto out = drawn({{{0, 0}, {100, 0}, {100, 50}}});
  const auto at = [&](int64_t row, int64_t col) { return out[row * kSide + col]; };
  CHECK(at(8, 5) > 200);    // the line along the top
  CHECK(at(15, 25) > 200);  // then down on the right
  CHECK(at(19, 5) == 0);
}

TEST_CASE("a dot, and nothing at all, are drawings too") {
  const auto dot = drawn({{{5, 5}}});
  CHECK(std::count_if(dot.begin(), dot.end(), [](uint8_t v) { return v > 0; }) == 4);
  const auto paper = drawn({});
  CHECK(std::count(paper.begin(), paper.end(), 0) == kPixels);
}

TEST_CASE("a drawing depends on the seed and its number alone") {
  SilentHost host;
  const auto sheep = [&](int64_t n, uint64_t seed) {
    std::vector<uint8_t> out(static_cast<size_t>(n * kPixels));
    std::vector<SheepKind> kinds(static_cast<size_t>(n));
    simulate_sheep(n, 0, seed, out.data(), kinds.data(), host);
    return out;
  };
  const auto few = sheep(3, 9), many = sheep(300, 9);
  CHECK(std::equal(few.begin(), few.end(), many.begin()));
  CHECK(few != sheep(3, 10));
}

TEST_CASE("as many cars as asked for, in places that change with the seed") {
  SilentHost host;
  std::vector<uint8_t> out(200 * kPixels);
  std::vector<SheepKind> kinds(200), others(200);
  for (const int64_t cars : {0, 1, 50, 200}) {
    simulate_sheep(200, cars, 4, out.data(), kinds.data(), host);
    CHECK(std::count(kinds.begin(), kinds.end(), SheepKind::kCar) == cars);
  }
  simulate_sheep(200, 50, 1, out.data(), kinds.data(), host);
  simulate_sheep(200, 50, 2, out.data(), others.data(), host);
  CHECK(kinds != others);
  CHECK_THROWS_AS(simulate_sheep(3, 4, 1, out.data(), kinds.data(), host), Error);
  CHECK_THROWS_AS(simulate_sheep(-1, 0, 1, out.data(), kinds.data(), host), Error);
}

TEST_CASE("the host may stop it") {
  class Stopping final : public Host {
   public:
    bool should_stop() override { return true; }
    void progress(int64_t, int64_t) override {}
  } host;
  std::vector<uint8_t> out(kPixels);
  SheepKind kind;
  CHECK_THROWS_AS(simulate_sheep(1, 0, 1, out.data(), &kind, host), Interrupted);
}
