// What follows from a model, decided once: shapes, parameters, masks. Tests: tests/cpp/test_spec.cpp.
#pragma once

#include <cstdint>
#include <vector>

#include "spec/layer.h"

namespace sketchvae {

// What follows from one layer's place in a model.
struct LayerPlan {
  LayerSpec spec;
  Shape in, out;
  int64_t first_param = 0, params = 0;  // its stretch of ModelPlan::params
  size_t mask = 0;                      // of ModelPlan::masks, where the layer drops values
};

struct MaskSpec {
  int64_t size;  // a drawing's
  double rate;   // of zeros
};

struct ModelPlan {
  ModelSpec model;
  std::vector<LayerPlan> encoder, heads, decoder;  // heads: z_mean, z_log_var
  std::vector<ParamSpec> params;                   // of encoder, heads, decoder
  std::vector<MaskSpec> masks;                     // of encoder, decoder
  int64_t total = 0, trainable = 0, decoder_total = 0;
};

// Throws Error naming the layer when shapes do not fit.
ModelPlan plan_model(const ModelSpec& model);

}  // namespace sketchvae
