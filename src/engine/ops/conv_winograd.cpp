// Stride-1 convolutions that keep a drawing's size, by Winograd's minimal filtering. A transposed one
// is a convolution with the kernel turned and its channels exchanged.
#include <algorithm>
#include <cstring>

#include "ops/conv.h"
#include "ops/kernels.h"
#include "ops/team.h"

namespace sketchvae {
namespace {

const WinogradKernels& fastest(const ConvShape& s) {
  // A point's matrix is read for every drawing, and its gradient read and written: as measured, that
  // costs as much as so many tiles' products.
  constexpr int64_t kReading = 8;
  const WinogradKernels* best = nullptr;
  int64_t least = 0;
  for (const WinogradKernels& way : kernels().winograd) {
    if (way.taps != s.kernel_rows) continue;
    const int64_t cost = way.points * (TileGrid(s.rows, s.columns, way.tile).tiles() + kReading);
    if (best == nullptr || cost < least) best = &way, least = cost;
  }
  return *best;
}

class WinogradConv : public Conv {
 public:
  explicit WinogradConv(const ConvShape& s)
      : Conv(s),
        steps_(fastest(s)),
        grid_(s.rows, s.columns, steps_.tile),
        k_(s.kernel_rows),
        points_(steps_.points),
        wide_in_(padded(s.in)),
        wide_out_(padded(s.out)),
        before_rows_(s.transposed ? k_ - 1 - s.before_rows : s.before_rows),
        before_columns_(s.transposed ? k_ - 1 - s.before_columns : s.before_columns),
        forward_(points_ * s.in * wide_out_),
        backward_(points_ * s.out * wide_in_),
        bias_(wide_out_) {}

  void prepare(const float* kernel, const float* bias, bool backward, int t, int threads) override {
    const int64_t rows = backward ? shape_.out : shape_.in, n = backward ? shape_.in : shape_.out;
    const int64_t wide = padded(n), plane = rows * wide;
    FloatBuffer taps(k_ * k_ * wide);
    float* transformed = backward ? backward_.data() : forward_.data();
    const Share share(rows, t, threads);
    for (int64_t i = share.first; i < share.last; ++i) {
      for (int64_t q = 0; q < k_ * k_; ++q) {
        float* to = taps.data() + q * wide;
        for (int64_t j = 0; j < n; ++j) {
          to[j] = kernel[backward ? place(k_ * k_ - 1 - q, j, i) : place(q, i, j)];
        }
      }
      steps_.kernel(taps.data(), wide, plane, transformed + i * wide);
    }
    if (t == 0) std::copy_n(bias, shape_.out, bias_.data());
  }

  void forward(const float* x, bool relu, float* y, ConvScratch& scratch) const override {
    float* left = windows(x, shape_.in, before_rows_, before_columns_, 0, scratch);
    float* product = scratch.at(2, points_ * grid_.tiles() * wide_out_);
    steps_.multiply(left, wide_in_, forward_.data(), grid_.tiles(), shape_.in, wide_out_, product);
    steps_.drawing(product, grid_, shape_.out, bias_.data(), relu, y);
  }

  void backward(const float* x, const float* grad_y, float* grad_x, ConvSums& sums,
                ConvScratch& scratch) const override {
    float* left = windows(x, shape_.in, before_rows_, before_columns_, 0, scratch);
    float* right = scratch.at(1, points_ * grid_.tiles() * wide_out_);
    float* buffer = scratch.at(3, steps_.buffer_size(std::max(shape_.in, shape_.out)));
    steps_.tiles(grad_y, grid_, shape_.out, buffer, right, sums.bias.data());
    steps_.accumulate(left, wide_in_, right, grid_.tiles(), shape_.in, wide_out_,
                      !sums.empty, sums.kernel.data());
    sums.empty = false;
    if (grad_x == nullptr) return;
    right = windows(grad_y, shape_.out, k_ - 1 - before_rows_, k_ - 1 - before_columns_, 1, scratch);
    float* product = scratch.at(2, points_ * grid_.tiles() * wide_in_);
    steps_.multiply(right, wide_out_, backward_.data(), grid_.tiles(), shape_.out, wide_in_, product);
    steps_.drawing(product, grid_, shape_.in, nullptr, false, grad_x);
  }

  void clear(ConvSums& sums) const override {
    sums.kernel.at_least(points_ * shape_.in * wide_out_);
    sums.bias.zeros(wide_out_);
    sums.empty = true;
  }

  void collect(const std::vector<ConvSums*>& shares, float* grad_kernel, float* grad_bias, int t,
               int threads) const override {
    const int64_t plane = shape_.in * wide_out_;
    FloatBuffer points(points_ * wide_out_), taps(k_ * k_ * wide_out_);
    const Share share(shape_.in, t, threads);
    for (int64_t i = share.first; i < share.last; ++i) {
      points.zeros(points_ * wide_out_);
      for (const ConvSums* sums : shares) {
        if (sums->empty) continue;
        for (int64_t p = 0; p < points_; ++p) {
          const float* from = sums->kernel.data() + p * plane + i * wide_out_;
          float* to = points.data() + p * wide_out_;
          for (int64_t o = 0; o < wide_out_; ++o) to[o] += from[o];
        }
      }
      steps_.kernel_gradient(points.data(), wide_out_, wide_out_, taps.data());
      for (int64_t q = 0; q < k_ * k_; ++q) {
        for (int64_t o = 0; o < shape_.out; ++o) {
          grad_kernel[place(q, i, o)] = taps.data()[q * wide_out_ + o];
        }
      }
    }
    if (t == 0) collect_bias(shares, 1, shape_.out, grad_bias);
  }

 private:
  // Where tap q from channel i to channel o stands in the user's kernel.
  int64_t place(int64_t q, int64_t i, int64_t o) const {
    if (shape_.transposed) return ((k_ * k_ - 1 - q) * shape_.out + o) * shape_.in + i;
    return (q * shape_.in + i) * shape_.out + o;
  }

  float* windows(const float* x, int64_t channels, int64_t before_rows, int64_t before_columns,
                 size_t which, ConvScratch& scratch) const {
    float* out = scratch.at(which, points_ * grid_.tiles() * padded(channels));
    steps_.windows(x, grid_, channels, before_rows, before_columns,
                   scratch.at(3, steps_.buffer_size(channels)), out);
    return out;
  }

  const WinogradKernels& steps_;
  TileGrid grid_;
  int64_t k_, points_, wide_in_, wide_out_;
  int64_t before_rows_, before_columns_;
  FloatBuffer forward_;   // points x in x padded out
  FloatBuffer backward_;  // points x out x padded in, of the turned kernel
  FloatBuffer bias_;
};

}  // namespace

std::unique_ptr<Conv> make_winograd_conv(const ConvShape& shape) {
  return std::make_unique<WinogradConv>(shape);
}

}  // namespace sketchvae
