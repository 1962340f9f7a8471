// Where a network computes, and a queue of work on that device: on a GPU a CUDA stream of our own,
// work captured as a CUDA graph, and marks to wait for; on the CPU the same calls do things at
// once, so that code written against a queue runs, and is tested, without a GPU.
// Tests: tests/cpp/test_step.cpp.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "net/runtime.h"

namespace sketchvae {

enum class Device { cpu, cuda };

// What convolutions and products of matrices are computed in on a GPU; parameters, state and sums
// are float32 throughout. The CPU always computes in the arena's own type.
enum class Precision { float32, tf32, bf16 };

Device read_device(const std::string& name);        // "cpu" or "cuda"; throws Error
Precision read_precision(const std::string& name);  // "float32", "float64" too: the arena's type

// Throws Error with the reason when `device` cannot be used.
void require_device(Device device);

// gpu_status() as the CUDA runtime has it: the first device's name, or why there is none. May throw.
GpuStatus device_status();

// The cudaStream_t that LibTorch enqueues on in this thread; null on the CPU.
void* current_stream(Device device);

// Bytes of memory that are free on the device, what LibTorch holds and does not use included.
int64_t free_memory(Device device);
// Gives back what LibTorch holds and does not use.
void empty_cache(Device device);

class DeviceQueue {
 public:
  explicit DeviceQueue(Device device);
  ~DeviceQueue();
  DeviceQueue(const DeviceQueue&) = delete;
  DeviceQueue& operator=(const DeviceQueue&) = delete;

  // Calls work(); what it enqueues goes to this queue. Queues share one stream: what one of them
  // has enqueued is done before what another enqueues later.
  void run(const std::function<void()>& work);
  // Records what work() enqueues without doing it. Returns false, and why, when that cannot be.
  bool capture(const std::function<void()>& work, std::string* why);
  // Enqueues what was captured.
  void replay();
  // Marks this place of the queue; at most two marks are remembered.
  void mark();
  // Waits until the mark before the latest one (`behind` 1), or the latest (0), is passed.
  void wait(int behind);
  // Waits until the queue is empty.
  void finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sketchvae
