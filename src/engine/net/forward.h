// A network's two halves as functions of tensors: drawings to the two heads, codes to drawings.
// It carries out the network's plan.
#pragma once

#include <ATen/core/Tensor.h>

#include <utility>
#include <vector>

#include "layers/call.h"
#include "net/chain_layer.h"
#include "net/gradients.h"
#include "net/plan.h"
#include "net/wide_layer.h"

namespace sketchvae {

class Forward {
 public:
  // All must outlive it. Wide dense layers leave their factors in `gradients`.
  Forward(const ModelPlan& plan, const NetworkOptions& options, Dtype dtype,
          const std::vector<at::Tensor>& params, Gradients& gradients);

  // Mean and second head of drawings. `training` null: dropout off, moving averages used.
  std::pair<at::Tensor, at::Tensor> encode(const at::Tensor& x, TrainingPass* training = nullptr);
  // Drawings of codes; without `activate` what comes before the last activation.
  at::Tensor decode(const at::Tensor& z, bool activate, TrainingPass* training = nullptr);

  // After the options' threads or plan have changed.
  void set_threads() { scratch_.resize(static_cast<size_t>(options_.threads)); }
  void set_plan();

 private:
  // What the plan makes of one layer, or of those of a chain.
  struct Step {
    const LayerPlan* last;
    c10::intrusive_ptr<ChainLayer> chain;
    c10::intrusive_ptr<WideLayer> wide;
    int64_t most_rows;  // of a batch that `wide` takes
  };
  std::vector<Step> steps(const std::vector<LayerPlan>& layers, const std::vector<LayerWay>& ways);
  at::Tensor run(const Step& step, const at::Tensor& x, TrainingPass* training, bool activate);

  const ModelPlan& plan_;
  const NetworkOptions& options_;
  Dtype dtype_;
  const std::vector<at::Tensor>& params_;
  Gradients& gradients_;
  std::vector<ConvScratch> scratch_;  // one for each thread
  std::vector<Step> encoder_, heads_, decoder_;
};

}  // namespace sketchvae
