#include "net/layers.h"

#include <ATen/ATen.h>

#include "error.h"

namespace sketchvae {
namespace {

at::Tensor padded(const at::Tensor& x, std::pair<int64_t, int64_t> rows,
                  std::pair<int64_t, int64_t> columns) {
  if (rows.first + rows.second + columns.first + columns.second == 0) return x;
  return at::constant_pad_nd(x, {columns.first, columns.second, rows.first, rows.second}, 0);
}

at::Tensor conv(const LayerPlan& l, const at::Tensor& x, const at::Tensor& kernel,
                const at::Tensor& bias) {
  at::Tensor image = x.permute({0, 3, 1, 2});
  if (l.spec.padding == Padding::same) {
    image = padded(image, same_padding(l.in[0], l.spec.kernel[0], l.spec.strides[0]),
                   same_padding(l.in[1], l.spec.kernel[1], l.spec.strides[1]));
  }
  return at::conv2d(image, kernel.permute({3, 2, 0, 1}).contiguous(), bias, l.spec.strides)
      .permute({0, 2, 3, 1});
}

// What the transposed convolution of one axis yields beyond the output, cut before and after, or,
// negative, what is missing after it.
std::pair<int64_t, int64_t> crop(int64_t n, int64_t out, int64_t k, int64_t s) {
  const int64_t extra = (n - 1) * s + k - out;
  return extra >= 0 ? std::pair{extra / 2, extra - extra / 2} : std::pair{int64_t{0}, extra};
}

at::Tensor conv_transpose(const LayerPlan& l, const at::Tensor& x, const at::Tensor& kernel,
                          const at::Tensor& bias) {
  const auto rows = crop(l.in[0], l.out[0], l.spec.kernel[0], l.spec.strides[0]);
  const auto columns = crop(l.in[1], l.out[1], l.spec.kernel[1], l.spec.strides[1]);
  at::Tensor image = x.permute({0, 3, 1, 2});
  if (l.spec.strides[0] == 1 && l.spec.strides[1] == 1) {
    // An ordinary convolution with the kernel turned by 180 degrees is the faster spelling.
    const int64_t kr = l.spec.kernel[0] - 1, kc = l.spec.kernel[1] - 1;
    image = padded(image, {kr - rows.first, kr - rows.second},
                   {kc - columns.first, kc - columns.second});
    return at::conv2d(image, kernel.flip({0, 1}).permute({2, 3, 0, 1}).contiguous(), bias)
        .permute({0, 2, 3, 1});
  }
  at::Tensor y = at::conv_transpose2d(image, kernel.permute({3, 2, 0, 1}).contiguous(), bias, l.spec.strides,
                                      at::IntArrayRef{0, 0},
                                      {std::max<int64_t>(-rows.second, 0),
                                       std::max<int64_t>(-columns.second, 0)});
  y = y.narrow(2, rows.first, l.out[0]).narrow(3, columns.first, l.out[1]);
  return y.permute({0, 2, 3, 1});
}

// Our own formula, legal for a batch of one: LibTorch's throws or writes NaN there.
at::Tensor batch_norm(const LayerPlan& l, const at::Tensor& input,
                      const std::vector<at::Tensor>& params, const ForwardContext& context) {
  const auto p = static_cast<size_t>(l.first_param);
  const at::Tensor &gamma = params[p], &beta = params[p + 1];
  const at::Tensor x = input.to(gamma.scalar_type());  // of bf16, means would be too coarse
  if (!context.training) {
    return (x - params[p + 2]) * at::rsqrt(params[p + 3] + l.spec.epsilon) * gamma + beta;
  }
  std::vector<int64_t> axes;  // all but the channels
  for (int64_t i = 0; i + 1 < x.dim(); ++i) axes.push_back(i);
  const at::Tensor mean = x.mean(axes, true);
  const at::Tensor centred = x - mean;
  const at::Tensor variance = centred.square().mean(axes, true);
  context.moments(l, mean, variance);
  return centred * at::rsqrt(variance + l.spec.epsilon) * gamma + beta;
}

at::Tensor dropout(const LayerPlan& l, const at::Tensor& x, const ForwardContext& context) {
  if (!context.training || l.spec.rate == 0) return x;
  return x * (context.mask(l).view(x.sizes()) * (1 / (1 - l.spec.rate)));
}

std::vector<int64_t> batched(const at::Tensor& x, const Shape& shape) {
  std::vector<int64_t> sizes = {x.size(0)};
  sizes.insert(sizes.end(), shape.begin(), shape.end());
  return sizes;
}

}  // namespace

at::Tensor activated(const at::Tensor& x, Activation activation, double slope) {
  switch (activation) {
    case Activation::linear: return x;
    case Activation::relu: return at::relu(x);
    case Activation::tanh: return at::tanh(x);
    case Activation::sigmoid: return at::sigmoid(x);
    case Activation::softplus: return at::softplus(x, 1, 50);
    case Activation::leaky_relu: return at::leaky_relu(x, slope);
    case Activation::elu: return at::elu(x, slope);
  }
  return x;
}

at::Tensor forward_layer(const LayerPlan& l, const at::Tensor& x,
                         const std::vector<at::Tensor>& params, const ForwardContext& context,
                         bool activate) {
  const auto p = static_cast<size_t>(l.first_param);
  const std::string& kind = l.spec.kind;
  at::Tensor y;
  if (kind == "conv_2d") {
    y = conv(l, x, params[p], params[p + 1]);
  } else if (kind == "conv_2d_transpose") {
    y = conv_transpose(l, x, params[p], params[p + 1]);
  } else if (kind == "dense") {
    return context.dense(l, x, activate);
  } else if (kind == "dropout") {
    y = dropout(l, x, context);
  } else if (kind == "batch_norm") {
    y = batch_norm(l, x, params, context);
  } else if (kind == "flatten" || kind == "reshape") {
    y = x.reshape(batched(x, l.out));
  } else if (kind == "activation") {
    y = x;
  } else {
    throw Error("no forward pass for '" + kind + "'");
  }
  return activate ? activated(y, l.spec.activation, l.spec.slope) : y;
}

}  // namespace sketchvae
