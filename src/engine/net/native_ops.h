// The layers whose forward and backward are kernels of ops/: autograd functions, and the rule that
// says which layers take them. Tests: tests/cpp/test_network_paths.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "buffer.h"
#include "net/network.h"
#include "ops/conv_chain.h"
#include "spec/model_plan.h"

namespace at {
class Tensor;
}

namespace sketchvae {

// Whether a network takes kernels of ours at all: float32 on the CPU, unless asked not to.
bool takes_native(const NetworkOptions& options, Dtype dtype);

// How each layer (encoder, heads, decoder) is computed for batches of such a size: "winograd, chain 1",
// "direct, chain 1", "wide", "libtorch", or "" for what costs nothing.
std::vector<std::string> layer_ways(const ModelPlan& plan, const NetworkOptions& options, Dtype dtype,
                                    int64_t batch);

// Convolution layers that follow one another, done by ops/conv_chain.h as one function.
struct NativeChain {
  std::unique_ptr<ConvChain> chain;
  std::vector<int64_t> first_param;  // of each layer
  // What comes after the last convolution, if it is not ReLU.
  Activation activation = Activation::linear;
  double slope = 0;
};

// The chain that begins with layers[at]; none where that layer is no convolution with kernels of ours.
std::optional<NativeChain> native_chain(const std::vector<LayerPlan>& layers, size_t at,
                                        std::vector<ConvScratch>& scratch);

// Whether a layer is a dense one that takes wide_dense() for a batch of so many rows.
bool takes_wide_dense(const LayerPlan& layer, int64_t rows);

// The chain's convolutions of x, float32 on the CPU. params: the model's; keep: for a backward pass.
// The result, and in backward the gradient of x, lie in the chain's buffers until its next call.
at::Tensor run_chain(const at::Tensor& x, const std::vector<at::Tensor>& params,
                     const NativeChain& chain, bool keep);

// What a wide dense layer writes to: allocated by the first batch of such a size, kept after that.
struct WideBuffers {
  FloatBuffer y, cut, grad_x;
};

// A wide dense layer by ops/wide_dense.h, float32 on the CPU. Its kernel's gradient (25 MB for the
// sheep's) is never formed: backward leaves its factors, G = a'b, in *a and *b, and the optimizer's
// sweep multiplies them tile by tile. a, b and the buffers must live until then.
at::Tensor wide_dense(const at::Tensor& x, const at::Tensor& kernel, const at::Tensor& bias,
                      bool relu, at::Tensor* a, at::Tensor* b, WideBuffers* buffers, int threads);

}  // namespace sketchvae
