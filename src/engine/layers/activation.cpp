#include "layers/activation.h"

#include <ATen/ops/elu.h>
#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/softplus.h>
#include <ATen/ops/tanh.h>

#include "layers/call.h"
#include "layers/kind.h"

namespace sketchvae {

at::Tensor activated(const at::Tensor& x, Activation activation, double slope) {
  switch (activation) {
    case Activation::linear: return x;
    case Activation::relu: return at::relu(x);
    case Activation::tanh: return at::tanh(x);
    case Activation::sigmoid: return at::sigmoid(x);
    case Activation::softplus: return at::softplus(x, 1, 50);
    case Activation::leaky_relu: return at::leaky_relu(x, slope);
    case Activation::elu: return at::elu(x, slope);
  }
  return x;
}

namespace {

// Nothing but the activation that follows every layer.
class ActivationLayer final : public Layer {
 public:
  explicit ActivationLayer(Options&) {}
  at::Tensor forward(const LayerCall& call) const override { return call.x; }
};

}  // namespace

extern const LayerKind kActivation = {"activation", "Activation", read_as<ActivationLayer>};

}  // namespace sketchvae
