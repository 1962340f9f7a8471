// A network's arena as LibTorch sees it: every parameter a tensor on the device. On the CPU these
// lie in the arena itself, on a GPU in a copy of it.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "net/device.h"
#include "params/arena.h"

namespace sketchvae {

class DeviceArena {
 public:
  // `arena` must outlive it. Throws Error when the device cannot be used.
  DeviceArena(Arena& arena, Device device);

  // Of each parameter; those that are trained require a gradient.
  const std::vector<at::Tensor>& params() const { return params_; }
  // For tensors on the device, of the arena's type.
  at::TensorOptions options() const { return options_; }

  Arena& host() { return arena_; }
  // Where a place of the arena, or none, is on the device.
  void* on_device(void* place) const;

  // The arena to the device, and back when that has moved on; nothing on the CPU.
  void upload();
  void download();
  void moved_on() { ahead_ = true; }

 private:
  at::Tensor whole() const;

  Arena& arena_;
  at::TensorOptions options_;
  at::Tensor copy_;    // on a GPU
  bool ahead_ = false;  // the copy has moved on from the arena
  std::vector<at::Tensor> params_;
};

}  // namespace sketchvae
