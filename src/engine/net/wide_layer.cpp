#include "net/wide_layer.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include "ops/wide_dense.h"

namespace sketchvae {
namespace {

using at::Tensor;

Tensor in_buffer(FloatBuffer& buffer, at::IntArrayRef sizes) {
  int64_t n = 1;
  for (const int64_t size : sizes) n *= size;
  return at::from_blob(buffer.at_least(n), sizes, at::kFloat);
}

struct WideDense : torch::autograd::Function<WideDense> {
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& x,
                        const Tensor& bias, const Tensor& kernel, bool relu,
                        const c10::intrusive_ptr<WideLayer>& layer) {
    const Tensor from = x.contiguous();
    Tensor y = in_buffer(layer->y, {from.size(0), kernel.size(1)});
    wide_forward(from.const_data_ptr<float>(), kernel.const_data_ptr<float>(),
                 bias.const_data_ptr<float>(), relu, from.size(0), kernel.size(0), kernel.size(1),
                 y.data_ptr<float>(), layer->threads);
    context->save_for_backward({from, kernel});
    context->saved_data["relu"] = relu;
    context->saved_data["layer"] = c10::IValue::make_capsule(layer);
    return y;
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& grads) {
    const auto saved = context->get_saved_variables();
    const Tensor &x = saved[0], &kernel = saved[1];
    const auto capsule = context->saved_data["layer"].toCapsule();
    auto& layer = static_cast<WideLayer&>(*capsule);
    Tensor grad = grads[0].contiguous();
    if (context->saved_data["relu"].toBool()) {
      const Tensor cut = in_buffer(layer.cut, grad.sizes());
      wide_cut(grad.const_data_ptr<float>(), layer.y.data(), grad.numel(), cut.data_ptr<float>(),
               layer.threads);
      grad = cut;
    }
    layer.factors = {x, grad};
    Tensor grad_x;
    if (context->needs_input_grad(0)) {
      grad_x = in_buffer(layer.grad_x, x.sizes());
      wide_backward(grad.const_data_ptr<float>(), kernel.const_data_ptr<float>(), x.size(0),
                    kernel.size(0), kernel.size(1), grad_x.data_ptr<float>(), layer.threads);
    }
    return {grad_x, grad.sum(0), Tensor(), Tensor(), Tensor()};
  }
};

}  // namespace

Tensor WideLayer::forward(const Tensor& x, const Tensor& kernel, const Tensor& bias, bool relu) {
  return WideDense::apply(x, bias, kernel.detach(), relu,
                          c10::intrusive_ptr<WideLayer>::reclaim_copy(this));
}

}  // namespace sketchvae
