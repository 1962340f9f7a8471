// Gather and normalise: the drawings of a step, by index out of all drawings on the device, from
// bytes to numbers in [0, 1]. The CPU's twin is BatchSource::read and Network's own division.
// Tests: tests/cpp/test_cuda_kernels.cpp.
#pragma once

#include <cstdint>

#include "device_body.h"

namespace sketchvae {

// Row i of `out` is drawing order[*step * batch_size + i]. All pointers on one device.
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

// Entry i of `out`: the kernel's body.
template <typename T>
SKETCHVAE_BODY void gather_entry(const GatherJob& job, int64_t i) {
  const int64_t row = i / job.pixels, column = i - row * job.pixels;
  const int64_t drawing = job.order[*job.step * job.batch_size + row];
  T x = static_cast<T>(job.bytes[drawing * job.pixels + column]) / T{255};
  if (job.threshold >= 0) x = x > static_cast<T>(job.threshold) ? T{1} : T{0};
  static_cast<T*>(job.out)[i] = x;
}

// On the CPU, at once.
void gather_on_host(const GatherJob& job);
// Enqueues on a cudaStream_t. Throws Error when the launch fails or without CUDA.
void gather_on_device(const GatherJob& job, void* stream);

}  // namespace sketchvae
