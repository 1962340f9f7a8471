// A block takes kPerBlock neighbouring entries of one task; which, it finds in the running number
// of blocks before each task. Every entry is read and written once: the sweep moves bytes, five
// arrays of them for RMSprop, and a thread loads kPerThread entries before it works on the first.
#include "cuda/launch.h"
#include "ops/rules.h"

namespace sketchvae {
namespace {

constexpr int kPerThread = 4;
constexpr int64_t kPerBlock = int64_t{kThreads} * kPerThread;

struct Blocks {
  int32_t before[kSweepTasks + 1];
};

template <typename T, typename R>
__global__ void __launch_bounds__(kThreads)
    sweep_kernel(const __grid_constant__ SweepJob job, const __grid_constant__ Blocks blocks) {
  const auto block = static_cast<int32_t>(blockIdx.x);
  int k = 0;
  while (block >= blocks.before[k + 1]) ++k;
  const SweepTask& task = job.task[k];
  const StepRow row = job.rows[*job.step];
  const Coefficients<T> c(job.optimizer, row.learning_rate, row.decay, job.factor ? *job.factor : 1,
                          task.l2);
  const int64_t n = task.in * task.out;
  const int64_t first = (block - blocks.before[k]) * kPerBlock + threadIdx.x;
  T w[kPerThread], s[kPerThread] = {}, m[kPerThread] = {}, g[kPerThread];
#pragma unroll
  for (int j = 0; j < kPerThread; ++j) {
    const int64_t i = first + int64_t{j} * kThreads;
    if (i >= n) continue;
    w[j] = static_cast<const T*>(task.w)[i];
    g[j] = static_cast<const T*>(task.g.dense)[i];
    if constexpr (R::slots > 0) s[j] = static_cast<const T*>(task.s)[i];
    if constexpr (R::slots > 1) m[j] = static_cast<const T*>(task.m)[i];
  }
#pragma unroll
  for (int j = 0; j < kPerThread; ++j) {
    const int64_t i = first + int64_t{j} * kThreads;
    if (i >= n) continue;
    apply_rule<R>(c, g[j], w[j], s[j], m[j], RootOfNumber());
    static_cast<T*>(task.w)[i] = w[j];
    if constexpr (R::slots > 0) static_cast<T*>(task.s)[i] = s[j];
    if constexpr (R::slots > 1) static_cast<T*>(task.m)[i] = m[j];
  }
}

}  // namespace

void sweep_on_device(const SweepJob& job, void* stream) {
  Blocks blocks{};
  for (int k = 0; k < job.tasks; ++k) {
    const int64_t here = (job.task[k].in * job.task[k].out + kPerBlock - 1) / kPerBlock;
    blocks.before[k + 1] = static_cast<int32_t>(blocks.before[k] + here);
  }
  const auto grid = static_cast<unsigned>(blocks.before[job.tasks]);
  if (grid == 0) return;
  const auto on = static_cast<cudaStream_t>(stream);
  with_rule(job.optimizer, [&](auto rule) {
    if (job.is_double) {
      sweep_kernel<double, decltype(rule)><<<grid, kThreads, 0, on>>>(job, blocks);
    } else {
      sweep_kernel<float, decltype(rule)><<<grid, kThreads, 0, on>>>(job, blocks);
    }
  });
  check_launch("optimizer");
}

}  // namespace sketchvae
