#include "on_device.h"

#include <ATen/ATen.h>

#include <string>

#include "net/runtime.h"

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
  const auto n = static_cast<int64_t>(bytes);
  const at::Tensor there = at::from_blob(const_cast<void*>(from), {n},
                                         at::TensorOptions(at::Device(at::kCUDA, 0)).dtype(at::kByte));
  at::from_blob(to, {n}, at::kByte).copy_(there);
}

}  // namespace sketchvae
