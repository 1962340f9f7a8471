#include <ATen/ops/conv2d.h>
#include <ATen/ops/conv_transpose2d.h>

#include <algorithm>

#include "layers/call.h"
#include "layers/convolution.h"
#include "layers/kind.h"

namespace sketchvae {
namespace {

// What the transposed convolution of one axis yields beyond the output, cut before and after, or,
// negative, what is missing after it.
std::pair<int64_t, int64_t> crop(int64_t n, int64_t out, int64_t k, int64_t s) {
  const int64_t extra = (n - 1) * s + k - out;
  return extra >= 0 ? std::pair{extra / 2, extra - extra / 2} : std::pair{int64_t{0}, extra};
}

class Conv2dTranspose final : public Convolution {
 public:
  explicit Conv2dTranspose(Options& options) : Convolution(options, /*transposed=*/true) {}

  at::Tensor forward(const LayerCall& call) const override {
    const Shape &in = call.plan.in, &out = call.plan.out;
    const at::Tensor &kernel = call.params[0], &bias = call.params[1];
    const auto rows = crop(in[0], out[0], kernel_[0], strides_[0]);
    const auto columns = crop(in[1], out[1], kernel_[1], strides_[1]);
    const at::Tensor image = call.x.permute({0, 3, 1, 2});
    if (strides_[0] == 1 && strides_[1] == 1) {
      // An ordinary convolution with the kernel turned by 180 degrees is the faster spelling.
      const int64_t r = kernel_[0] - 1, c = kernel_[1] - 1;
      return at::conv2d(with_zeros(image, {r - rows.first, r - rows.second},
                                   {c - columns.first, c - columns.second}),
                        kernel.flip({0, 1}).permute({2, 3, 0, 1}).contiguous(), bias)
          .permute({0, 2, 3, 1});
    }
    const int64_t more[2] = {std::max<int64_t>(-rows.second, 0),
                             std::max<int64_t>(-columns.second, 0)};
    return at::conv_transpose2d(image, kernel.permute({3, 2, 0, 1}).contiguous(), bias, strides_,
                                at::IntArrayRef{0, 0}, more)
        .narrow(2, rows.first, out[0])
        .narrow(3, columns.first, out[1])
        .permute({0, 2, 3, 1});
  }

 private:
  int64_t size(int64_t n, int64_t k, int64_t s) const override {
    return same_ ? n * s : n * s + std::max<int64_t>(k - s, 0);
  }
};

}  // namespace

extern const LayerKind kConv2dTranspose = {"conv_2d_transpose", "Conv2DTranspose",
                                           read_as<Conv2dTranspose>};

}  // namespace sketchvae
