// All kernels for one instruction set, included once by each kernels_<isa>.cpp after its target
// pragma and its macros:
//   SKETCHVAE_LANES              floats in a vector
//   SKETCHVAE_TILE_M, _TILE_N    rows and vectors of a product's register tile
//   SKETCHVAE_WIDE_M             its rows where b comes from memory, a divisor of usual batches
//   SKETCHVAE_SWEEP_ROWS         rows of a factored gradient formed at once
//   SKETCHVAE_PS, _PD, _SQRT_PS, _SQRT_PD  vectors of floats and doubles, and their square roots,
//                                where there are intrinsics
//   SKETCHVAE_LOAD_PART(p, n), _STORE_PART(p, n, v)  the first n lanes; the others read as zero
// Everything is in an anonymous namespace: builds for two instruction sets must not meet in the linker.

#include "ops/product_kernel.h"
#include "ops/sweep_kernel.h"
#include "ops/winograd_kernel.h"

namespace sketchvae {
namespace {

void add_row(const float* from, int64_t n, float* to) {
  for (int64_t i = 0; i < n; ++i) to[i] += from[i];
}

// ReLU and its gradient compare so that NaN goes through, as it does in LibTorch.
void shift_row(const float* bias, int64_t n, bool relu, float* y) {
  if (relu) {
    for (int64_t i = 0; i < n; ++i) y[i] = y[i] + bias[i] <= 0 ? 0.0f : y[i] + bias[i];
  } else {
    add_row(bias, n, y);
  }
}

void cut_row(const float* g, const float* y, int64_t n, float* out) {
  for (int64_t i = 0; i < n; ++i) out[i] = y[i] <= 0 ? 0.0f : g[i];
}

constexpr Kernels kAll = {{product<false, false, SKETCHVAE_TILE_M>,
                           product<true, false, SKETCHVAE_TILE_M>,
                           product<true, true, SKETCHVAE_WIDE_M>,
                           add_dots},
                          {add_row, shift_row, cut_row},
                          {WinogradSteps<3, SixPoints>::kAll, WinogradSteps<4, SixPoints>::kAll,
                           WinogradSteps<4, TenPoints>::kAll},
                          sweep_any};

}  // namespace
}  // namespace sketchvae
