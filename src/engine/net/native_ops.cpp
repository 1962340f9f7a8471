#include "net/native_ops.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include "layers/convolution.h"
#include "layers/dense.h"
#include "ops/wide_dense.h"

namespace sketchvae {
namespace {

using at::Tensor;

// Kernels from this size on hand over factors: below it a dense gradient stays in cache anyway.
constexpr int64_t kWideKernel = int64_t{1} << 18;
// Above this many rows a product of matrices is cheaper than forming tiles row by row.
constexpr int64_t kFewRows = 256;

Tensor in_buffer(FloatBuffer& buffer, at::IntArrayRef sizes) {
  int64_t n = 1;
  for (const int64_t size : sizes) n *= size;
  return at::from_blob(buffer.at_least(n), sizes, at::kFloat);
}

struct WideDense : torch::autograd::Function<WideDense> {
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& x,
                        const Tensor& bias, const Tensor& kernel, bool relu, int64_t a, int64_t b,
                        int64_t buffers, int64_t threads) {
    const Tensor from = x.contiguous();
    Tensor y = in_buffer(reinterpret_cast<WideBuffers*>(buffers)->y, {from.size(0), kernel.size(1)});
    wide_forward(from.const_data_ptr<float>(), kernel.const_data_ptr<float>(),
                 bias.const_data_ptr<float>(), relu, from.size(0), kernel.size(0), kernel.size(1),
                 y.data_ptr<float>(), static_cast<int>(threads));
    context->save_for_backward({from, kernel});
    context->saved_data["relu"] = relu;
    context->saved_data["a"] = a;
    context->saved_data["b"] = b;
    context->saved_data["buffers"] = buffers;
    context->saved_data["threads"] = threads;
    return y;
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& grads) {
    const auto saved = context->get_saved_variables();
    const Tensor &x = saved[0], &kernel = saved[1];
    auto& buffers = *reinterpret_cast<WideBuffers*>(context->saved_data["buffers"].toInt());
    const auto threads = static_cast<int>(context->saved_data["threads"].toInt());
    Tensor grad = grads[0].contiguous();
    if (context->saved_data["relu"].toBool()) {
      const Tensor cut = in_buffer(buffers.cut, grad.sizes());
      wide_cut(grad.const_data_ptr<float>(), buffers.y.data(), grad.numel(), cut.data_ptr<float>(),
               threads);
      grad = cut;
    }
    *reinterpret_cast<Tensor*>(context->saved_data["a"].toInt()) = x;
    *reinterpret_cast<Tensor*>(context->saved_data["b"].toInt()) = grad;
    Tensor grad_x;
    if (context->needs_input_grad(0)) {
      grad_x = in_buffer(buffers.grad_x, x.sizes());
      wide_backward(grad.const_data_ptr<float>(), kernel.const_data_ptr<float>(), x.size(0),
                    kernel.size(0), kernel.size(1), grad_x.data_ptr<float>(), threads);
    }
    return {grad_x,   grad.sum(0), Tensor(), Tensor(),
            Tensor(), Tensor(),    Tensor(), Tensor()};
  }
};

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
                        at::TensorList params, int64_t chain) {
    torch::autograd::variable_list saved = {x.contiguous()};
    saved.insert(saved.end(), params.begin(), params.end());
    context->save_for_backward(saved);
    context->saved_data["chain"] = chain;
    return last_output(*reinterpret_cast<ConvChain*>(chain), saved[0], params, true);
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& grads) {
    const auto saved = context->get_saved_variables();
    const Tensor &x = saved[0], grad = grads[0].contiguous();
    auto& chain = *reinterpret_cast<ConvChain*>(context->saved_data["chain"].toInt());
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

ConvShape conv_shape(const LayerPlan& l) {
  return dynamic_cast<const Convolution&>(*l.spec.layer).shape(l.in, l.out);
}

ConvWay layer_conv_way(const LayerPlan& l) {
  const auto* conv = dynamic_cast<const Convolution*>(l.spec.layer.get());
  return conv ? conv_way(conv->shape(l.in, l.out)) : ConvWay::none;
}

// How many layers from layers[at] on one chain does: convolutions with kernels of ours, up to the
// first whose activation is not fused.
size_t chain_length(const std::vector<LayerPlan>& layers, size_t at) {
  size_t n = 0;
  while (at + n < layers.size() && layer_conv_way(layers[at + n]) != ConvWay::none) {
    const Activation activation = layers[at + n].spec.activation;
    ++n;
    if (activation != Activation::relu && activation != Activation::linear) break;
  }
  return n;
}

}  // namespace

