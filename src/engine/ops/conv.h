// Stride-1 convolutions with zero padding by Winograd, forward and backward, bias and ReLU fused:
// float32, drawings NHWC, several threads over the drawings of a batch. A transposed convolution of
// stride 1 is a convolution with the kernel turned and its channels exchanged.
// Its LibTorch twin is in net/layers.cpp. Tests: tests/cpp/test_conv.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace sketchvae {

struct ConvShape {
  int64_t rows = 0, columns = 0;    // of input and output alike
  int64_t in = 0, out = 0;          // channels
  int64_t kernel = 4;               // 3 or 4, square
  int64_t before_rows = 0, before_columns = 0;  // zeros before the first row and column
  bool transposed = false;          // kernel stored (h, w, out, in) and turned, else (h, w, in, out)
};

class Conv {
 public:
  // Buffers for all threads, allocated once.
  Conv(const ConvShape& shape, int threads);
  ~Conv();
  Conv(const Conv&) = delete;
  Conv& operator=(const Conv&) = delete;

  // Whether these kernels cover such a convolution at all.
  static bool covers(const ConvShape& shape);

  // y = x * kernel + bias, through ReLU if asked. x: batch x rows x columns x in.
  void forward(const float* x, const float* kernel, const float* bias, bool relu, int64_t batch,
               float* y);

  // Gradients from that of y; with relu, y tells where it was cut. grad_x may be null.
  // The kernel's and bias's gradients are sums over the batch, in the layouts of forward().
  void backward(const float* x, const float* y, const float* grad_y, const float* kernel, bool relu,
                int64_t batch, float* grad_x, float* grad_kernel, float* grad_bias);

  void set_threads(int threads);

 private:
  struct Work;
  std::unique_ptr<Work> work_;
};

}  // namespace sketchvae
