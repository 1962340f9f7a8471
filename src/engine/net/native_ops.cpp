#include "net/native_ops.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include "ops/wide_dense.h"

namespace sketchvae {
namespace {

using at::Tensor;

// Kernels from this size on hand over factors: below it a dense gradient stays in cache anyway.
constexpr int64_t kWideKernel = int64_t{1} << 18;
// Above this many rows a product of matrices is cheaper than forming tiles row by row.
constexpr int64_t kFewRows = 256;

struct WideDense : torch::autograd::Function<WideDense> {
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& x,
                        const Tensor& bias, const Tensor& kernel, int64_t a, int64_t b,
                        int64_t threads) {
    const Tensor from = x.contiguous();
    Tensor y = at::empty({from.size(0), kernel.size(1)}, from.options());
    wide_forward(from.const_data_ptr<float>(), kernel.const_data_ptr<float>(),
                 bias.const_data_ptr<float>(), from.size(0), kernel.size(0), kernel.size(1),
                 y.data_ptr<float>(), static_cast<int>(threads));
    context->save_for_backward({from, kernel});
    context->saved_data["a"] = a;
    context->saved_data["b"] = b;
    context->saved_data["threads"] = threads;
    return y;
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& grads) {
    const auto saved = context->get_saved_variables();
    const Tensor &x = saved[0], &kernel = saved[1], grad = grads[0].contiguous();
    *reinterpret_cast<Tensor*>(context->saved_data["a"].toInt()) = x;
    *reinterpret_cast<Tensor*>(context->saved_data["b"].toInt()) = grad;
    Tensor grad_x;
    if (context->needs_input_grad(0)) {
      grad_x = at::empty_like(x);
      wide_backward(grad.const_data_ptr<float>(), kernel.const_data_ptr<float>(), x.size(0),
                    kernel.size(0), kernel.size(1), grad_x.data_ptr<float>(),
                    static_cast<int>(context->saved_data["threads"].toInt()));
    }
    return {grad_x, grad.sum(0), Tensor(), Tensor(), Tensor(), Tensor()};
  }
};

struct NativeConv : torch::autograd::Function<NativeConv> {
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& x,
                        const Tensor& kernel, const Tensor& bias, int64_t conv,
                        std::vector<int64_t> sizes, bool relu) {
    const Tensor from = x.contiguous();
    Tensor y = at::empty(sizes, from.options());
    reinterpret_cast<Conv*>(conv)->forward(from.const_data_ptr<float>(),
                                           kernel.const_data_ptr<float>(),
                                           bias.const_data_ptr<float>(), relu, from.size(0),
                                           y.data_ptr<float>());
    context->save_for_backward({from, y, kernel});
    context->saved_data["conv"] = conv;
    context->saved_data["relu"] = relu;
    return y;
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& grads) {
    const auto saved = context->get_saved_variables();
    const Tensor grad = grads[0].contiguous();
    const Tensor grad_x = context->needs_input_grad(0) ? at::empty_like(saved[0]) : Tensor();
    Tensor grad_kernel = at::empty_like(saved[2]);
    Tensor grad_bias = at::empty({grad.size(-1)}, grad.options());
    reinterpret_cast<Conv*>(context->saved_data["conv"].toInt())
        ->backward(saved[0].const_data_ptr<float>(), saved[1].const_data_ptr<float>(),
                   grad.const_data_ptr<float>(), saved[2].const_data_ptr<float>(),
                   context->saved_data["relu"].toBool(), grad.size(0),
                   grad_x.defined() ? grad_x.data_ptr<float>() : nullptr,
                   grad_kernel.data_ptr<float>(), grad_bias.data_ptr<float>());
    return {grad_x, grad_kernel, grad_bias, Tensor(), Tensor(), Tensor()};
  }
};

}  // namespace

std::optional<ConvShape> native_conv(const LayerPlan& l) {
  constexpr int64_t kFewChannels = 8;
  const bool transposed = l.spec.kind == "conv_2d_transpose";
  if (l.spec.kind != "conv_2d" && !transposed) return std::nullopt;
  if (l.spec.padding != Padding::same || l.spec.strides[0] != 1 || l.spec.strides[1] != 1 ||
      l.spec.kernel[0] != l.spec.kernel[1] || l.in[2] < kFewChannels || l.out[2] < kFewChannels) {
    return std::nullopt;
  }
  const int64_t k = l.spec.kernel[0];
  // A transposed convolution cuts (k - 1) / 2 before, which leaves that much less of the border.
  const int64_t before = transposed ? k - 1 - (k - 1) / 2 : (k - 1) / 2;
  const ConvShape shape{l.in[0], l.in[1], l.in[2], l.out[2], k, before, before, transposed};
  if (!Conv::covers(shape)) return std::nullopt;
  return shape;
}

bool takes_wide_dense(const ParamSpec& kernel, int64_t rows) {
  return rows <= kFewRows && kernel.size() >= kWideKernel;
}

Tensor native_convolution(const Tensor& x, const Tensor& kernel, const Tensor& bias, Conv& conv,
                          const std::vector<int64_t>& sizes, bool relu) {
  return NativeConv::apply(x, kernel, bias, reinterpret_cast<int64_t>(&conv), sizes, relu);
}

Tensor wide_dense(const Tensor& x, const Tensor& kernel, const Tensor& bias, Tensor* a, Tensor* b,
                  int threads) {
  return WideDense::apply(x, bias, kernel.detach(), reinterpret_cast<int64_t>(a),
                          reinterpret_cast<int64_t>(b), int64_t{threads});
}

}  // namespace sketchvae
