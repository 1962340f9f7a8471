#include "ops/conv.h"

#include <algorithm>

namespace sketchvae {

void collect_bias(const std::vector<ConvSums*>& shares, int64_t columns, int64_t out,
                  float* grad_bias) {
  std::fill_n(grad_bias, out, 0.0f);
  for (const ConvSums* share : shares) {
    for (int64_t i = 0; i < columns * out; ++i) {
      grad_bias[i % out] += share->bias.data()[i];
    }
  }
}

ConvWay conv_way(const ConvShape& s) {
  // Below so many channels most lanes of a transformed vector would be empty.
  constexpr int64_t kFewChannels = 8;
  // A kernel is read anew for every row of a drawing: it has to stay in a core's cache.
  constexpr int64_t kLargeKernel = int64_t{1} << 17;
  if (std::min({s.rows, s.columns, s.in, s.out_rows, s.out_columns, s.out}) < 1) return ConvWay::none;
  const bool square = s.kernel_rows == s.kernel_columns && (s.kernel_rows == 3 || s.kernel_rows == 4);
  if (square && s.stride_rows == 1 && s.stride_columns == 1 && s.rows == s.out_rows &&
      s.columns == s.out_columns && std::min(s.in, s.out) >= kFewChannels) {
    return ConvWay::winograd;
  }
  return s.kernel_size() > kLargeKernel ? ConvWay::none : ConvWay::direct;
}

std::unique_ptr<Conv> Conv::make(const ConvShape& shape) {
  switch (conv_way(shape)) {
    case ConvWay::winograd: return make_winograd_conv(shape);
    case ConvWay::direct: return make_direct_conv(shape);
    case ConvWay::none: break;
  }
  return nullptr;
}

}  // namespace sketchvae
