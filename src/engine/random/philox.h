// Every random number of a fit, from Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers:
// as easy as 1, 2, 3"): a pure function of (seed, epoch, step, stream, index). No generator object
// exists, so resuming needs counters only and nothing depends on the number of threads.
// Tests: tests/cpp/test_philox.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace sketchvae {

enum class Stream : uint32_t { init = 1, order, noise, mask, validation, sample, scoring };

// Where in the random universe numbers are taken; `lane` separates layers or tensors of a stream.
struct RandomPlace {
  uint64_t seed = 0;
  uint32_t epoch = 0, step = 0;
  Stream stream = Stream::init;
  uint32_t lane = 0;  // below 2^24
};

// The raw generator: four 32-bit words of a 128-bit counter under a 64-bit key.
std::array<uint32_t, 4> philox(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key);

// n uniforms in [0, 1), multiples of 2^-24.
void fill_uniform(const RandomPlace& place, float* out, int64_t n);
// n standard normals (Box-Muller in double, rounded to float).
void fill_normal(const RandomPlace& place, float* out, int64_t n);
// n ones, each 0 instead with probability `rate`.
void fill_mask(const RandomPlace& place, double rate, float* out, int64_t n);
// A permutation of 0 .. n-1 (Fisher-Yates).
std::vector<int64_t> permutation(const RandomPlace& place, int64_t n);

}  // namespace sketchvae
