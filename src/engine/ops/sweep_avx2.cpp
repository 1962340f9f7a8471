// ops/sweep_kernel.h built for x86-64 with AVX2 and FMA.
#include <cmath>
#include <cstdint>
#include <cstring>

#include "ops/sweep.h"

#ifdef SKETCHVAE_X86_BUILDS

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3,no-math-errno,no-trapping-math")
#pragma GCC target("avx2,fma")
#endif
#define SKETCHVAE_VECTOR_BYTES 32
#define SKETCHVAE_TILE_ROWS 2
#include "ops/sweep_kernel.h"

namespace sketchvae {

void sweep_avx2(const SweepJob& job, int64_t i0, int64_t i1, int64_t c0, int64_t c1) {
  sweep_any(job, i0, i1, c0, c1);
}

}  // namespace sketchvae

#endif
