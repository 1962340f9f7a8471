// Asks LibTorch and the dynamic loader what is loaded. Includes two light LibTorch headers instead
// of torch/torch.h, which costs tens of seconds. Tested in tests/cpp/test_runtime.cpp.
#include "net/runtime.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <dlfcn.h>
#include <stdlib.h>
#ifdef __APPLE__
#include <mach-o/dyld.h>
#else
#include <link.h>
#endif

#include <algorithm>
#include <cstdint>
#include <exception>
#include <memory>

#include "config.h"
#include "error.h"
#include "net/device.h"

// Declared in torch/csrc/inductor/aoti_torch/c/shim.h, a header of 900 lines.
extern "C" uint64_t aoti_torch_abi_version();

namespace sketchvae {

namespace {

std::string real_path(const char* path) {
  std::unique_ptr<char, decltype(&free)> resolved(realpath(path, nullptr), free);
  return resolved ? resolved.get() : path;
}

void add_if_libtorch(const char* path, std::vector<std::string>* found) {
  if (path == nullptr || std::string(path).find("/libtorch_cpu.") == std::string::npos) return;
  const std::string real = real_path(path);
  if (std::find(found->begin(), found->end(), real) == found->end()) found->push_back(real);
}

}  // namespace

std::string libtorch_compiled_version() { return SKETCHVAE_LIBTORCH_VERSION; }

std::string libtorch_loaded_version() {
  // One byte each, from the top: major, minor, patch.
  const uint64_t abi = aoti_torch_abi_version();
  const auto byte = [abi](int from_top) {
    return std::to_string((abi >> (56 - 8 * from_top)) & 0xff);
  };
  return byte(0) + "." + byte(1) + "." + byte(2);
}

std::string libtorch_path() {
  Dl_info info;
  if (dladdr(reinterpret_cast<void*>(&at::get_num_threads), &info) == 0 ||
      info.dli_fname == nullptr) {
    throw Error("the loader does not know from which file LibTorch was loaded");
  }
  return real_path(info.dli_fname);
}

std::vector<std::string> loaded_libtorch_paths() {
  std::vector<std::string> found;
#ifdef __APPLE__
  for (uint32_t i = 0; i < _dyld_image_count(); ++i) {
    add_if_libtorch(_dyld_get_image_name(i), &found);
  }
#else
  dl_iterate_phdr(
      [](dl_phdr_info* info, size_t, void* data) {
        add_if_libtorch(info->dlpi_name, static_cast<std::vector<std::string>*>(data));
        return 0;
      },
      &found);
#endif
  return found;
}

int torch_threads() { return at::get_num_threads(); }

void set_torch_threads(int threads) {
  if (threads < 1) {
    throw Error("the number of threads must be at least 1, not " + std::to_string(threads));
  }
  at::set_num_threads(threads);
}

std::string torch_cpu_capability() { return at::get_cpu_capability(); }

GpuStatus gpu_status() {
  try {
    const GpuStatus status = device_status();
    if (status.available && !at::globalContext().hasCUDA()) {
      return {false, "LibTorch cannot use " + status.reason};
    }
    return status;
  } catch (const c10::Error& error) {
    return {false, error.what_without_backtrace()};
  } catch (const std::exception& error) {
    return {false, error.what()};
  }
}

}  // namespace sketchvae
