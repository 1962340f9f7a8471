// The arithmetic of random/philox.h as plain functions, the same for the CPU and the device: equal
// integers everywhere, and equal floats up to the rounding of log, sin and cos.
// Tests: tests/cpp/test_philox.cpp, tests/cpp/test_cuda_kernels.cpp.
#pragma once

#include <cmath>
#include <cstdint>

#include "device_body.h"

namespace sketchvae {

struct PhiloxWords {
  uint32_t w[4];
};

// Philox4x32-10 of a 128-bit counter under the key (k0, k1).
SKETCHVAE_BODY PhiloxWords philox_core(PhiloxWords c, uint32_t k0, uint32_t k1) {
  for (int round = 0; round < 10; ++round) {
    const uint64_t a = uint64_t{0xD2511F53} * c.w[0];
    const uint64_t b = uint64_t{0xCD9E8D57} * c.w[2];
    c = {{static_cast<uint32_t>(b >> 32) ^ c.w[1] ^ k0, static_cast<uint32_t>(b),
          static_cast<uint32_t>(a >> 32) ^ c.w[3] ^ k1, static_cast<uint32_t>(a)}};
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
  return c;
}

// Block `block` (four words) of the place (seed, epoch, step, stream, lane).
SKETCHVAE_BODY PhiloxWords philox_block(uint64_t seed, uint32_t epoch, uint32_t step,
                                        uint32_t stream, uint32_t lane, uint64_t block) {
  // A stream needs at most 2^32 blocks of four: 17 billion numbers a step.
  return philox_core({{static_cast<uint32_t>(block), (stream << 24) | (lane & 0xFFFFFF), step,
                       epoch}},
                     static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32));
}

// A uniform in [0, 1), a multiple of 2^-24.
SKETCHVAE_BODY float philox_uniform(uint32_t word) {
  return static_cast<float>(word >> 8) * 0x1p-24f;
}

// Two standard normals of two words: Box-Muller in double, rounded to float.
SKETCHVAE_BODY void philox_normals(uint32_t first, uint32_t second, float* a, float* b) {
  constexpr double kTwoPi = 6.283185307179586476925286766559;
  const double radius = sqrt(-2 * log((first + 0.5) * 0x1p-32));
  const double angle = kTwoPi * (second * 0x1p-32);
  *a = static_cast<float>(radius * cos(angle));
  *b = static_cast<float>(radius * sin(angle));
}

}  // namespace sketchvae
