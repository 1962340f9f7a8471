#include "net/network.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/grad_mode.h>

#include "net/losses.h"
#include "net/network_impl.h"
#include "net/scopes.h"

namespace sketchvae {

using at::Tensor;

namespace {

const Reducer& nobody_else() {
  static const Reducer alone;
  return alone;
}

}  // namespace

Network::Impl::Impl(const ModelPlan& plan_, Arena& arena_, const NetworkOptions& options_)
    : plan(plan_),
      options(options_),
      reducer(options.reducer ? *options.reducer : nobody_else()),
      arena(arena_, options_.device),
      gradients(plan_, arena.params()),
      forward(plan_, options, arena_.dtype(), arena.params(), gradients) {}

Tensor Network::Impl::input(const uint8_t* pixels, int64_t batch) const {
  std::vector<int64_t> sizes = {batch};
  sizes.insert(sizes.end(), plan.model.input.begin(), plan.model.input.end());
  // from_blob wants a mutable pointer; nothing writes to it.
  const Tensor bytes = at::from_blob(const_cast<uint8_t*>(pixels), sizes, at::kByte);
  Tensor x = bytes.to(arena.options().device()).to(arena.options().dtype()).div_(255);
  if (plan.model.binarize) x = x.gt(*plan.model.binarize).to(x.scalar_type());
  return x;
}

template <typename T>
Tensor Network::Impl::matrix(const T* values, int64_t rows, int64_t columns) const {
  return at::from_blob(const_cast<T*>(values), {rows, columns}, c10::CppTypeToScalarType<T>::value)
      .to(arena.options());
}
template Tensor Network::Impl::matrix(const float*, int64_t, int64_t) const;
template Tensor Network::Impl::matrix(const double*, int64_t, int64_t) const;

Losses Network::Impl::losses(const Parts& parts, double kl_weight) const {
  Losses result;
  result.reconstruction = parts.reconstruction.item<double>();
  result.kl = parts.kl.item<double>();
  result.regularization = parts.regularization.item<double>();
  result.loss = result.reconstruction + kl_weight * result.kl + result.regularization;
  return result;
}

Network::Impl::Parts Network::Impl::pass(const Tensor& x, const Tensor& noise,
                                         const std::vector<Tensor>& masks,
                                         const Tensor& kl_weight, int64_t batch) {
  const ThreadScope threads(options.threads);
  const PrecisionScope precision(options);
  const at::AutoGradMode grad(true);
  gradients.begin();
  const Batch rows(reducer, x.size(0), batch);
  TrainingPass training{rows, masks};
  const auto [mean, log_var] = forward.encode(x, &training);
  const Tensor z = sample_code(plan.model.noise, mean, log_var, noise);
  const Tensor y = forward.decode(z, !from_logits(), &training);
  const Tensor reconstruction = reconstruction_loss(plan.model.loss, x, y, rows);
  const Tensor kl = divergence(plan.model.loss, mean, log_var, rows);
  gradients.of(reconstruction + kl * kl_weight);
  averages = std::move(training.averages);
  return {reconstruction.detach(), kl.detach(), gradients.regularization()};
}

void Network::Impl::reduce(Parts& parts) {
  if (!reducer.alone()) gradients.reduce(reducer, {&parts.reconstruction, &parts.kl});
}

Network::Network(const ModelPlan& plan, Arena& arena, const NetworkOptions& options) {
  impl_ = guarded(options, [&] { return std::make_unique<Impl>(plan, arena, options); });
}

Network::~Network() = default;

Losses Network::backward(const uint8_t* pixels, int64_t batch, double kl_weight,
                         const Draws& draws) {
  return guarded(impl_->options, [&] {
    std::vector<Tensor> masks;
    for (const auto& mask : draws.masks) {
      masks.push_back(
          impl_->matrix(mask.data(), batch, static_cast<int64_t>(mask.size()) / batch));
    }
    const Tensor noise =
        impl_->matrix(draws.noise.data(), batch, impl_->plan.model.latent_dim);
    return impl_->losses(impl_->pass(impl_->input(pixels, batch), noise, masks,
                                     at::scalar_tensor(kl_weight, noise.options()), batch),
                         kl_weight);
  });
}

void Network::update(const OptimizerSpec& optimizer, double learning_rate, int64_t step) {
  guarded(impl_->options, [&] { impl_->update(optimizer, learning_rate, step); });
}

std::vector<double> Network::gradient(int64_t i) const {
  return guarded(impl_->options, [&] {
    const at::NoGradGuard no_grad;
    const auto k = static_cast<size_t>(i);
    std::vector<double> values(static_cast<size_t>(impl_->plan.params[k].size()), 0.0);
    const Tensor g = impl_->gradients.dense(k);
    if (g.defined()) copy_out(g, values.data());
    return values;
  });
}

void Network::upload() {
  guarded(impl_->options, [&] { impl_->arena.upload(); });
}

void Network::download() {
  guarded(impl_->options, [&] { impl_->arena.download(); });
}

const NetworkOptions& Network::options() const { return impl_->options; }

void Network::set_threads(int threads) {
  const ThreadScope can_be_had(threads);
  impl_->options.threads = threads;
  impl_->forward.set_threads();
}

void Network::set_plan(PlanRule plan) {
  guarded(impl_->options, [&] {
    impl_->options.plan = plan;
    impl_->forward.set_plan();
  });
}

}  // namespace sketchvae
