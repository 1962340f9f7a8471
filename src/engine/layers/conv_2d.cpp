#include <ATen/ops/conv2d.h>

#include "layers/call.h"
#include "layers/convolution.h"
#include "layers/kind.h"

namespace sketchvae {
namespace {

class Conv2d final : public Convolution {
 public:
  explicit Conv2d(Options& options) : Convolution(options, /*transposed=*/false) {}

  at::Tensor forward(const LayerCall& call) const override {
    at::Tensor image = call.x.permute({0, 3, 1, 2});
    if (same_) {
      image = with_zeros(image, same_padding(call.plan.in[0], kernel_[0], strides_[0]),
                         same_padding(call.plan.in[1], kernel_[1], strides_[1]));
    }
    const at::Tensor kernel = call.params[0].permute({3, 2, 0, 1}).contiguous();
    return at::conv2d(image, kernel, call.params[1], strides_).permute({0, 2, 3, 1});
  }

 private:
  int64_t size(int64_t n, int64_t k, int64_t s) const override {
    if (same_) return (n + s - 1) / s;
    if (n < k) {
      throw Error("a kernel of " + std::to_string(k) + " does not fit into " + std::to_string(n) +
                  " without padding");
    }
    return (n - k) / s + 1;
  }
};

}  // namespace

extern const LayerKind kConv2d = {"conv_2d", "Conv2D", read_as<Conv2d>};

}  // namespace sketchvae
