// What a network says of drawings and codes outside training: dropout off, moving averages used.
#include <ATen/ATen.h>
#include <torch/csrc/autograd/grad_mode.h>

#include <algorithm>

#include "net/losses.h"
#include "net/network_impl.h"
#include "net/scopes.h"

namespace sketchvae {
namespace {

using at::Tensor;

template <typename Call>
auto scored(const NetworkOptions& options, Call call) {
  return guarded(options, [&] {
    const at::NoGradGuard no_grad;
    return call();
  });
}

}  // namespace

void copy_out(const Tensor& from, double* to) {
  const Tensor values = from.to(at::kDouble).to(at::kCPU).contiguous();
  std::copy_n(values.const_data_ptr<double>(), values.numel(), to);
}

Losses Network::evaluate(const uint8_t* pixels, int64_t batch, double kl_weight,
                         const float* noise) {
  return scored(impl_->options, [&] {
    const ModelSpec& model = impl_->plan.model;
    const Batch rows(impl_->reducer, batch, batch);
    const Tensor x = impl_->input(pixels, batch);
    const auto [mean, log_var] = impl_->forward.encode(x);
    const Tensor z =
        sample_code(model.noise, mean, log_var, impl_->matrix(noise, batch, model.latent_dim));
    const Tensor y = impl_->forward.decode(z, !impl_->from_logits());
    return impl_->losses({reconstruction_loss(model.loss, x, y, rows),
                          divergence(model.loss, mean, log_var, rows),
                          impl_->gradients.regularization()},
                         kl_weight);
  });
}

void Network::encode(const uint8_t* pixels, int64_t batch, double* mean, double* log_var) {
  scored(impl_->options, [&] {
    const auto [m, s] = impl_->forward.encode(impl_->input(pixels, batch));
    if (mean) copy_out(m, mean);
    if (log_var) copy_out(s, log_var);
  });
}

void Network::decode(const double* z, int64_t batch, double* drawings) {
  scored(impl_->options, [&] {
    const Tensor codes = impl_->matrix(z, batch, impl_->plan.model.latent_dim);
    copy_out(impl_->forward.decode(codes, true), drawings);
  });
}

void Network::log_likelihood(const uint8_t* pixels, const double* z, int64_t batch,
                             double* values) {
  scored(impl_->options, [&] {
    const Tensor codes = impl_->matrix(z, batch, impl_->plan.model.latent_dim);
    const Tensor y = impl_->forward.decode(codes, !impl_->from_logits());
    copy_out(sketchvae::log_likelihood(impl_->plan.model.loss, impl_->input(pixels, batch), y),
             values);
  });
}

void Network::score(const uint8_t* pixels, int64_t batch, double* errors) {
  scored(impl_->options, [&] {
    const Tensor x = impl_->input(pixels, batch);
    // Of the picture: what lies beyond paper and ink is not seen.
    const Tensor y = impl_->forward.decode(impl_->forward.encode(x).first, true).clamp(0, 1);
    copy_out((x.flatten(1) - y.flatten(1)).square().to(at::kDouble).sum(1), errors);
  });
}

}  // namespace sketchvae
