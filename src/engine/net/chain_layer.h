// A chain of convolution layers (net/plan.h) as one autograd function on ops/conv_chain.h.
// Tests: tests/cpp/test_network_paths.cpp.
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

#include <span>
#include <vector>

#include "ops/conv_chain.h"
#include "spec/model_plan.h"

namespace sketchvae {

class ChainLayer final : public torch::CustomClassHolder {
 public:
  // The layers' ReLUs are part of it. `scratch`: one for each thread, must outlive it.
  ChainLayer(std::span<const LayerPlan> layers, std::vector<ConvScratch>& scratch);

  // The convolutions of x, float32 on the CPU. params: the model's; keep: for a backward pass. The
  // result, and in backward the gradient of x, lie in the chain's buffers until its next call.
  at::Tensor forward(const at::Tensor& x, const std::vector<at::Tensor>& params, bool keep);

  ConvChain chain;

 private:
  std::vector<size_t> params_;  // kernel and bias of each convolution in turn
};

}  // namespace sketchvae
