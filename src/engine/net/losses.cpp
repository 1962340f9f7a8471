#include "net/losses.h"

#include <ATen/ATen.h>

#include <numbers>

#include "net/reducer.h"

namespace sketchvae {
namespace {

using at::Tensor;

// exp() of a log deviation is capped: nothing changes but that it cannot become infinite.
constexpr double kMaxLog = 80;

Tensor capped_exp(const Tensor& x) { return at::exp(at::clamp_max(x, kMaxLog)); }

// Squared differences of the pixels, or minus their Bernoulli log-likelihood.
Tensor per_pixel(const LossSpec& loss, const Tensor& x, const Tensor& output) {
  const Tensor target = x.flatten(1), y = output.flatten(1).to(x.scalar_type());
  switch (loss.reconstruction) {
    case Reconstruction::squared_error:
      return (target - y).square();
    case Reconstruction::binary_crossentropy: {
      constexpr double kClip = 1e-7;  // Keras' epsilon
      const Tensor p = y.clamp(kClip, 1 - kClip);
      return -(target * at::log(p) + (1 - target) * at::log(1 - p));
    }
    case Reconstruction::bernoulli:
      // -log p(x) = softplus(logit) - x * logit, without ever forming p.
      return at::clamp_min(y, 0) + at::log1p(at::exp(-y.abs())) - target * y;
  }
  return {};
}

}  // namespace

Tensor reconstruction_loss(const LossSpec& loss, const Tensor& x, const Tensor& y,
                           const Batch& batch) {
  const Tensor errors = per_pixel(loss, x, y);
  const auto rows = static_cast<double>(batch.all());
  switch (loss.reconstruction) {
    case Reconstruction::squared_error:
      return errors.sum() * (loss.scale / rows);
    case Reconstruction::binary_crossentropy:
      return batch.whole() ? errors.mean()
                           : errors.sum() * (1 / (rows * static_cast<double>(errors.size(1))));
    case Reconstruction::bernoulli:
      return errors.sum() * (1 / rows);
  }
  return {};
}

Tensor log_likelihood(const LossSpec& loss, const Tensor& x, const Tensor& y) {
  const Tensor errors = per_pixel(loss, x, y);
  const Tensor sums = errors.to(at::kDouble).sum(1);
  if (loss.reconstruction != Reconstruction::squared_error) return -sums;
  const auto pixels = static_cast<double>(errors.size(1));
  return sums * -loss.scale - pixels / 2 * std::log(std::numbers::pi / loss.scale);
}

Tensor divergence(const LossSpec& loss, const Tensor& mean, const Tensor& s, const Batch& batch) {
  Tensor kl;
  switch (loss.kl) {
    case KlForm::log_var:
      kl = (capped_exp(s) + mean.square() - 1 - s) * 0.5;
      break;
    case KlForm::log_sd:
      kl = (capped_exp(2 * s) + mean.square() - 1 - 2 * s) * 0.5;
      break;
    case KlForm::log_sd_squared:
      kl = (capped_exp(2 * s) + mean.square() - 1 + s.square()) * 0.5;
      break;
  }
  Tensor per_dim = batch.mean(kl, {0});
  if (loss.free_bits > 0) per_dim = per_dim.clamp_min(loss.free_bits);
  return batch.part((loss.kl_mean ? per_dim.mean() : per_dim.sum()) * loss.kl_scale);
}

Tensor sample_code(Noise form, const Tensor& mean, const Tensor& s, const Tensor& noise) {
  return mean + capped_exp(form == Noise::log_sd ? s : s * 0.5) * noise;
}

}  // namespace sketchvae
