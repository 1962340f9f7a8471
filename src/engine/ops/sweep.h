// One parameter's sweep (sweep_kernel.h, one of ops/kernels.h); ops/optimizer.cpp splits it among
// threads.
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

}  // namespace sketchvae
