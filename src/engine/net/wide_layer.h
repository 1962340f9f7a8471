// A wide dense layer (net/plan.h) as an autograd function on ops/wide_dense.h. Its kernel's gradient
// (25 MB for the sheep's) is never formed: backward leaves its factors, which the optimizer's sweep
// multiplies tile by tile. Tests: tests/cpp/test_network_paths.cpp.
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

#include "buffer.h"
#include "net/gradients.h"

namespace sketchvae {

class WideLayer final : public torch::CustomClassHolder {
 public:
  // Both must outlive it; the factors point into buffers of this.
  WideLayer(Factors& factors, const int& threads) : factors(factors), threads(threads) {}

  // x * kernel + bias, through ReLU if asked, float32 on the CPU.
  at::Tensor forward(const at::Tensor& x, const at::Tensor& kernel, const at::Tensor& bias,
                     bool relu);

  Factors& factors;
  const int& threads;
  // Allocated by the first batch of such a size, kept after that.
  FloatBuffer y, cut, grad_x;
};

}  // namespace sketchvae