bool takes_native(const NetworkOptions& options, Dtype dtype) {
  return options.device == Device::cpu && !options.reference && dtype == Dtype::float32;
}

std::vector<std::string> layer_ways(const ModelPlan& plan, const NetworkOptions& options, Dtype dtype,
                                    int64_t batch) {
  std::vector<std::string> ways;
  int chains = 0;
  for (const auto* side : {&plan.encoder, &plan.heads, &plan.decoder}) {
    size_t chained = 0;  // layers of this side that the last chain reaches to
    for (size_t i = 0; i < side->size(); ++i) {
      const LayerPlan& l = (*side)[i];
      std::string way = l.spec.layer->computes() ? "libtorch" : "";
      if (takes_native(options, dtype)) {
        if (i >= chained) {
          chained = i + chain_length(*side, i);
          if (chained > i) ++chains;
        }
        if (i < chained) {
          way = layer_conv_way(l) == ConvWay::winograd ? "winograd" : "direct";
          way += ", chain " + std::to_string(chains);
        } else if (takes_wide_dense(l, batch)) {
          way = "wide";
        }
      }
      ways.push_back(way);
    }
  }
  return ways;
}

std::optional<NativeChain> native_chain(const std::vector<LayerPlan>& layers, size_t at,
                                        std::vector<ConvScratch>& scratch) {
  const size_t length = chain_length(layers, at);
  if (length == 0) return std::nullopt;
  NativeChain found;
  std::vector<ConvChain::Link> links;
  for (size_t i = at; i < at + length; ++i) {
    const LayerPlan& l = layers[i];
    links.push_back({Conv::make(conv_shape(l)), l.spec.activation == Activation::relu});
    found.first_param.push_back(l.first_param);
  }
  const LayerSpec& last = layers[at + length - 1].spec;
  if (last.activation != Activation::relu) found.activation = last.activation;
  found.slope = last.slope;
  found.chain = std::make_unique<ConvChain>(std::move(links), scratch);
  return found;
}

bool takes_wide_dense(const LayerPlan& l, int64_t rows) {
  return rows <= kFewRows && dynamic_cast<const Dense*>(l.spec.layer.get()) &&
         l.in[0] * l.out[0] >= kWideKernel;
}

Tensor run_chain(const Tensor& x, const std::vector<Tensor>& params, const NativeChain& chain,
                 bool keep) {
  std::vector<Tensor> used;
  for (const int64_t p : chain.first_param) {
    used.push_back(params[static_cast<size_t>(p)]);
    used.push_back(params[static_cast<size_t>(p + 1)]);
  }
  if (!keep) return last_output(*chain.chain, x.contiguous(), used, false);
  return ChainFunction::apply(x, at::TensorList(used), reinterpret_cast<int64_t>(chain.chain.get()));
}

Tensor wide_dense(const Tensor& x, const Tensor& kernel, const Tensor& bias, bool relu, Tensor* a,
                  Tensor* b, WideBuffers* buffers, int threads) {
  return WideDense::apply(x, bias, kernel.detach(), relu, reinterpret_cast<int64_t>(a),
                          reinterpret_cast<int64_t>(b), reinterpret_cast<int64_t>(buffers),
                          int64_t{threads});
}

}  // namespace sketchvae
