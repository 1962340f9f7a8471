// The forward pass of each kind of layer, composed of LibTorch operations under autograd.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "spec/layer_table.h"

namespace at {
class Tensor;
}

namespace sketchvae {

struct ForwardContext {
  bool training = false;
  // Gives the 0/1 mask of the next dropout layer. Training only.
  std::function<at::Tensor(const LayerPlan&)> mask;
  // Receives batch mean and biased variance of a batch-norm layer. Training only.
  std::function<void(const LayerPlan&, const at::Tensor&, const at::Tensor&)> moments;
  // A dense layer, its activation included if `activate`; chooses between autograd's product and a
  // factored gradient.
  std::function<at::Tensor(const LayerPlan&, const at::Tensor&, bool activate)> dense;
};

// x: batch x layer.in. params: the model's, in plan order.
at::Tensor forward_layer(const LayerPlan& layer, const at::Tensor& x,
                         const std::vector<at::Tensor>& params, const ForwardContext& context,
                         bool activate);

// The activation function alone.
at::Tensor activated(const at::Tensor& x, Activation activation, double slope);

}  // namespace sketchvae
