#include "net/gradients.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace sketchvae {

using at::Tensor;

Gradients::Gradients(const ModelPlan& plan, const std::vector<Tensor>& params)
    : params_(params), factors_(params.size()), dense_(params.size()) {
  const LossSpec& loss = plan.model.loss;
  for (size_t i = 0; i < params.size(); ++i) {
    const ParamSpec& spec = plan.params[i];
    l2_.push_back(spec.trainable() && (spec.decoder || !loss.l2_decoder_only) ? loss.l2 : 0);
    if (!spec.trainable()) continue;
    leaves_.push_back(params[i]);
    leaf_of_.push_back(i);
  }
}

void Gradients::begin() {
  for (Factors& f : factors_) f.a = f.b = Tensor();
}

void Gradients::of(const Tensor& loss) {
  const auto grads = torch::autograd::grad({loss}, leaves_, {}, std::nullopt, false,
                                           /*allow_unused=*/true);
  std::fill(dense_.begin(), dense_.end(), Tensor());
  for (size_t i = 0; i < grads.size(); ++i) {
    if (grads[i].defined()) dense_[leaf_of_[i]] = grads[i].contiguous();
  }
}

void Gradients::reduce(const Reducer& reducer, std::initializer_list<Tensor*> more) {
  const at::NoGradGuard no_grad;
  std::vector<Tensor*> places(more);
  for (size_t i = 0; i < dense_.size(); ++i) {
    dense_[i] = dense(i);
    factors_[i].a = factors_[i].b = Tensor();
    if (dense_[i].defined()) places.push_back(&dense_[i]);
  }
  std::vector<Tensor> sums;
  for (const Tensor* place : places) sums.push_back(*place);
  reducer.sum(sums);
  for (size_t i = 0; i < places.size(); ++i) *places[i] = sums[i];
}

Tensor Gradients::dense(size_t i) const {
  return factors_[i].a.defined() ? at::mm(factors_[i].a.t(), factors_[i].b) : dense_[i];
}

std::vector<Gradient> Gradients::given() const {
  std::vector<Gradient> given(params_.size());
  for (size_t i = 0; i < given.size(); ++i) {
    const auto& [a, b] = factors_[i];
    if (a.defined()) {
      given[i] = {nullptr, a.data_ptr(), b.data_ptr(), a.size(0)};
    } else if (dense_[i].defined()) {
      given[i].dense = dense_[i].data_ptr();
    }
  }
  return given;
}

Tensor Gradients::clip_factor(double clipnorm, const std::vector<SweepTask>& tasks) const {
  Tensor sum = at::zeros({}, params_[0].options().dtype(at::kDouble));
  if (sum.is_cpu()) {  // factored ones too, and always in the same order
    const double squares = sum_of_squares(tasks, params_[0].scalar_type() == at::kDouble);
    return sum.fill_(sketchvae::clip_factor(clipnorm, std::sqrt(squares)));
  }
  for (size_t i = 0; i < params_.size(); ++i) {
    Tensor g = dense(i);
    if (!g.defined()) continue;
    if (l2_[i] > 0) g = g + params_[i].detach() * (2 * l2_[i]);
    sum = sum + g.square().sum().to(at::kDouble);
  }
  // The same, without waiting for the device: norm - norm is NaN where the norm is not finite.
  const Tensor norm = sum.sqrt();
  return (clipnorm / norm).clamp_max(1) + (norm - norm);
}

Tensor Gradients::regularization() const {
  Tensor sum = at::zeros({}, params_[0].options().dtype(at::kDouble));
  for (size_t i = 0; i < params_.size(); ++i) {
    if (l2_[i] > 0) sum = sum + params_[i].detach().square().sum().to(at::kDouble) * l2_[i];
  }
  return sum;
}

}  // namespace sketchvae
