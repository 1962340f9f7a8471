// ops/kernels_body.h for x86-64 with AVX2 and FMA.
#include <cmath>
#include <cstdint>
#include <cstring>
#include <utility>

#include "ops/kernels.h"

#ifdef SKETCHVAE_X86_BUILDS

#include <immintrin.h>

#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC optimize("O3,no-trapping-math")
#pragma GCC target("avx2,fma")
#endif
#define SKETCHVAE_LANES 8
#define SKETCHVAE_TILE_M 4
#define SKETCHVAE_TILE_N 3
#define SKETCHVAE_WIDE_M 4
#define SKETCHVAE_SWEEP_ROWS 2
#define SKETCHVAE_PS __m256
#define SKETCHVAE_PD __m256d
#define SKETCHVAE_SQRT_PS _mm256_sqrt_ps
#define SKETCHVAE_SQRT_PD _mm256_sqrt_pd
#define SKETCHVAE_LANE_MASK(n) \
  _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(n)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7))
#define SKETCHVAE_LOAD_PART(p, n) _mm256_maskload_ps(p, SKETCHVAE_LANE_MASK(n))
#define SKETCHVAE_STORE_PART(p, n, v) _mm256_maskstore_ps(p, SKETCHVAE_LANE_MASK(n), v)
#include "ops/kernels_body.h"
#ifdef __clang__
#pragma clang attribute pop
#endif

namespace sketchvae {

const Kernels& kernels_avx2() { return kAll; }

}  // namespace sketchvae

#endif
