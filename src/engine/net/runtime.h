// What LibTorch this process runs on: version, file, threads, GPU. No LibTorch header is needed
// to include this. Tested in tests/cpp/test_runtime.cpp.
#pragma once

#include <string>
#include <vector>

namespace sketchvae {

// The LibTorch this engine was compiled against, as "2.13.0".
std::string libtorch_compiled_version();

// The LibTorch that is loaded, as "2.13.0".
std::string libtorch_loaded_version();

// Path of the libtorch_cpu file that this engine's own calls go to.
std::string libtorch_path();

// Real paths of every libtorch_cpu file in this process, each once. More than one means that
// another package or Python brought its own LibTorch, which ends in crashes.
std::vector<std::string> loaded_libtorch_paths();

// Threads that LibTorch uses inside one operation.
int torch_threads();

// Sets them. Throws Error unless threads >= 1.
void set_torch_threads(int threads);

// The instruction set LibTorch's kernels were chosen for, such as "AVX2".
std::string torch_cpu_capability();

struct GpuStatus {
  bool available;      // a fit with device = "cuda" can run
  std::string reason;  // the device's name, or why not: a phrase without a full stop
};

// Whether a GPU can be used. Never throws: what went wrong is the reason.
GpuStatus gpu_status();

}  // namespace sketchvae
