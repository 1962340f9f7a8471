// The terms of the loss, and the code that noise makes of the two heads, as LibTorch expressions.
// Tests: tests/cpp/test_golden.cpp.
#pragma once

#include <cstdint>

#include "spec/spec.h"

namespace at {
class Tensor;
}

namespace sketchvae {

class Batch;

// Mean over a batch's drawings of the reconstruction error of y; y is logits for bernoulli. Where x is
// some of the batch's, their part of it.
at::Tensor reconstruction_loss(const LossSpec& loss, const at::Tensor& x, const at::Tensor& y,
                               const Batch& batch);

// log p(x|z) of each drawing x whose code's output is y: the density that the reconstruction error
// stands for, its constant included, summed over the pixels. For squared errors a normal
// distribution of variance 1 / (2 scale) around y; else each pixel is ink with probability y.
at::Tensor log_likelihood(const LossSpec& loss, const at::Tensor& x, const at::Tensor& y);

// Mean over a batch's drawings of the KL divergence, its scale included, of mean and second head s; in
// parts too.
at::Tensor divergence(const LossSpec& loss, const at::Tensor& mean, const at::Tensor& s,
                      const Batch& batch);

// z = mean + e^s * noise, or e^(s/2).
at::Tensor sample_code(Noise form, const at::Tensor& mean, const at::Tensor& s,
                       const at::Tensor& noise);

}  // namespace sketchvae
