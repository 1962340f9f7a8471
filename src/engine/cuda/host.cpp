// The bodies of the kernels as loops on the CPU: what the tests hold against the engine's own code,
// and what a step that is written for a device runs on when there is none.
#include "cuda/draw.h"
#include "cuda/gather.h"

namespace sketchvae {
namespace {

template <typename T>
void gather_all(const GatherJob& given) {
  const GatherJob job = given;  // nothing that is written can be a part of it
  T* out = static_cast<T*>(job.out);
  for (int64_t row = 0; row < job.batch; ++row, out += job.pixels) {
    const uint8_t* bytes = gathered_row(job, row);
    for (int64_t i = 0; i < job.pixels; ++i) out[i] = gathered_entry<T>(job, bytes[i]);
  }
}

}  // namespace

void gather_on_host(const GatherJob& job) {
  job.is_double ? gather_all<double>(job) : gather_all<float>(job);
}

void draw_on_host(const DrawJob& job) {
  for (int k = 0; k < job.tasks; ++k) {
    for (int64_t block = 0; block < blocks_of(job.task[k]); ++block) {
      draw_block(job, job.task[k], block);
    }
  }
}

}  // namespace sketchvae
