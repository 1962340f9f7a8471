#include "net/chain_layer.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include "layers/convolution.h"

namespace sketchvae {
namespace {

using at::Tensor;

std::vector<ConvChain::Weights> weights_of(at::ArrayRef<Tensor> params) {
  std::vector<ConvChain::Weights> weights;
  for (size_t i = 0; i < params.size(); i += 2) {
    weights.push_back({params[i].const_data_ptr<float>(), params[i + 1].const_data_ptr<float>()});
  }
  return weights;
}

Tensor last_output(ConvChain& chain, const Tensor& x, at::ArrayRef<Tensor> params, bool keep) {
  const ConvShape& s = chain.last();
  return at::from_blob(
      chain.forward(x.const_data_ptr<float>(), weights_of(params), x.size(0), keep),
      {x.size(0), s.out_rows, s.out_columns, s.out}, x.options());
}

struct ChainFunction : torch::autograd::Function<ChainFunction> {
  // params: kernel and bias of each convolution in turn.
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& x,
                        at::TensorList params, const c10::intrusive_ptr<ChainLayer>& layer) {
    torch::autograd::variable_list saved = {x.contiguous()};
    saved.insert(saved.end(), params.begin(), params.end());
    context->save_for_backward(saved);
    context->saved_data["layer"] = c10::IValue::make_capsule(layer);
    return last_output(layer->chain, saved[0], params, true);
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& grads) {
    const auto saved = context->get_saved_variables();
    const Tensor &x = saved[0], grad = grads[0].contiguous();
    const auto layer = context->saved_data["layer"].toCapsule();
    ConvChain& chain = static_cast<ChainLayer&>(*layer).chain;
    const at::ArrayRef<Tensor> params = at::ArrayRef<Tensor>(saved).slice(1);
    torch::autograd::variable_list given = {Tensor()};
    std::vector<ConvChain::Gradients> into;
    for (const Tensor& param : params) given.push_back(at::empty_like(param));
    for (size_t i = 1; i < given.size(); i += 2) {
      into.push_back({given[i].data_ptr<float>(), given[i + 1].data_ptr<float>()});
    }
    float* grad_x = chain.backward(x.const_data_ptr<float>(), weights_of(params),
                                   grad.const_data_ptr<float>(), x.size(0),
                                   context->needs_input_grad(0), into);
    if (grad_x) given[0] = at::from_blob(grad_x, x.sizes(), x.options());
    given.push_back(Tensor());
    return given;
  }
};

std::vector<ConvChain::Link> links_of(std::span<const LayerPlan> layers) {
  std::vector<ConvChain::Link> links;
  for (const LayerPlan& l : layers) {
    const auto& conv = dynamic_cast<const Convolution&>(*l.spec.layer);
    links.push_back({Conv::make(conv.shape(l.in, l.out)), l.spec.activation == Activation::relu});
  }
  return links;
}

}  // namespace

ChainLayer::ChainLayer(std::span<const LayerPlan> layers, std::vector<ConvScratch>& scratch)
    : chain(links_of(layers), scratch) {
  for (const LayerPlan& l : layers) {
    const auto first = static_cast<size_t>(l.first_param);
    params_.insert(params_.end(), {first, first + 1});
  }
}

Tensor ChainLayer::forward(const Tensor& x, const std::vector<Tensor>& params, bool keep) {
  std::vector<Tensor> used;
  for (const size_t p : params_) used.push_back(params[p]);
  if (!keep) return last_output(chain, x.contiguous(), used, false);
  return ChainFunction::apply(x, at::TensorList(used),
                              c10::intrusive_ptr<ChainLayer>::reclaim_copy(this));
}

}  // namespace sketchvae
