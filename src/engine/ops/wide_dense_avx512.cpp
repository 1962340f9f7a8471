// ops/wide_dense_kernel.h built for x86-64 with AVX-512.
#include <cstdint>

#include "ops/wide_dense_steps.h"

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3,no-trapping-math,associative-math,no-signed-zeros")
#pragma GCC target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma,prefer-vector-width=512")
#endif
#define SKETCHVAE_LANES 16
#define SKETCHVAE_TILE_M 8
#define SKETCHVAE_TILE_N 3
#include "ops/wide_dense_kernel.h"

namespace sketchvae {

const WideSteps& wide_steps_avx512() { return kSteps; }

}  // namespace sketchvae

#endif
