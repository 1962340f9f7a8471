// A layer's forward pass, as its kind sees it. A kind computes with LibTorch under autograd;
// activations are rows x columns x channels (NHWC), Keras' order, so that flatten is a view.
// Tests: tests/cpp/test_golden.cpp, tests/parity/.
#pragma once

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "spec/model_plan.h"

namespace sketchvae {

class Batch;

// Training mode for the length of one pass.
struct TrainingPass {
  const Batch& batch;                    // that the rows are of
  const std::vector<at::Tensor>& masks;  // 0 or 1, of ModelPlan::masks
  // What the pass has measured: moving averages go towards these when the parameters move.
  struct Average {
    int64_t param;  // of ModelPlan::params
    double momentum;
    at::Tensor value;
  };
  std::vector<Average> averages = {};
};

struct LayerCall {
  const LayerPlan& plan;
  const at::Tensor& x;       // batch x plan.in
  const at::Tensor* params;  // the layer's own
  TrainingPass* training;    // null: dropout off, moving averages used
};

}  // namespace sketchvae
