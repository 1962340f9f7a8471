// ops/kernels_body.h for any machine: vectors of four floats, which are SSE2 on x86-64 and NEON on arm64.
#include <cmath>
#include <cstdint>
#include <cstring>
#include <utility>

#include "ops/kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#define SKETCHVAE_PS __m128
#define SKETCHVAE_PD __m128d
#define SKETCHVAE_SQRT_PS _mm_sqrt_ps
#define SKETCHVAE_SQRT_PD _mm_sqrt_pd
#elif defined(__aarch64__)
#include <arm_neon.h>
#define SKETCHVAE_PS float32x4_t
#define SKETCHVAE_PD float64x2_t
#define SKETCHVAE_SQRT_PS vsqrtq_f32
#define SKETCHVAE_SQRT_PD vsqrtq_f64
#endif

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3,no-trapping-math")
#endif
#define SKETCHVAE_LANES 4
#define SKETCHVAE_TILE_M 2
#define SKETCHVAE_TILE_N 4
#define SKETCHVAE_WIDE_M 2
#define SKETCHVAE_SWEEP_ROWS 2
#include "ops/kernels_body.h"

namespace sketchvae {

const Kernels& kernels_baseline() { return kAll; }

}  // namespace sketchvae
