// ops/kernels_body.h for x86-64 with AVX-512.
#include <cmath>
#include <cstdint>
#include <cstring>
#include <utility>

#include "ops/kernels.h"

#ifdef SKETCHVAE_X86_BUILDS

#include <immintrin.h>

#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma"))), apply_to = function)
#else
#pragma GCC optimize("O3,no-trapping-math")
#pragma GCC target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma,prefer-vector-width=512")
#endif
#define SKETCHVAE_LANES 16
#define SKETCHVAE_TILE_M 7
#define SKETCHVAE_TILE_N 3
#define SKETCHVAE_WIDE_M 8
#define SKETCHVAE_SWEEP_ROWS 4
#define SKETCHVAE_PS __m512
#define SKETCHVAE_PD __m512d
// Masked, all lanes on: g++ 12 takes the plain ones for uses of an uninitialized value.
#define SKETCHVAE_SQRT_PS(x) _mm512_maskz_sqrt_ps(0xFFFF, x)
#define SKETCHVAE_SQRT_PD(x) _mm512_maskz_sqrt_pd(0xFF, x)
#define SKETCHVAE_LANE_MASK(n) static_cast<__mmask16>((1u << (n)) - 1u)
#define SKETCHVAE_LOAD_PART(p, n) _mm512_maskz_loadu_ps(SKETCHVAE_LANE_MASK(n), p)
#define SKETCHVAE_STORE_PART(p, n, v) _mm512_mask_storeu_ps(p, SKETCHVAE_LANE_MASK(n), v)
#include "ops/kernels_body.h"
#ifdef __clang__
#pragma clang attribute pop
#endif

namespace sketchvae {

const Kernels& kernels_avx512() { return kAll; }

}  // namespace sketchvae

#endif
