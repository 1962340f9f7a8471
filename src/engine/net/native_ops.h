// The layers whose forward and backward are kernels of ops/: autograd functions, and the one rule
// that says which layers take them. Tests: tests/cpp/test_network_paths.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "ops/conv.h"
#include "spec/layer_table.h"

namespace at {
class Tensor;
}

namespace sketchvae {

// The convolution that ops/conv.h would have to do for a layer; nothing where it has no kernel, or
// where so few channels leave its vectors mostly empty.
std::optional<ConvShape> native_conv(const LayerPlan& layer);

// Whether a dense layer with such a kernel takes wide_dense() for a batch of so many rows.
bool takes_wide_dense(const ParamSpec& kernel, int64_t rows);

// A stride-1 convolution by ops/conv.h, ReLU fused; float32 on the CPU. sizes: those of y.
at::Tensor native_convolution(const at::Tensor& x, const at::Tensor& kernel, const at::Tensor& bias,
                              Conv& conv, const std::vector<int64_t>& sizes, bool relu);

// A wide dense layer by ops/wide_dense.h, float32 on the CPU. Its kernel's gradient (25 MB for the
// sheep's) is never formed: backward leaves its factors, G = a'b, in *a and *b, and the optimizer's
// sweep multiplies them tile by tile. a and b must live until then.
at::Tensor wide_dense(const at::Tensor& x, const at::Tensor& kernel, const at::Tensor& bias,
                      at::Tensor* a, at::Tensor* b, int threads);

}  // namespace sketchvae
