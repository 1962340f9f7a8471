// src/engine/random/philox.h, src/engine/random/draws.h
#include "random/philox.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>
#include <vector>

#include "data/json.h"
#include "random/draws.h"

using namespace sketchvae;

TEST_CASE("Philox4x32-10 gives Random123's known answers") {
  using Four = std::array<uint32_t, 4>;
  CHECK(philox({0, 0, 0, 0}, {0, 0}) == Four{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  constexpr uint32_t kAll = 0xffffffff;
  CHECK(philox({kAll, kAll, kAll, kAll}, {kAll, kAll}) ==
        Four{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  // Digits of pi.
  CHECK(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        Four{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("numbers of a place are the same whatever is asked around them") {
  const RandomPlace place{7, 2, 3, Stream::noise, 1};
  std::vector<float> all(1001), few(10);
  for (const auto fill : {fill_normal, fill_uniform}) {
    fill(place, all.data(), 1001);
    for (const int64_t n : {0, 1, 2, 3, 4, 5, 10}) {
      fill(place, few.data(), n);
      CHECK(std::equal(few.begin(), few.begin() + n, all.begin()));
    }
  }
}

TEST_CASE("every coordinate of a place changes its numbers") {
  std::set<float> seen;
  const auto first = [&seen](RandomPlace place) {
    float x = 0;
    fill_uniform(place, &x, 1);
    seen.insert(x);
  };
  first({1, 1, 1, Stream::noise, 0});
  first({2, 1, 1, Stream::noise, 0});
  first({uint64_t{1} << 40, 1, 1, Stream::noise, 0});
  first({1, 2, 1, Stream::noise, 0});
  first({1, 1, 2, Stream::noise, 0});
  first({1, 1, 1, Stream::mask, 0});
  first({1, 1, 1, Stream::noise, 1});
  CHECK(seen.size() == 7);
}

TEST_CASE("uniforms, normals and masks have their moments") {
  constexpr int64_t n = 100000;
  std::vector<float> x(n);
  const auto moments = [&x] {
    double mean = 0, square = 0;
    for (const float v : x) mean += v;
    mean /= n;
    for (const float v : x) square += (v - mean) * (v - mean);
    return std::pair{mean, square / n};
  };
  // Five standard errors.
  fill_uniform({1, 0, 0, Stream::init, 0}, x.data(), n);
  CHECK(*std::min_element(x.begin(), x.end()) >= 0);
  CHECK(*std::max_element(x.begin(), x.end()) < 1);
  auto [mean, variance] = moments();
  CHECK(std::abs(mean - 0.5) < 5 * std::sqrt(1.0 / 12 / n));
  CHECK(variance == doctest::Approx(1.0 / 12).epsilon(0.02));
  fill_normal({1, 0, 0, Stream::noise, 0}, x.data(), n);
  std::tie(mean, variance) = moments();
  CHECK(std::abs(mean) < 5 / std::sqrt(n));
  CHECK(variance == doctest::Approx(1).epsilon(0.03));
  CHECK(std::all_of(x.begin(), x.end(), [](float v) { return std::isfinite(v); }));
  fill_mask({1, 0, 0, Stream::mask, 0}, 0.1, x.data(), n);
  CHECK(std::count(x.begin(), x.end(), 0.0f) + std::count(x.begin(), x.end(), 1.0f) == n);
  std::tie(mean, variance) = moments();
  CHECK(std::abs(mean - 0.9) < 5 * std::sqrt(0.09 / n));
}

TEST_CASE("a permutation holds every index once, and each comes first equally often") {
  for (const int64_t n : {0, 1, 2, 1000}) {
    auto order = permutation({1, 1, 0, Stream::order, 0}, n);
    std::sort(order.begin(), order.end());
    for (int64_t i = 0; i < n; ++i) CHECK(order[static_cast<size_t>(i)] == i);
  }
  int first[4] = {};
  for (uint32_t epoch = 0; epoch < 4000; ++epoch) {
    ++first[permutation({1, epoch, 0, Stream::order, 0}, 4)[0]];
  }
  for (const int count : first) CHECK(std::abs(count - 1000) < 5 * std::sqrt(4000 * 3.0 / 16));
}

TEST_CASE("a step's draws are noise and every mask of the model") {
  ModelPlan plan;
  plan.model.latent_dim = 2;
  plan.masks = {{4, 0.5}, {5, 0.1}};
  Draws a, b;
  draw_step(plan, {1, 1, 1, Stream::init, 0}, 3, a);
  CHECK(a.noise.size() == 6);
  REQUIRE(a.masks.size() == 2);
  CHECK(a.masks[0].size() == 12);
  CHECK(a.masks[1].size() == 15);
  draw_step(plan, {1, 1, 2, Stream::init, 0}, 3, b);
  CHECK(a.noise != b.noise);
}
