#include "ops/kernels.h"

#include "cpu.h"

namespace sketchvae {

const Kernels& kernels() {
#ifdef SKETCHVAE_X86_BUILDS
  if (cpu_level() >= CpuLevel::avx512) return kernels_avx512();
  if (cpu_level() >= CpuLevel::avx2) return kernels_avx2();
#endif
  return kernels_baseline();
}

}  // namespace sketchvae
