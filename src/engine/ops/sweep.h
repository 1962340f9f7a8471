// One parameter's sweep, in builds for several instruction sets (sweep_<isa>.cpp include
// sweep_kernel.h); ops/optimizer.cpp chooses at run time and splits rows among threads.
#pragma once

#include <cstdint>

namespace sketchvae {

// Everything a sweep of one in x out parameter needs, already cast and combined.
struct SweepJob {
  int rule = 0;  // static_cast<int>(Rule)
  bool is_double = false;
  void* w = nullptr;
  void* slot[2] = {nullptr, nullptr};
  const void* dense = nullptr;  // in x out, or ...
  const void* a = nullptr;      // ... rows x in
  const void* b = nullptr;      //     rows x out
  int64_t rows = 0, in = 1, out = 0;
  double learning_rate = 0, rho = 0, momentum = 0, epsilon = 0, beta_1 = 0, beta_2 = 0;
  double decay = 0;     // learning_rate * weight_decay
  double l2 = 0;        // already doubled
  double factor = 1;    // clipping by norm
  double clipvalue = 0;
  bool nesterov = false, epsilon_inside = true;
};

// Columns [c0, c1) of rows [i0, i1).
using SweepFn = void (*)(const SweepJob& job, int64_t i0, int64_t i1, int64_t c0, int64_t c1);

void sweep_baseline(const SweepJob& job, int64_t i0, int64_t i1, int64_t c0, int64_t c1);
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define SKETCHVAE_X86_BUILDS 1
void sweep_avx2(const SweepJob& job, int64_t i0, int64_t i1, int64_t c0, int64_t c1);
void sweep_avx512(const SweepJob& job, int64_t i0, int64_t i1, int64_t c0, int64_t c1);
#endif

}  // namespace sketchvae
