// ops/kernels_body.h for any machine.
#include <cmath>
#include <cstdint>
#include <cstring>
#include <utility>

#include "ops/kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3,no-trapping-math")
#endif
#define SKETCHVAE_LANES 4
#define SKETCHVAE_TILE_M 2
#define SKETCHVAE_TILE_N 4
#define SKETCHVAE_WIDE_M 2
#define SKETCHVAE_SWEEP_ROWS 2
#define SKETCHVAE_PS __m128
#define SKETCHVAE_PD __m128d
#define SKETCHVAE_SQRT_PS _mm_sqrt_ps
#define SKETCHVAE_SQRT_PD _mm_sqrt_pd
#include "ops/kernels_body.h"

namespace sketchvae {

const Kernels& kernels_baseline() { return kAll; }

}  // namespace sketchvae
