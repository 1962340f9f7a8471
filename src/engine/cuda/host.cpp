// The bodies of the kernels as loops on the CPU: what the tests hold against the engine's own code,
// and what a step that is written for a device runs on when there is none.
#include "cuda/draw.h"
#include "cuda/gather.h"

namespace sketchvae {
namespace {

template <typename T>
void gather_all(const GatherJob& job) {
  for (int64_t i = 0; i < job.batch * job.pixels; ++i) gather_entry<T>(job, i);
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

}  // namespace sketchvae
