// ops/sweep_kernel.h built for x86-64 with AVX-512.
#include <cmath>
#include <cstdint>
#include <cstring>

#include "ops/sweep.h"

#ifdef SKETCHVAE_X86_BUILDS

#include <immintrin.h>

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3,no-trapping-math")
#pragma GCC target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma,prefer-vector-width=512")
#endif
#define SKETCHVAE_VECTOR_BYTES 64
#define SKETCHVAE_TILE_ROWS 4
#define SKETCHVAE_PS __m512
#define SKETCHVAE_PD __m512d
// Masked, all lanes on: g++ 12 takes the plain ones for uses of an uninitialized value.
#define SKETCHVAE_SQRT_PS(x) _mm512_maskz_sqrt_ps(0xFFFF, x)
#define SKETCHVAE_SQRT_PD(x) _mm512_maskz_sqrt_pd(0xFF, x)
#include "ops/sweep_kernel.h"

namespace sketchvae {

void sweep_avx512(const SweepJob& job, int64_t i0, int64_t i1, int64_t c0, int64_t c1) {
  sweep_any(job, i0, i1, c0, c1);
}

}  // namespace sketchvae

#endif
