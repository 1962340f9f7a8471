// ops/sweep_kernel.h built for any machine.
#include <cmath>
#include <cstdint>
#include <cstring>

#include "ops/sweep.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3,no-trapping-math")
#endif
#define SKETCHVAE_VECTOR_BYTES 16
#define SKETCHVAE_TILE_ROWS 2
#define SKETCHVAE_PS __m128
#define SKETCHVAE_PD __m128d
#define SKETCHVAE_SQRT_PS _mm_sqrt_ps
#define SKETCHVAE_SQRT_PD _mm_sqrt_pd
#include "ops/sweep_kernel.h"

namespace sketchvae {

void sweep_baseline(const SweepJob& job, int64_t i0, int64_t i1, int64_t c0, int64_t c1) {
  sweep_any(job, i0, i1, c0, c1);
}

}  // namespace sketchvae
