// The one table of layer kinds: what each does to a shape, which parameters it owns, what summary()
// calls it. The forward pass of each kind is in net/layers.cpp. Tests: tests/cpp/test_spec.cpp.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "spec/spec.h"

namespace sketchvae {

struct LayerKind {
  const char* kind;
  const char* title;  // summary()'s name, as Keras prints it
  // Shape of the output; throws Error with a sentence that does not yet name the layer.
  Shape (*out_shape)(const LayerSpec& layer, const Shape& in);
  // Parameters in Keras' order, named "kernel", "bias", ...
  std::vector<ParamSpec> (*params)(const LayerSpec& layer, const Shape& in);
};

// The row of a kind. Throws Error listing the known kinds.
const LayerKind& layer_kind(const std::string& kind);

// What follows from one layer's place in a model.
struct LayerPlan {
  LayerSpec spec;
  Shape in, out;
  int64_t first_param = 0, params = 0;  // its stretch of ModelPlan::params
};

// Everything that follows from a model, decided once.
struct ModelPlan {
  ModelSpec model;
  std::vector<LayerPlan> encoder, heads, decoder;  // heads: z_mean, z_log_var
  std::vector<ParamSpec> params;                   // of encoder, heads, decoder
  int64_t total = 0, trainable = 0, decoder_total = 0;
};

// Throws Error naming the layer when shapes do not fit.
ModelPlan plan_model(const ModelSpec& model);

// Zeros before and after one axis of n for kernel k and stride s under Keras' 'same'.
std::pair<int64_t, int64_t> same_padding(int64_t n, int64_t k, int64_t s);

}  // namespace sketchvae
