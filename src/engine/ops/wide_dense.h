// Products with a wide kernel (the sheep's are 62,720 x 100) and the few rows of a batch: read at the
// memory's speed, on several threads, float32. Their LibTorch twins are addmm in layers/dense.cpp and
// mm in net/gradients.cpp; the kernel's own gradient stays factored (ops/optimizer.h).
// Tests: tests/cpp/test_wide_dense.cpp.
#pragma once

#include <cstdint>

namespace sketchvae {

// y (batch x out) = x (batch x in) * w (in x out) + bias, through ReLU if asked.
void wide_forward(const float* x, const float* w, const float* bias, bool relu, int64_t batch,
                  int64_t in, int64_t out, float* y, int threads);

// out = 0 where y <= 0, else g (so where y is NaN): n floats, out may be g.
void wide_cut(const float* g, const float* y, int64_t n, float* out, int threads);

// grad_x (batch x in) = grad_y (batch x out) * w'.
void wide_backward(const float* grad_y, const float* w, int64_t batch, int64_t in, int64_t out,
                   float* grad_x, int threads);

}  // namespace sketchvae
