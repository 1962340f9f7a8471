// What a kind of layer is to the rest of the engine: its options, shape, parameters, Keras' name
// and forward pass. Each kind is a class in a file of its own in layers/, and a row of
// layers/kinds.cpp. No tensors here. Tests: tests/cpp/test_spec.cpp.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "spec/spec.h"

namespace at {
class Tensor;
}

namespace sketchvae {

class Options;     // spec/options.h
struct LayerCall;  // layers/call.h

// A layer with its options, wherever in a model it stands.
class Layer {
 public:
  virtual ~Layer() = default;
  // Shape of the output; throws Error with a sentence that does not yet name the layer.
  virtual Shape out_shape(const Shape& in) const { return in; }
  // Parameters in Keras' order, named "kernel", "bias", ...
  virtual std::vector<ParamSpec> params(const Shape&) const { return {}; }
  // The share of values that are dropped in training: a layer that says one gets a mask.
  virtual std::optional<double> dropped() const { return std::nullopt; }
  // False for a layer that is its input in another shape.
  virtual bool computes() const { return true; }
  // The output, before the activation.
  virtual at::Tensor forward(const LayerCall& call) const = 0;
};

struct LayerKind {
  const char* kind;   // as models name it
  const char* title;  // as Keras does, and summary()
  std::shared_ptr<const Layer> (*read)(Options& options);
};

// The row of a kind. Throws Error listing the known kinds.
const LayerKind& layer_kind(const std::string& kind);

}  // namespace sketchvae
