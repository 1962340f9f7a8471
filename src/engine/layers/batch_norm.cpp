#include <ATen/ops/rsqrt.h>

#include "layers/call.h"
#include "layers/kind.h"
#include "net/reducer.h"

namespace sketchvae {
namespace {

// Our own formula, legal for a batch of one: LibTorch's throws or writes NaN there.
class BatchNorm final : public Layer {
 public:
  explicit BatchNorm(Options& options)
      : momentum_(options.number("momentum", 0.99, 0, 1)),
        epsilon_(options.number("epsilon", 1e-3, 0, 1e6)) {}

  std::vector<ParamSpec> params(const Shape& in) const override {
    const Shape channels = {in.back()};
    return {{"gamma", Role::gamma, channels},
            {"beta", Role::beta, channels},
            {"moving_mean", Role::moving_mean, channels},
            {"moving_variance", Role::moving_variance, channels}};
  }

  at::Tensor forward(const LayerCall& call) const override {
    const at::Tensor &gamma = call.params[0], &beta = call.params[1];
    const at::Tensor x = call.x.to(gamma.scalar_type());  // of bf16, means would be too coarse
    if (!call.training) {
      return (x - call.params[2]) * at::rsqrt(call.params[3] + epsilon_) * gamma + beta;
    }
    std::vector<int64_t> axes;  // all but the channels
    for (int64_t i = 0; i + 1 < x.dim(); ++i) axes.push_back(i);
    const Batch& batch = call.training->batch;
    const at::Tensor mean = batch.mean(x, axes, true);
    const at::Tensor centred = x - mean;
    const at::Tensor variance = batch.mean(centred.square(), axes, true);
    auto& averages = call.training->averages;
    averages.push_back({call.plan.first_param + 2, momentum_, mean.detach().flatten()});
    averages.push_back({call.plan.first_param + 3, momentum_, variance.detach().flatten()});
    return centred * at::rsqrt(variance + epsilon_) * gamma + beta;
  }

 private:
  double momentum_, epsilon_;
};

}  // namespace

extern const LayerKind kBatchNorm = {"batch_norm", "BatchNormalization", read_as<BatchNorm>};

}  // namespace sketchvae
