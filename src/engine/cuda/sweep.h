// The optimizers on the device: one launch moves up to kSweepTasks parameters. The rules are those
// of ops/sweep_kernel.h, its twin on the CPU. Tests: tests/cpp/test_cuda_kernels.cpp.
#pragma once

#include <cmath>
#include <cstdint>

#include "cuda/body.h"
#include "cuda/step_row.h"

namespace sketchvae {

// One parameter: values, state (null where the rule has none), dense gradient.
struct SweepTask {
  void* w = nullptr;
  void* s = nullptr;
  void* m = nullptr;
  const void* g = nullptr;
  int64_t n = 0;
  double l2 = 0;  // already doubled
};

constexpr int kSweepTasks = 64;

// Goes to the kernel by value, so that a captured graph owns it: it must stay below 4 KB.
struct MultiSweep {
  int rule = 0;  // static_cast<int>(Rule)
  bool is_double = false, nesterov = false, epsilon_inside = true;
  double rho = 0, momentum = 0, epsilon = 0, beta_1 = 0, beta_2 = 0, clipvalue = 0;
  const StepRow* rows = nullptr;   // on the device, as ...
  const int64_t* step = nullptr;   // ... the number of the row
  const double* factor = nullptr;  // on the device: clipping by norm; null is 1
  int tasks = 0;
  SweepTask task[kSweepTasks];
};
static_assert(sizeof(MultiSweep) < 4096);

// Moves one entry w with state s, m by gradient g: the kernel's arithmetic. s and m are left alone
// where the task has none.
template <typename T>
SKETCHVAE_BODY void sweep_move(const MultiSweep& job, const SweepTask& task, const StepRow& row,
                               T factor, T g, T& w, T& s, T& m) {
  const T lr = static_cast<T>(row.learning_rate), momentum = static_cast<T>(job.momentum);
  if (task.l2 != 0) g += static_cast<T>(task.l2) * w;
  g *= factor;
  if (job.clipvalue > 0) {
    const T limit = static_cast<T>(job.clipvalue);
    g = g > limit ? limit : (g < -limit ? -limit : g);
  }
  if (job.rule == 0) {  // Rule::sgd
    if (task.s == nullptr) {
      w -= lr * g;
    } else {
      s = momentum * s - lr * g;
      w += job.nesterov ? momentum * s - lr * g : s;
    }
  } else if (job.rule == 1) {  // Rule::rmsprop
    const T epsilon = static_cast<T>(job.epsilon);
    s = static_cast<T>(job.rho) * s + static_cast<T>(1 - job.rho) * g * g;
    const T root = job.epsilon_inside ? sqrt(s + epsilon) : sqrt(s) + epsilon;
    const T move = lr * g / root;
    if (task.m == nullptr) {
      w -= move;
    } else {
      m = momentum * m + move;
      w -= m;
    }
  } else {  // Rule::adam
    s += (g - s) * static_cast<T>(1 - job.beta_1);
    m += (g * g - m) * static_cast<T>(1 - job.beta_2);
    w -= static_cast<T>(row.decay) * w + lr * s / (sqrt(m) + static_cast<T>(job.epsilon));
  }
}

void sweep_on_host(const MultiSweep& job);
// Enqueues on a cudaStream_t. Throws Error when the launch fails or without CUDA.
void sweep_on_device(const MultiSweep& job, void* stream);

}  // namespace sketchvae
