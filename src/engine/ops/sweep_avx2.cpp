// ops/sweep_kernel.h built for x86-64 with AVX2 and FMA.
#include <cmath>
#include <cstdint>
#include <cstring>

#include "ops/sweep.h"

#ifdef SKETCHVAE_X86_BUILDS

#include <immintrin.h>

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3,no-trapping-math")
#pragma GCC target("avx2,fma")
#endif
#define SKETCHVAE_VECTOR_BYTES 32
#define SKETCHVAE_TILE_ROWS 2
#define SKETCHVAE_PS __m256
#define SKETCHVAE_PD __m256d
#define SKETCHVAE_SQRT_PS _mm256_sqrt_ps
#define SKETCHVAE_SQRT_PD _mm256_sqrt_pd
#include "ops/sweep_kernel.h"

namespace sketchvae {

void sweep_avx2(const SweepJob& job, int64_t i0, int64_t i1, int64_t c0, int64_t c1) {
  sweep_any(job, i0, i1, c0, c1);
}

}  // namespace sketchvae

#endif
