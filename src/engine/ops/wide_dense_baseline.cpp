// ops/wide_dense_kernel.h built for any machine.
#include <cstdint>

#include "ops/wide_dense_steps.h"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3,no-trapping-math,associative-math,no-signed-zeros")
#endif
#define SKETCHVAE_LANES 4
#define SKETCHVAE_TILE_M 2
#define SKETCHVAE_TILE_N 4
#include "ops/wide_dense_kernel.h"

namespace sketchvae {

const WideSteps& wide_steps_baseline() { return kSteps; }

}  // namespace sketchvae
