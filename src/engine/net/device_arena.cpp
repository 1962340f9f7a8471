#include "net/device_arena.h"

#include <ATen/ATen.h>

namespace sketchvae {

DeviceArena::DeviceArena(Arena& arena, Device device) : arena_(arena) {
  require_device(device);
  const bool gpu = device == Device::cuda;
  options_ = at::TensorOptions(gpu ? at::Device(at::kCUDA, 0) : at::Device(at::kCPU))
                 .dtype(arena.dtype() == Dtype::float32 ? at::kFloat : at::kDouble);
  if (gpu) {
    copy_ = at::empty({static_cast<int64_t>(arena.all().size())}, options_.dtype(at::kByte));
    upload();
  }
  for (size_t i = 0; i < arena.params().size(); ++i) {
    const ParamSpec& spec = arena.params()[i];
    params_.push_back(at::from_blob(on_device(arena.value(static_cast<int64_t>(i))), spec.shape,
                                    options_));
    if (spec.trainable()) params_.back().set_requires_grad(true);
  }
}

void* DeviceArena::on_device(void* place) const {
  if (!copy_.defined() || !place) return place;
  return static_cast<std::byte*>(copy_.data_ptr()) +
         (static_cast<std::byte*>(place) - arena_.all().data());
}

at::Tensor DeviceArena::whole() const {
  const auto all = arena_.all();
  return at::from_blob(all.data(), {static_cast<int64_t>(all.size())}, at::kByte);
}

void DeviceArena::upload() {
  if (copy_.defined()) copy_.copy_(whole());
  ahead_ = false;
}

void DeviceArena::download() {
  if (copy_.defined() && ahead_) whole().copy_(copy_);
  ahead_ = false;
}

}  // namespace sketchvae
