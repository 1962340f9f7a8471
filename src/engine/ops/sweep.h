// An optimizer's step on all parameters after backward: a job for the CPU (ops/sweep.cpp, over the
// kernels of ops/sweep_kernel.h) or for a GPU (cuda/sweep.cu). The update strictly follows backward:
// a model is never half-updated. Tests: tests/cpp/test_optimizer.cpp, tests/cpp/test_cuda_kernels.cpp.
#pragma once

#include <cstdint>
#include <vector>

#include "cuda/step_row.h"

namespace sketchvae {

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

// The gradient of one in x out parameter (a vector is 1 x n): dense, or factored as a'b with a
// (rows x in) and b (rows x out), never materialised; a GPU takes dense ones only.
struct Gradient {
  const void* dense = nullptr;
  const void* a = nullptr;
  const void* b = nullptr;
  int64_t rows = 0;
};

// One parameter: values, state (null where the rule has none), gradient.
struct SweepTask {
  void* w = nullptr;
  void* s = nullptr;
  void* m = nullptr;
  Gradient g;
  int64_t in = 1, out = 0;
  double l2 = 0;  // already doubled: l2 * w is added to the gradient
};

constexpr int kSweepTasks = 44;

// Goes to a GPU's kernel by value, so that a captured graph owns it: with a number for each task it
// must stay below 4 KB.
struct SweepJob {
  OptimizerSpec optimizer;
  bool is_double = false;
  int tasks = 0;
  const StepRow* rows = nullptr;   // where the parameters are, as ...
  const int64_t* step = nullptr;   // ... the number of the row, and ...
  const double* factor = nullptr;  // ... clipping by norm; null is 1
  SweepTask task[kSweepTasks];
};
static_assert(sizeof(SweepJob) + (kSweepTasks + 1) * sizeof(int32_t) < 4096);

// The result is the same for any number of threads.
void sweep_on_host(const SweepJob& job, int threads);
// Enqueues on a cudaStream_t. Throws Error when the launch fails or without CUDA.
void sweep_on_device(const SweepJob& job, void* stream);

// Sum of squares of all gradients, their l2 terms included, on the CPU.
double sum_of_squares(const std::vector<SweepTask>& tasks, bool is_double);

// What gradients of such a global norm are multiplied by. Where it is not finite nothing is known of
// them: NaN, as in Keras.
double clip_factor(double clipnorm, double norm);

// Columns [c0, c1) of rows [i0, i1) of one parameter.
using SweepFn = void (*)(const SweepJob& job, const SweepTask& task, int64_t i0, int64_t i1,
                         int64_t c0, int64_t c1);

}  // namespace sketchvae
