// A network's two halves as functions of tensors: drawings to the two heads, codes to drawings.
#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <utility>
#include <vector>

#include "layers/call.h"
#include "net/gradients.h"
#include "net/native_ops.h"
#include "net/network.h"

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

  // After the options' threads have changed.
  void set_threads();

 private:
  at::Tensor layer(const LayerPlan& l, const at::Tensor& x, TrainingPass* training, bool activate);
  at::Tensor run(const std::vector<LayerPlan>& layers, at::Tensor x, TrainingPass* training,
                 bool activate_last);

  const ModelPlan& plan_;
  const NetworkOptions& options_;
  bool native_;
  const std::vector<at::Tensor>& params_;
  Gradients& gradients_;
  std::vector<ConvScratch> scratch_;                // one for each thread
  std::map<const LayerPlan*, NativeChain> chains_;  // by the layer they begin with
  std::vector<WideBuffers> buffers_;                // per parameter
};

}  // namespace sketchvae
