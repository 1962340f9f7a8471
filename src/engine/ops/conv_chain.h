// Convolutions one after another over a batch, drawing by drawing: what lies between them stays in a
// core's cache. Threads share out the drawings; gradients are summed in the threads' order, so that
// the same number of threads gives the same result. Tests: tests/cpp/test_conv.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "ops/conv.h"

namespace sketchvae {

class ConvChain {
 public:
  struct Link {
    std::unique_ptr<Conv> conv;
    bool relu = false;
  };
  struct Weights {
    const float *kernel, *bias;
  };
  struct Gradients {
    float *kernel, *bias;
  };

  // Each link takes what the one before gives. `scratch`, one for each thread, may be shared with
  // other chains that do not run at the same time, and must outlive this one.
  ConvChain(std::vector<Link> links, std::vector<ConvScratch>& scratch);

  // The last link's output, batch x its size; it stays until the next call. With keep, the others'
  // too, for backward(). Buffers are allocated by the first call of such a size.
  float* forward(const float* x, const std::vector<Weights>& weights, int64_t batch, bool keep);

  // After forward(keep) of the same x and weights. The gradient of x (batch x its size; null unless
  // wanted) stays until the next call.
  float* backward(const float* x, const std::vector<Weights>& weights, const float* grad_y,
                  int64_t batch, bool want_x, const std::vector<Gradients>& gradients);

  const ConvShape& first() const { return links_.front().conv->shape(); }
  const ConvShape& last() const { return links_.back().conv->shape(); }

 private:
  int threads() const { return static_cast<int>(scratch_.size()); }
  void prepare(const std::vector<Weights>& weights, bool backward);

  std::vector<Link> links_;
  std::vector<ConvScratch>& scratch_;
  std::vector<FloatBuffer> outputs_;           // of each link
  FloatBuffer grad_x_;
  std::vector<std::vector<ConvSums>> sums_;     // threads x links
  std::vector<FloatBuffer> between_[3];         // a thread's: what one link hands to the next
  int64_t widest_ = 0;
};

}  // namespace sketchvae
