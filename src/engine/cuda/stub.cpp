// What stands in for the kernels in a build without nvcc: one sentence.
#include "config.h"

#if !SKETCHVAE_CUDA

#include "cuda/draw.h"
#include "cuda/gather.h"
#include "error.h"
#include "ops/sweep.h"

namespace sketchvae {
namespace {

[[noreturn]] void built_without() {
  throw Error("sketchvae was built without CUDA, because: " SKETCHVAE_CUDA_REASON);
}

}  // namespace

void gather_on_device(const GatherJob&, void*) { built_without(); }
void draw_on_device(const DrawJob&, void*) { built_without(); }
void sweep_on_device(const SweepJob&, void*) { built_without(); }

}  // namespace sketchvae

#endif
