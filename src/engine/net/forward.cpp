#include "net/forward.h"

#include "layers/activation.h"
#include "net/scopes.h"

namespace sketchvae {

using at::Tensor;

Forward::Forward(const ModelPlan& plan, const NetworkOptions& options, Dtype dtype,
                 const std::vector<Tensor>& params, Gradients& gradients)
    : plan_(plan),
      options_(options),
      native_(takes_native(options, dtype)),
      params_(params),
      gradients_(gradients),
      buffers_(params.size()) {
  if (!native_) return;
  scratch_.resize(static_cast<size_t>(options.threads));
  for (const auto* side : {&plan.encoder, &plan.decoder}) {
    for (size_t i = 0; i < side->size(); ++i) {
      if (auto chain = native_chain(*side, i, scratch_)) {
        const size_t more = chain->first_param.size() - 1;
        chains_.emplace(&(*side)[i], std::move(*chain));
        i += more;
      }
    }
  }
}

void Forward::set_threads() {
  if (native_) scratch_.resize(static_cast<size_t>(options_.threads));
}

Tensor Forward::layer(const LayerPlan& l, const Tensor& x, TrainingPass* training, bool activate) {
  const auto p = static_cast<size_t>(l.first_param);
  const Activation activation = activate ? l.spec.activation : Activation::linear;
  if (native_ && takes_wide_dense(l, x.size(0))) {
    const bool relu = activation == Activation::relu;
    Factors& factors = gradients_.factors(l.first_param);
    const Tensor y = wide_dense(x, params_[p], params_[p + 1], relu, &factors.a, &factors.b,
                                &buffers_[p], options_.threads);
    return relu ? y : activated(y, activation, l.spec.slope);
  }
  const Tensor y = l.spec.layer->forward({l, x, params_.data() + p, training});
  return activated(y, activation, l.spec.slope);
}

Tensor Forward::run(const std::vector<LayerPlan>& layers, Tensor x, TrainingPass* training,
                    bool activate_last) {
  for (size_t i = 0; i < layers.size(); ++i) {
    const auto found = chains_.find(&layers[i]);
    if (found == chains_.end()) {
      x = layer(layers[i], x, training, activate_last || i + 1 < layers.size());
      continue;
    }
    const NativeChain& chain = found->second;
    x = run_chain(x, params_, chain, training != nullptr);
    i += chain.first_param.size() - 1;
    if (activate_last || i + 1 < layers.size()) x = activated(x, chain.activation, chain.slope);
  }
  return x;
}

std::pair<Tensor, Tensor> Forward::encode(const Tensor& x, TrainingPass* training) {
  const AutocastScope autocast(options_);
  const Tensor code = run(plan_.encoder, x, training, true);
  const auto head = [&](size_t i) {
    return layer(plan_.heads[i], code, training, true).to(params_[0].scalar_type());
  };
  const Tensor mean = head(0);
  return {mean, head(1)};
}

Tensor Forward::decode(const Tensor& z, bool activate, TrainingPass* training) {
  const AutocastScope autocast(options_);
  return run(plan_.decoder, z, training, activate);
}

}  // namespace sketchvae
