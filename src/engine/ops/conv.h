// Convolutions and transposed convolutions of one drawing at a time, forward and backward, bias and
// ReLU fused: float32, drawings NHWC. Stride 1 with a kernel of 3 x 3 or 4 x 4 goes by Winograd
// (conv_winograd.cpp), all else directly (conv_direct.cpp). ops/conv_chain.h runs them over a batch.
// Their LibTorch twin is in layers/. Tests: tests/cpp/test_conv.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "buffer.h"

namespace sketchvae {

struct ConvShape {
  int64_t rows = 0, columns = 0, in = 0;           // of x
  int64_t out_rows = 0, out_columns = 0, out = 0;  // of y
  int64_t kernel_rows = 0, kernel_columns = 0;
  int64_t stride_rows = 1, stride_columns = 1;
  // Zeros before the first row and column of x; transposed: what is cut before the first of y.
  int64_t before_rows = 0, before_columns = 0;
  // Kernels are stored (h, w, in, out), those of a transposed convolution (h, w, out, in).
  bool transposed = false;

  int64_t x_size() const { return rows * columns * in; }
  int64_t y_size() const { return out_rows * out_columns * out; }
  int64_t kernel_size() const { return kernel_rows * kernel_columns * in * out; }
};

// One thread's buffers, for whatever convolution it is at; they grow and stay.
class ConvScratch {
 public:
  // Buffer `which` (0 to 3) with room for n floats, whatever they hold.
  float* at(size_t which, int64_t n) { return buffers_[which].at_least(n); }

 private:
  FloatBuffer buffers_[4];
};

// One thread's share of a convolution's gradients, in the convolution's own form.
struct ConvSums {
  FloatBuffer kernel, bias;
  bool empty = true;  // of kernel, where clear() left what was there
};

enum class ConvWay { none, direct, winograd };

// How a convolution is done; none where neither kind of kernel covers it, or would be slower.
ConvWay conv_way(const ConvShape& shape);

class Conv {
 public:
  // By conv_way(); null for none.
  static std::unique_ptr<Conv> make(const ConvShape& shape);
  virtual ~Conv() = default;

  // Before a batch: thread t of so many brings its part of the kernel into the form of forward(), or
  // of backward(). All of them must be done before any goes on.
  virtual void prepare(const float* kernel, const float* bias, bool backward, int t, int threads) = 0;

  // y = x * kernel + bias, through ReLU if asked.
  virtual void forward(const float* x, bool relu, float* y, ConvScratch& scratch) const = 0;

  // From the gradient of y, already cut by ReLU, those of x (unless null) and of kernel and bias,
  // added to sums, which clear() prepared.
  virtual void backward(const float* x, const float* grad_y, float* grad_x, ConvSums& sums,
                        ConvScratch& scratch) const = 0;
  virtual void clear(ConvSums& sums) const = 0;

  // After a batch: thread t of so many writes its part of the kernel's gradient, the sum over all
  // shares in their order, in the kernel's own layout; thread 0 the bias's.
  virtual void collect(const std::vector<ConvSums*>& shares, float* grad_kernel, float* grad_bias,
                       int t, int threads) const = 0;

  const ConvShape& shape() const { return shape_; }

 protected:
  explicit Conv(const ConvShape& shape) : shape_(shape) {}
  ConvShape shape_;
};

// Sums of the shares' biases (columns x out), in their order.
void collect_bias(const std::vector<ConvSums*>& shares, int64_t columns, int64_t out,
                  float* grad_bias);

std::unique_ptr<Conv> make_winograd_conv(const ConvShape& shape);
std::unique_ptr<Conv> make_direct_conv(const ConvShape& shape);

}  // namespace sketchvae
