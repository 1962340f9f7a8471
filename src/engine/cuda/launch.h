// What every kernel's launcher needs. Only .cu files include this.
#pragma once

#include <cuda_runtime_api.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "error.h"

namespace sketchvae {

constexpr int kThreads = 256;  // of a block

// Blocks for n threads' work.
inline int64_t blocks_for(int64_t n) { return (n + kThreads - 1) / kThreads; }

// Throws Error when the launch just made was refused.
inline void check_launch(const char* kernel) {
  const cudaError_t code = cudaGetLastError();
  if (code != cudaSuccess) {
    throw Error(std::string("CUDA refused the ") + kernel + " kernel: " + cudaGetErrorString(code));
  }
}

}  // namespace sketchvae
