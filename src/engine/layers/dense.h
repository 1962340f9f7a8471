// Every output a weighted sum of all inputs. ops/wide_dense.h has kernels for wide ones.
#pragma once

#include "spec/layer.h"

namespace sketchvae {

class Dense final : public Layer {
 public:
  explicit Dense(Options& options);
  Shape out_shape(const Shape& in) const override;
  std::vector<ParamSpec> params(const Shape& in) const override;
  at::Tensor forward(const LayerCall& call) const override;

 private:
  int64_t units_;
};

}  // namespace sketchvae
