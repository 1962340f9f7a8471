// The bodies of the kernels as loops on the CPU: what the tests hold against the engine's own code,
// and what a step that is written for a device runs on when there is none.
#include "cuda/draw.h"
#include "cuda/gather.h"
#include "cuda/sweep.h"

namespace sketchvae {
namespace {

template <typename T>
void gather_all(const GatherJob& job) {
  for (int64_t i = 0; i < job.batch * job.pixels; ++i) gather_entry<T>(job, i);
}

template <typename T>
void sweep_all(const MultiSweep& job) {
  const T factor = static_cast<T>(job.factor ? *job.factor : 1);
  for (int k = 0; k < job.tasks; ++k) {
    const SweepTask& task = job.task[k];
    T* const w = static_cast<T*>(task.w);
    T* const s = static_cast<T*>(task.s);
    T* const m = static_cast<T*>(task.m);
    for (int64_t i = 0; i < task.n; ++i) {
      T none = 0;
      sweep_move<T>(job, task, job.rows[*job.step], factor, static_cast<const T*>(task.g)[i], w[i],
                    s ? s[i] : none, m ? m[i] : none);
    }
  }
}

}  // namespace

void gather_on_host(const GatherJob& job) {
  job.is_double ? gather_all<double>(job) : gather_all<float>(job);
}

void draw_on_host(const DrawJob& job) {
  for (int k = 0; k < job.tasks; ++k) {
    for (int64_t block = 0; 4 * block < job.task[k].n; ++block) {
      draw_block(job, job.task[k], block);
    }
  }
}

void sweep_on_host(const MultiSweep& job) {
  job.is_double ? sweep_all<double>(job) : sweep_all<float>(job);
}

}  // namespace sketchvae
