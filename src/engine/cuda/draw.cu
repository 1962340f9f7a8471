#include "cuda/draw.h"

#include "cuda/launch.h"

namespace sketchvae {
namespace {

// A row of blocks a task.
__global__ void __launch_bounds__(kThreads) draw_kernel(const __grid_constant__ DrawJob job) {
  const DrawTask& task = job.task[blockIdx.y];
  for (int64_t block = blockIdx.x * int64_t{kThreads} + threadIdx.x; block < blocks_of(task);
       block += int64_t{gridDim.x} * kThreads) {
    draw_block(job, task, block);
  }
}

}  // namespace

void draw_on_device(const DrawJob& job, void* stream) {
  int64_t most = 0;
  for (int k = 0; k < job.tasks; ++k) most = std::max(most, blocks_of(job.task[k]));
  if (most == 0) return;
  const dim3 grid(static_cast<unsigned>(std::min<int64_t>(blocks_for(most), 1024)),
                  static_cast<unsigned>(job.tasks));
  draw_kernel<<<grid, kThreads, 0, static_cast<cudaStream_t>(stream)>>>(job);
  check_launch("draw");
}

}  // namespace sketchvae
