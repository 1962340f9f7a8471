// Convolutions of any kernel, stride and padding, without transforms. Both kinds are one linear map
// between a big drawing (x of a convolution, y of a transposed one) and a small one, or its
// transpose: entry (p, q) of the small drawing meets a kernel's worth of the big one from
// (p, q) * stride on. A row of the small drawing times a row of the kernel is one product of
// matrices: rows of the kernel lie in the big drawing one after another, channels included.
#include <algorithm>
#include <cstring>

#include "ops/conv.h"
#include "ops/kernels.h"
#include "ops/team.h"

namespace sketchvae {
namespace {

class DirectConv : public Conv {
 public:
  explicit DirectConv(const ConvShape& s)
      : Conv(s),
        rows_(s.transposed ? s.out_rows : s.rows),
        columns_(s.transposed ? s.out_columns : s.columns),
        big_(s.transposed ? s.out : s.in),
        small_rows_(s.transposed ? s.rows : s.out_rows),
        small_columns_(s.transposed ? s.columns : s.out_columns),
        small_(s.transposed ? s.in : s.out),
        wide_small_(padded(small_)),
        reach_(s.kernel_columns * big_),
        wide_reach_(padded(reach_)),
        staged_columns_((small_columns_ - 1) * s.stride_columns + s.kernel_columns),
        staged_rows_((small_rows_ - 1) * s.stride_rows + s.kernel_rows),
        gather_(s.kernel_rows * reach_ * wide_small_),
        scatter_(s.kernel_rows * small_ * wide_reach_),
        bias_(s.out_columns * s.out) {}

  void prepare(const float* kernel, const float* bias, bool backward, int t, int threads) override {
    const bool gather = backward == shape_.transposed;
    const Share share(shape_.kernel_rows * reach_, t, threads);
    for (int64_t i = share.first; i < share.last; ++i) {
      const float* from = kernel + i * small_;
      if (gather) {
        std::copy_n(from, small_, gather_.data() + i * wide_small_);
      } else {
        float* to = scatter_.data() + i / reach_ * small_ * wide_reach_ + i % reach_;
        for (int64_t c = 0; c < small_; ++c) to[c * wide_reach_] = from[c];
      }
    }
    for (int64_t q = 0; q < shape_.out_columns && t == 0; ++q) {
      std::copy_n(bias, shape_.out, bias_.data() + q * shape_.out);
    }
  }

  void forward(const float* x, bool relu, float* y, ConvScratch& scratch) const override {
    if (shape_.transposed) {
      scatter(x, scratch);
      unstage(scratch, y);
    } else {
      stage(x, scratch);
      gather(scratch, y);
    }
    const int64_t row = shape_.out_columns * shape_.out;
    for (int64_t r = 0; r < shape_.out_rows; ++r) rows_of_.shift(bias_.data(), row, relu, y + r * row);
  }

  void backward(const float* x, const float* grad_y, float* grad_x, ConvSums& sums,
                ConvScratch& scratch) const override {
    const int64_t row = shape_.out_columns * shape_.out;
    for (int64_t r = 0; r < shape_.out_rows; ++r) {
      rows_of_.add(grad_y + r * row, row, sums.bias.data());
    }
    stage(shape_.transposed ? grad_y : x, scratch);
    add_kernel_gradient(shape_.transposed ? x : grad_y, scratch, sums.kernel.data());
    if (grad_x == nullptr) return;
    if (shape_.transposed) {
      gather(scratch, grad_x);
    } else {
      scatter(grad_y, scratch);
      unstage(scratch, grad_x);
    }
  }

  void clear(ConvSums& sums) const override {
    sums.kernel.zeros(scatter_.size());
    sums.bias.zeros(shape_.out_columns * shape_.out);
  }

  void collect(const std::vector<ConvSums*>& shares, float* grad_kernel, float* grad_bias, int t,
               int threads) const override {
    const Share share(shape_.kernel_rows * reach_, t, threads);
    for (int64_t i = share.first; i < share.last; ++i) {
      for (int64_t c = 0; c < small_; ++c) {
        const int64_t at = (i / reach_ * small_ + c) * wide_reach_ + i % reach_;
        float sum = 0;
        for (const ConvSums* sums : shares) sum += sums->kernel.data()[at];
        grad_kernel[i * small_ + c] = sum;
      }
    }
    if (t == 0) collect_bias(shares, shape_.out_columns, shape_.out, grad_bias);
  }

