// The optimizers, as Keras has them, and the sweep that applies one to every parameter after
// backward. A rule is one functor in ops/sweep_kernel.h. Tests: tests/cpp/test_optimizer.cpp.
#pragma once

#include <cstdint>
#include <vector>

#include "params/arena.h"

namespace sketchvae {

class Json;

enum class Rule { sgd, rmsprop, adam };

struct OptimizerSpec {
  Rule rule = Rule::rmsprop;
  double learning_rate = 1e-3;
  double rho = 0.9;             // rmsprop
  double momentum = 0;          // rmsprop, sgd
  bool nesterov = false;        // sgd
  double beta_1 = 0.9, beta_2 = 0.999;  // adam
  double epsilon = 1e-7;        // rmsprop, adam
  bool epsilon_inside = true;   // rmsprop: inside the root (Keras since 2.11) or outside it
  double weight_decay = 0;      // adam: decoupled, as AdamW
  double clipnorm = 0;          // global norm of all gradients; 0 is off
  double clipvalue = 0;         // every entry; 0 is off
};

// Reads and checks the wire form {kind: "rmsprop", learning_rate: ...}.
OptimizerSpec read_optimizer(const Json& optimizer);

// State tensors per parameter that the rule needs: 0, 1 or 2.
int slots_of(const OptimizerSpec& spec);

// The gradient of one in x out parameter (a vector is 1 x n): dense, or factored as a'b with a
// (rows x in) and b (rows x out), never materialised. Both null: the parameter is left alone.
struct Gradient {
  const void* dense = nullptr;
  const void* a = nullptr;
  const void* b = nullptr;
  int64_t rows = 0;
};

// The learning rate of a step with Adam's correction of its averages' start; steps count from 1.
double corrected_rate(const OptimizerSpec& spec, double learning_rate, int64_t step);

// Gives a sweep's job (ops/sweep.h, cuda/sweep.h) the rule and its numbers.
template <typename Job>
void set_rule(Job& job, const OptimizerSpec& spec) {
  job.rule = static_cast<int>(spec.rule);
  job.rho = spec.rho;
  job.momentum = spec.momentum;
  job.nesterov = spec.nesterov;
  job.beta_1 = spec.beta_1;
  job.beta_2 = spec.beta_2;
  job.epsilon = spec.epsilon;
  job.epsilon_inside = spec.epsilon_inside;
  job.clipvalue = spec.clipvalue;
}

// Moves every parameter of the arena by one step. `step` counts from 1 (Adam's correction).
// l2[i] adds 2 * l2[i] * w to parameter i's gradient. Returns the global norm of the gradients
// when clipnorm needs it, else 0. Deterministic for a given number of threads.
double optimizer_step(const OptimizerSpec& spec, Arena& arena, const std::vector<Gradient>& gradients,
                      const std::vector<double>& l2, double learning_rate, int64_t step,
                      int threads);

}  // namespace sketchvae
