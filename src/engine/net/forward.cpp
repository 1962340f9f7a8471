#include "net/forward.h"

#include "layers/activation.h"
#include "net/scopes.h"

namespace sketchvae {

using at::Tensor;

Forward::Forward(const ModelPlan& plan, const NetworkOptions& options, Dtype dtype,
                 const std::vector<Tensor>& params, Gradients& gradients)
    : plan_(plan), options_(options), dtype_(dtype), params_(params), gradients_(gradients) {
  set_threads();
  set_plan();
}

void Forward::set_plan() {
  const NetworkPlan ways = plan_network(plan_, options_, dtype_);
  encoder_ = steps(plan_.encoder, ways.encoder);
  heads_ = steps(plan_.heads, ways.heads);
  decoder_ = steps(plan_.decoder, ways.decoder);
}

std::vector<Forward::Step> Forward::steps(const std::vector<LayerPlan>& layers,
                                          const std::vector<LayerWay>& ways) {
  std::vector<Step> steps;
  for (size_t i = 0, next; i < layers.size(); i = next) {
    next = i + 1;
    Step step{&layers[i], {}, {}, ways[i].most_rows};
    if (ways[i].chain > 0) {
      while (next < layers.size() && ways[next].chain == ways[i].chain) ++next;
      step.last = &layers[next - 1];
      step.chain = c10::make_intrusive<ChainLayer>(std::span(&layers[i], next - i), scratch_);
    } else if (ways[i].way == Way::wide) {
      step.wide = c10::make_intrusive<WideLayer>(gradients_.factors(layers[i].first_param),
                                                 options_.threads);
    }
    steps.push_back(std::move(step));
  }
  return steps;
}

Tensor Forward::run(const Step& step, const Tensor& x, TrainingPass* training, bool activate) {
  const LayerPlan& l = *step.last;
  const Activation activation = activate ? l.spec.activation : Activation::linear;
  const bool relu = activation == Activation::relu;  // fused by our kernels
  const Tensor* params = params_.data() + l.first_param;
  Tensor y;
  if (step.chain) {
    y = step.chain->forward(x, params_, training != nullptr);
  } else if (step.wide && x.size(0) <= step.most_rows) {
    y = step.wide->forward(x, params[0], params[1], relu);
  } else {
    return activated(l.spec.layer->forward({l, x, params, training}), activation, l.spec.slope);
  }
  return relu ? y : activated(y, activation, l.spec.slope);
}

std::pair<Tensor, Tensor> Forward::encode(const Tensor& x, TrainingPass* training) {
  const AutocastScope autocast(options_);
  Tensor code = x;
  for (const Step& step : encoder_) code = run(step, code, training, true);
  const auto head = [&](size_t i) {
    return run(heads_[i], code, training, true).to(params_[0].scalar_type());
  };
  const Tensor mean = head(0);
  return {mean, head(1)};
}

Tensor Forward::decode(const Tensor& z, bool activate, TrainingPass* training) {
  const AutocastScope autocast(options_);
  Tensor y = z;
  for (const Step& step : decoder_) {
    y = run(step, y, training, activate || &step != &decoder_.back());
  }
  return y;
}

}  // namespace sketchvae
