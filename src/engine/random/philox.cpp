#include "random/philox.h"

#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

namespace sketchvae {
namespace {

__extension__ using Wide = unsigned __int128;  // R CMD check compiles with -pedantic

std::array<uint32_t, 4> words(const RandomPlace& place, uint64_t block) {
  // A stream needs at most 2^32 blocks of four: 17 billion numbers a step.
  return philox({static_cast<uint32_t>(block),
                 (static_cast<uint32_t>(place.stream) << 24) | (place.lane & 0xFFFFFF), place.step,
                 place.epoch},
                {static_cast<uint32_t>(place.seed), static_cast<uint32_t>(place.seed >> 32)});
}

float uniform(uint32_t word) { return static_cast<float>(word >> 8) * 0x1p-24f; }

// Calls use(index, word) for the n words of a place, in order.
template <typename Use>
void each_word(const RandomPlace& place, int64_t n, Use use) {
  for (int64_t i = 0; i < n; i += 4) {
    const auto four = words(place, static_cast<uint64_t>(i / 4));
    for (int64_t k = 0; k < 4 && i + k < n; ++k) use(i + k, four[static_cast<size_t>(k)]);
  }
}

}  // namespace

std::array<uint32_t, 4> philox(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const uint64_t a = uint64_t{0xD2511F53} * counter[0];
    const uint64_t b = uint64_t{0xCD9E8D57} * counter[2];
    counter = {static_cast<uint32_t>(b >> 32) ^ counter[1] ^ key[0], static_cast<uint32_t>(b),
               static_cast<uint32_t>(a >> 32) ^ counter[3] ^ key[1], static_cast<uint32_t>(a)};
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  return counter;
}

void fill_uniform(const RandomPlace& place, float* out, int64_t n) {
  each_word(place, n, [&](int64_t i, uint32_t word) { out[i] = uniform(word); });
}

void fill_mask(const RandomPlace& place, double rate, float* out, int64_t n) {
  each_word(place, n,
            [&](int64_t i, uint32_t word) { out[i] = uniform(word) < rate ? 0.0f : 1.0f; });
}

void fill_normal(const RandomPlace& place, float* out, int64_t n) {
  for (int64_t i = 0; i < n; i += 4) {
    const auto four = words(place, static_cast<uint64_t>(i / 4));
    for (int64_t k = 0; k < 4; k += 2) {
      const double radius =
          std::sqrt(-2 * std::log((four[static_cast<size_t>(k)] + 0.5) * 0x1p-32));
      const double angle = 2 * std::numbers::pi * (four[static_cast<size_t>(k) + 1] * 0x1p-32);
      if (i + k < n) out[i + k] = static_cast<float>(radius * std::cos(angle));
      if (i + k + 1 < n) out[i + k + 1] = static_cast<float>(radius * std::sin(angle));
    }
  }
}

std::vector<int64_t> permutation(const RandomPlace& place, int64_t n) {
  std::vector<int64_t> order(static_cast<size_t>(n));
  std::iota(order.begin(), order.end(), int64_t{0});
  for (int64_t i = n - 1; i > 0; --i) {
    const auto four = words(place, static_cast<uint64_t>(i));
    const uint64_t bits = (uint64_t{four[0]} << 32) | four[1];
    // High part of bits * (i + 1): uniform to within 2^-32 for any n that fits in memory.
    const auto j = static_cast<int64_t>(
        static_cast<uint64_t>((static_cast<Wide>(bits) * static_cast<uint64_t>(i + 1)) >> 64));
    std::swap(order[static_cast<size_t>(i)], order[static_cast<size_t>(j)]);
  }
  return order;
}

}  // namespace sketchvae
