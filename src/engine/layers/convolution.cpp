#include "layers/convolution.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/constant_pad_nd.h>

#include <algorithm>

#include "layers/kind.h"

namespace sketchvae {

std::pair<int64_t, int64_t> same_padding(int64_t n, int64_t k, int64_t s) {
  const int64_t total = std::max<int64_t>(((n + s - 1) / s - 1) * s + k - n, 0);
  return {total / 2, total - total / 2};
}

Convolution::Convolution(Options& options, bool transposed)
    : transposed_(transposed),
      same_(options.one_of<bool>("padding", {{"same", true}, {"valid", false}})),
      filters_(options.count("filters")),
      kernel_(options.pair("kernel_size")),
      strides_(options.pair("strides")) {}

Shape Convolution::out_shape(const Shape& in) const {
  need_rank(in, 3, "rows x columns x channels");
  return {size(in[0], kernel_[0], strides_[0]), size(in[1], kernel_[1], strides_[1]), filters_};
}

std::vector<ParamSpec> Convolution::params(const Shape& in) const {
  const int64_t field = kernel_[0] * kernel_[1];
  // Keras stores (h, w, in, out), the transposed one (h, w, out, in), and its Glorot counts the
  // third size as fan in and the fourth as fan out for both.
  const int64_t third = transposed_ ? filters_ : in[2];
  const int64_t fourth = transposed_ ? in[2] : filters_;
  return {{"kernel", Role::kernel, {kernel_[0], kernel_[1], third, fourth}, field * third,
           field * fourth},
          {"bias", Role::bias, {filters_}}};
}

ConvShape Convolution::shape(const Shape& in, const Shape& out) const {
  ConvShape s;
  s.rows = in[0], s.columns = in[1], s.in = in[2];
  s.out_rows = out[0], s.out_columns = out[1], s.out = out[2];
  s.kernel_rows = kernel_[0], s.kernel_columns = kernel_[1];
  s.stride_rows = strides_[0], s.stride_columns = strides_[1];
  s.transposed = transposed_;
  const Shape& big = transposed_ ? out : in;
  s.before_rows = same_ ? same_padding(big[0], kernel_[0], strides_[0]).first : 0;
  s.before_columns = same_ ? same_padding(big[1], kernel_[1], strides_[1]).first : 0;
  return s;
}

at::Tensor with_zeros(const at::Tensor& image, std::pair<int64_t, int64_t> rows,
                      std::pair<int64_t, int64_t> columns) {
  if (rows.first + rows.second + columns.first + columns.second == 0) return image;
  return at::constant_pad_nd(image, {columns.first, columns.second, rows.first, rows.second}, 0);
}

}  // namespace sketchvae