 private:
  // The big drawing with its border, in scratch 0. Products read up to kPad floats beyond a row.
  int64_t staged_size() const { return staged_rows_ * staged_columns_ * big_ + kPad; }
  // What the kernel's row r meets from the small drawing's row p on.
  int64_t meets(int64_t p, int64_t r) const {
    return (p * shape_.stride_rows + r) * staged_columns_ * big_;
  }

  // Calls copy(offset in the big drawing, offset in the staged one, floats) for each row of both.
  template <typename Copy>
  void each_row(Copy copy) const {
    const int64_t columns = std::min(columns_, staged_columns_ - shape_.before_columns);
    for (int64_t r = 0; r < rows_ && r + shape_.before_rows < staged_rows_; ++r) {
      copy(r * columns_ * big_,
           ((r + shape_.before_rows) * staged_columns_ + shape_.before_columns) * big_,
           columns * big_);
    }
  }

  void stage(const float* big, ConvScratch& scratch) const {
    float* staged = scratch.at(0, staged_size());
    std::fill_n(staged, staged_size(), 0.0f);
    each_row([&](int64_t from, int64_t to, int64_t n) { std::copy_n(big + from, n, staged + to); });
  }

  void unstage(ConvScratch& scratch, float* big) const {
    const float* staged = scratch.at(0, staged_size());
    std::fill_n(big, rows_ * columns_ * big_, 0.0f);
    each_row([&](int64_t to, int64_t from, int64_t n) { std::copy_n(staged + from, n, big + to); });
  }

  // Small from the staged big.
  void gather(ConvScratch& scratch, float* small) const {
    const float* staged = scratch.at(0, staged_size());
    float* row = scratch.at(1, small_columns_ * wide_small_);
    for (int64_t p = 0; p < small_rows_; ++p) {
      for (int64_t r = 0; r < shape_.kernel_rows; ++r) {
        const Product product{staged + meets(p, r), shape_.stride_columns * big_, 1,
                              gather_.data() + r * reach_ * wide_small_, wide_small_,
                              row, wide_small_, small_columns_, wide_small_, reach_};
        r == 0 ? products_.set(product) : products_.add(product);
      }
      for (int64_t q = 0; q < small_columns_; ++q) {
        std::copy_n(row + q * wide_small_, small_, small + (p * small_columns_ + q) * small_);
      }
    }
  }

  // The staged big from small.
  void scatter(const float* small, ConvScratch& scratch) const {
    float* staged = scratch.at(0, staged_size());
    float* row = scratch.at(1, small_columns_ * wide_reach_);
    std::fill_n(staged, staged_size(), 0.0f);
    for (int64_t p = 0; p < small_rows_; ++p) {
      for (int64_t r = 0; r < shape_.kernel_rows; ++r) {
        products_.set({small + p * small_columns_ * small_, small_, 1,
                                scatter_.data() + r * small_ * wide_reach_, wide_reach_, row,
                                wide_reach_, small_columns_, wide_reach_, small_});
        for (int64_t q = 0; q < small_columns_; ++q) {
          float* to = staged + meets(p, r) + q * shape_.stride_columns * big_;
          rows_of_.add(row + q * wide_reach_, reach_, to);
        }
      }
    }
  }

  void add_kernel_gradient(const float* small, ConvScratch& scratch, float* sums) const {
    const float* staged = scratch.at(0, staged_size());
    for (int64_t p = 0; p < small_rows_; ++p) {
      for (int64_t r = 0; r < shape_.kernel_rows; ++r) {
        products_.add({small + p * small_columns_ * small_, 1, small_,
                                staged + meets(p, r), shape_.stride_columns * big_,
                                sums + r * small_ * wide_reach_, wide_reach_, small_, wide_reach_,
                                small_columns_});
      }
    }
  }

  int64_t rows_, columns_, big_;
  int64_t small_rows_, small_columns_, small_, wide_small_;
  int64_t reach_, wide_reach_;  // floats of the big drawing that a row of the kernel meets
  int64_t staged_columns_, staged_rows_;
  FloatBuffer gather_;   // kernel rows x reach x padded small
  FloatBuffer scatter_;  // kernel rows x small x padded reach
  FloatBuffer bias_;     // for every column: out columns x out
  const ProductKernels& products_ = kernels().products;
  const RowKernels& rows_of_ = kernels().rows;
};

}  // namespace

std::unique_ptr<Conv> make_direct_conv(const ConvShape& shape) {
  return std::make_unique<DirectConv>(shape);
}

}  // namespace sketchvae
