#include "cuda/gather.h"

#include "cuda/launch.h"

namespace sketchvae {
namespace {

template <typename T>
__global__ void __launch_bounds__(kThreads) gather_kernel(const GatherJob job) {
  const int64_t n = job.batch * job.pixels;
  for (int64_t i = blockIdx.x * int64_t{kThreads} + threadIdx.x; i < n;
       i += int64_t{gridDim.x} * kThreads) {
    const int64_t row = i / job.pixels;
    static_cast<T*>(job.out)[i] = gathered_entry<T>(job, gathered_row(job, row)[i - row * job.pixels]);
  }
}

}  // namespace

void gather_on_device(const GatherJob& job, void* stream) {
  const int64_t n = job.batch * job.pixels;
  if (n == 0) return;
  const auto grid = static_cast<unsigned>(std::min<int64_t>(blocks_for(n), 4096));
  const auto on = static_cast<cudaStream_t>(stream);
  if (job.is_double) {
    gather_kernel<double><<<grid, kThreads, 0, on>>>(job);
  } else {
    gather_kernel<float><<<grid, kThreads, 0, on>>>(job);
  }
  check_launch("gather");
}

}  // namespace sketchvae
