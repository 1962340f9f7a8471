#include "on_device.h"

#include <ATen/ATen.h>

#include <string>

#include "config.h"
#include "net/device.h"
#include "net/runtime.h"

#if SKETCHVAE_CUDA
#include <c10/cuda/CUDACachingAllocator.h>
#include <cuda_runtime_api.h>
#endif

namespace sketchvae {

bool have_gpu() {
  static const bool have = [] {
    const GpuStatus status = gpu_status();
    if (!status.available) {
      MESSAGE(std::string("tests of the GPU are skipped: " + status.reason));
    }
    return status.available;
  }();
  return have;
}

#if SKETCHVAE_CUDA

namespace cache = c10::cuda::CUDACachingAllocator;

int64_t memory_in_use() { return cache::getDeviceStats(0).allocated_bytes[0].current; }

MemoryLimit::MemoryLimit(int64_t more) {
  empty_cache(Device::cuda);
  size_t free = 0, total = 0;
  REQUIRE(cudaMemGetInfo(&free, &total) == cudaSuccess);
  const int64_t held = cache::getDeviceStats(0).reserved_bytes[0].current;
  cache::setMemoryFraction(static_cast<double>(held + more) / static_cast<double>(total), 0);
}
MemoryLimit::~MemoryLimit() { cache::setMemoryFraction(1, 0); }

#else

int64_t memory_in_use() { return 0; }
MemoryLimit::MemoryLimit(int64_t) {}
MemoryLimit::~MemoryLimit() = default;

#endif

struct DeviceCounter::Impl {
  at::Tensor number = at::zeros({1}, at::TensorOptions(at::kCUDA).dtype(at::kDouble));
};
DeviceCounter::DeviceCounter() : impl_(std::make_unique<Impl>()) { value(); }
DeviceCounter::~DeviceCounter() = default;
void DeviceCounter::up() { impl_->number.add_(1); }
double DeviceCounter::value() const { return impl_->number.item<double>(); }

struct OnDevice::Impl {
  std::vector<at::Tensor> kept;
};

OnDevice::OnDevice() : impl_(std::make_unique<Impl>()) {}
OnDevice::~OnDevice() = default;

void* OnDevice::copy(const void* from, size_t bytes) {
  const at::Tensor host = at::from_blob(const_cast<void*>(from), {static_cast<int64_t>(bytes)}, at::kByte);
  impl_->kept.push_back(host.to(at::kCUDA));
  return impl_->kept.back().data_ptr();
}

void OnDevice::fetch(const void* from, void* to, size_t bytes) {
  if (bytes == 0) return;  // LibTorch asks CUDA where `from` lies, and null lies nowhere
  const auto n = static_cast<int64_t>(bytes);
  const at::Tensor there = at::from_blob(const_cast<void*>(from), {n},
                                         at::TensorOptions(at::Device(at::kCUDA, 0)).dtype(at::kByte));
  at::from_blob(to, {n}, at::kByte).copy_(there);
}

}  // namespace sketchvae
