// Encoding, decoding and scoring of any number of drawings in inference mode, in batches chosen for
// the cache. Results don't depend on the batch a drawing falls into beyond rounding.
// Tests: tests/cpp/test_trainer.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "host.h"
#include "net/network.h"
#include "params/arena.h"
#include "data/batches.h"

namespace sketchvae {

// What a model makes of n drawings, by Monte Carlo with samples from each drawing's own q(z|x).
struct Evaluation {
  std::vector<double> elbo;            // n: mean log p(x|z) minus the KL divergence of q from the prior
  std::vector<double> log_likelihood;  // n: importance-weighted, log mean p(x|z) p(z) / q(z|x)
  std::vector<double> kl;              // n x latent_dim, column-major: the divergence by dimension
};

// A model ready to be asked. Each call polls the host between batches and throws Interrupted.
class Scorer {
 public:
  Scorer(const ModelSpec& model, std::span<const std::byte> weights, const NetworkOptions& options);

  const ModelPlan& plan() const { return plan_; }
  // Threads of every later call.
  void set_threads(int threads) { network_.set_threads(threads); }

  // n x latent_dim, column-major as R has it; either may be null.
  void encode(const BatchSource& x, double* mean, double* log_var, Host& host);
  // z: n x latent_dim column-major; out: n x size, row by row of drawings.
  void decode(const double* z, int64_t n, double* out, Host& host);
  // Sums of squared errors, mean code: n values.
  void score(const BatchSource& x, double* errors, Host& host);
  // `samples` (1 or more) codes a drawing; which depends on seed and the drawing's position alone.
  Evaluation evaluate(const BatchSource& x, int64_t samples, uint64_t seed, Host& host);

 private:
  ModelPlan plan_;
  Arena arena_;
  Network network_;
  int64_t batch_;
};

// z = mean + sd * noise of the model's noise form, in place of mean. Column-major n x d.
void sample_codes(Noise noise, uint64_t seed, int64_t n, int64_t d, double* mean,
                  const double* log_var);

}  // namespace sketchvae
