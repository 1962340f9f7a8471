// What conv_2d and conv_2d_transpose share: options, parameters, padding. ops/conv.h has kernels
// for most of them.
#pragma once

#include <array>
#include <utility>

#include "ops/conv.h"
#include "spec/layer.h"

namespace sketchvae {

// Zeros before and after one axis of n for kernel k and stride s under Keras' 'same'.
std::pair<int64_t, int64_t> same_padding(int64_t n, int64_t k, int64_t s);

class Convolution : public Layer {
 public:
  Shape out_shape(const Shape& in) const override;
  std::vector<ParamSpec> params(const Shape& in) const override;
  // As the kernels of ops/ take it.
  ConvShape shape(const Shape& in, const Shape& out) const;

 protected:
  Convolution(Options& options, bool transposed);
  // What an axis of n becomes.
  virtual int64_t size(int64_t n, int64_t k, int64_t s) const = 0;

  bool transposed_, same_;  // padding 'same', else 'valid'
  int64_t filters_;
  std::array<int64_t, 2> kernel_, strides_;  // rows, columns
};

// The image with so many zeros before and after its rows and columns: drawings x channels x rows x
// columns, as LibTorch has them.
at::Tensor with_zeros(const at::Tensor& image, std::pair<int64_t, int64_t> rows,
                      std::pair<int64_t, int64_t> columns);

}  // namespace sketchvae
