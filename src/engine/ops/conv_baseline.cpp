// ops/conv_kernel.h built for any machine.
#include <cstdint>
#include <cstring>

#include "ops/conv_steps.h"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3,no-trapping-math")
#endif
#define SKETCHVAE_LANES 4
#define SKETCHVAE_TILE_M 2
#define SKETCHVAE_TILE_N 4
#include "ops/conv_kernel.h"

namespace sketchvae {

const ConvSteps& conv_steps_baseline(int64_t kernel) { return steps_of(kernel); }

}  // namespace sketchvae
