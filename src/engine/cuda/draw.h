// The random numbers of a step on the device: noise and dropout masks, the integers of
// random/philox.h exactly and its floats up to the rounding of log, sin and cos. The CPU's twin is
// random/draws.h. Tests: tests/cpp/test_cuda_kernels.cpp.
#pragma once

#include <cstdint>

#include "device_body.h"
#include "cuda/step_row.h"
#include "random/philox_core.h"

namespace sketchvae {

// One array of numbers.
struct DrawTask {
  float* out = nullptr;
  int64_t n = 0;
  int64_t first = 0;  // which number of its stream is the first
  double rate = -1;  // from 0: ones, 0 instead with this probability; below: standard normals
  uint32_t stream = 0, lane = 0;
};

constexpr int kDrawTasks = 32;

// Goes to the kernel by value, so that a captured graph owns it: it must stay below 4 KB.
struct DrawJob {
  uint64_t seed = 0;
  const StepRow* rows = nullptr;  // on the device, as ...
  const int64_t* step = nullptr;  // ... the number of the row
  int tasks = 0;
  DrawTask task[kDrawTasks];
};
static_assert(sizeof(DrawJob) < 4096);

// Blocks of four numbers that a task has some of, and where in its first one it begins.
SKETCHVAE_BODY int64_t blocks_of(const DrawTask& task) { return (task.first % 4 + task.n + 3) / 4; }

// Block `block` of a task: the kernel's body.
SKETCHVAE_BODY void draw_block(const DrawJob& job, const DrawTask& task, int64_t block) {
  const StepRow& row = job.rows[*job.step];
  const PhiloxWords four = philox_block(job.seed, row.epoch, row.step, task.stream, task.lane,
                                        static_cast<uint64_t>(task.first / 4 + block));
  float value[4];
  if (task.rate >= 0) {
    for (int k = 0; k < 4; ++k) value[k] = philox_uniform(four.w[k]) < task.rate ? 0.0f : 1.0f;
  } else {
    philox_normals(four.w[0], four.w[1], value, value + 1);
    philox_normals(four.w[2], four.w[3], value + 2, value + 3);
  }
  for (int k = 0; k < 4; ++k) {
    const int64_t i = 4 * block + k - task.first % 4;
    if (i >= 0 && i < task.n) task.out[i] = value[k];
  }
}

void draw_on_host(const DrawJob& job);
// Enqueues on a cudaStream_t. Throws Error when the launch fails or without CUDA.
void draw_on_device(const DrawJob& job, void* stream);

}  // namespace sketchvae
