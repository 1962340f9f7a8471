// Gather and normalise: the drawings of a step, by index out of all drawings on the device, from
// bytes to numbers in [0, 1]. The CPU's twin is BatchSource::read and Network's own division.
// Tests: tests/cpp/test_cuda_kernels.cpp.
#pragma once

#include <cstdint>

#include "device_body.h"

namespace sketchvae {

// Row i of `out` is drawing order[*step * batch_size + i], or drawing i when there is no order. All
// pointers on one device.
struct GatherJob {
  const uint8_t* bytes = nullptr;  // every drawing, `pixels` bytes each
  const int64_t* order = nullptr;
  const int64_t* step = nullptr;   // one number: the step of the epoch, from 0
  int64_t batch_size = 0;          // drawings of a full step
  int64_t batch = 0;               // of this one: fewer in an epoch's last
  int64_t pixels = 0;
  double threshold = -1;           // from 0: 1 above it, else 0, as binarized models have it
  bool is_double = false;
  void* out = nullptr;             // batch x pixels, float or double
};

// Where row `row` begins among the bytes.
SKETCHVAE_BODY const uint8_t* gathered_row(const GatherJob& job, int64_t row) {
  return job.bytes + (job.order ? job.order[*job.step * job.batch_size + row] : row) * job.pixels;
}

// One entry of `out`.
template <typename T>
SKETCHVAE_BODY T gathered_entry(const GatherJob& job, uint8_t byte) {
  const T x = static_cast<T>(byte) / T{255};
  return job.threshold < 0 ? x : x > static_cast<T>(job.threshold) ? T{1} : T{0};
}

// On the CPU, at once.
void gather_on_host(const GatherJob& job);
// Enqueues on a cudaStream_t. Throws Error when the launch fails or without CUDA.
void gather_on_device(const GatherJob& job, void* stream);

}  // namespace sketchvae
