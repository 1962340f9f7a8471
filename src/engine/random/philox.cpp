#include "random/philox.h"

#include <numeric>
#include <utility>

#include "random/philox_core.h"

namespace sketchvae {
namespace {

__extension__ using Wide = unsigned __int128;  // R CMD check compiles with -pedantic

PhiloxWords words(const RandomPlace& place, uint64_t block) {
  return philox_block(place.seed, place.epoch, place.step, static_cast<uint32_t>(place.stream),
                      place.lane, block);
}

// Calls use(index, word) for the n words of a place, in order.
template <typename Use>
void each_word(const RandomPlace& place, int64_t n, Use use) {
  for (int64_t i = 0; i < n; i += 4) {
    const auto four = words(place, static_cast<uint64_t>(i / 4));
    for (int64_t k = 0; k < 4 && i + k < n; ++k) use(i + k, four.w[k]);
  }
}

}  // namespace

std::array<uint32_t, 4> philox(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key) {
  const PhiloxWords out =
      philox_core({{counter[0], counter[1], counter[2], counter[3]}}, key[0], key[1]);
  return {out.w[0], out.w[1], out.w[2], out.w[3]};
}

void fill_uniform(const RandomPlace& place, float* out, int64_t n) {
  each_word(place, n, [&](int64_t i, uint32_t word) { out[i] = philox_uniform(word); });
}

void fill_mask(const RandomPlace& place, double rate, float* out, int64_t n) {
  each_word(place, n,
            [&](int64_t i, uint32_t word) { out[i] = philox_uniform(word) < rate ? 0.0f : 1.0f; });
}

void fill_normal(const RandomPlace& place, float* out, int64_t n) {
  for (int64_t i = 0; i < n; i += 4) {
    const auto four = words(place, static_cast<uint64_t>(i / 4));
    for (int64_t k = 0; k < 4 && i + k < n; k += 2) {
      float a, b;
      philox_normals(four.w[k], four.w[k + 1], &a, &b);
      out[i + k] = a;
      if (i + k + 1 < n) out[i + k + 1] = b;
    }
  }
}

std::vector<int64_t> permutation(const RandomPlace& place, int64_t n) {
  std::vector<int64_t> order(static_cast<size_t>(n));
  std::iota(order.begin(), order.end(), int64_t{0});
  for (int64_t i = n - 1; i > 0; --i) {
    const auto four = words(place, static_cast<uint64_t>(i));
    const uint64_t bits = (uint64_t{four.w[0]} << 32) | four.w[1];
    // High part of bits * (i + 1): uniform to within 2^-32 for any n that fits in memory.
    const auto j = static_cast<int64_t>(
        static_cast<uint64_t>((static_cast<Wide>(bits) * static_cast<uint64_t>(i + 1)) >> 64));
    std::swap(order[static_cast<size_t>(i)], order[static_cast<size_t>(j)]);
  }
  return order;
}

}  // namespace sketchvae
