#include "net/device.h"

#include <exception>
#include <optional>

#include "config.h"
#include "error.h"
#include "net/runtime.h"
#include "net/torch_error.h"

#if SKETCHVAE_CUDA
#include <ATen/core/CachingHostAllocator.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <cuda_runtime_api.h>
#endif

namespace sketchvae {

Device read_device(const std::string& name) {
  if (name == "cpu") return Device::cpu;
  if (name == "cuda") return Device::cuda;
  throw Error("'" + name + "' is not a device; there are cpu and cuda");
}

Precision read_precision(const std::string& name) {
  if (name == "float32" || name == "float64") return Precision::float32;
  if (name == "tf32") return Precision::tf32;
  if (name == "bf16") return Precision::bf16;
  throw Error("'" + name + "' is not a precision; there are float32, float64, tf32, bf16");
}

void require_device(Device device) {
  if (device == Device::cpu) return;
  const GpuStatus status = gpu_status();
  if (!status.available) throw Error("no GPU can be used: " + status.reason);
}

#if SKETCHVAE_CUDA

namespace {

void check(cudaError_t code, const char* what) {
  if (code != cudaSuccess) {
    throw Error(std::string("CUDA: ") + what + ": " + cudaGetErrorString(code));
  }
}

// One stream for all queues of this process: LibTorch keeps a workspace of tens of megabytes for
// every stream that a product of matrices was ever enqueued on.
c10::cuda::CUDAStream our_stream() {
  static const c10::cuda::CUDAStream stream = c10::cuda::getStreamFromPool();
  return stream;
}

// Calls a step of tidying up after an error: what it says itself is of no use.
template <typename Step>
bool quietly(Step step) {
  try {
    step();
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

// A capture that failed leaves its stream recording, and LibTorch's two allocators giving memory of
// the graph's own pool: everything that follows would be refused. CUDAGraph::capture_end() stops at
// the first error it meets, so that each is ended here, if it still is open.
void abandon(at::cuda::CUDAGraph& graph, c10::MempoolId_t pool) {
  const auto device = c10::cuda::current_device();
  quietly([&] { graph.capture_end(); });
  cudaGetLastError();
  if (quietly([&] { c10::cuda::CUDACachingAllocator::endAllocateToPool(device, pool); })) {
    quietly([&] { c10::cuda::CUDACachingAllocator::releasePool(device, pool); });
  }
  auto* host = at::getHostAllocator(at::kCUDA);
  if (quietly([&] { host->end_allocate_to_pool(pool); })) {
    quietly([&] { host->release_pool(pool); });
  }
  cudaGetLastError();
}

}  // namespace

void* current_stream(Device device) {
  return device == Device::cpu ? nullptr : c10::cuda::getCurrentCUDAStream().stream();
}

GpuStatus device_status() {
  int count = 0;
  const cudaError_t code = cudaGetDeviceCount(&count);
  if (code != cudaSuccess) {
    cudaGetLastError();
    int driver = 0;
    const bool none = cudaDriverGetVersion(&driver) == cudaSuccess && driver == 0;
    return {false, none ? "no NVIDIA driver" : cudaGetErrorString(code)};
  }
  if (count < 1) return {false, "no NVIDIA device"};
  cudaDeviceProp first;
  check(cudaGetDeviceProperties(&first, 0), "asking for the device's name");
  return {true, std::string(first.name) + (count > 1 ? ", the first of " + std::to_string(count) : "")};
}

int64_t free_memory(Device device) {
  if (device == Device::cpu) return INT64_MAX;
  empty_cache(device);
  size_t free = 0, total = 0;
  check(cudaMemGetInfo(&free, &total), "asking for the free memory");
  return static_cast<int64_t>(free);
}

void empty_cache(Device device) {
  if (device == Device::cuda) c10::cuda::CUDACachingAllocator::emptyCache();
}

struct DeviceQueue::Impl {
  Device device;
  std::optional<c10::cuda::CUDAStream> stream;
  std::unique_ptr<at::cuda::CUDAGraph> graph;
  cudaEvent_t events[2] = {nullptr, nullptr};
  int64_t marks = 0;

  explicit Impl(Device device_) : device(device_) {
    if (device == Device::cpu) return;
    stream = our_stream();
    for (cudaEvent_t& event : events) {
      check(cudaEventCreateWithFlags(&event, cudaEventDisableTiming), "making an event");
    }
  }
  ~Impl() {
    // Nothing may still be running when the graph's memory is given back.
    if (stream) cudaStreamSynchronize(stream->stream());
    for (cudaEvent_t event : events) {
      if (event) cudaEventDestroy(event);
    }
  }
};

DeviceQueue::DeviceQueue(Device device) : impl_(std::make_unique<Impl>(device)) {}
DeviceQueue::~DeviceQueue() = default;

void DeviceQueue::run(const std::function<void()>& work) {
  if (impl_->device == Device::cpu) return work();
  const c10::cuda::CUDAStreamGuard guard(*impl_->stream);
  work();
}

bool DeviceQueue::capture(const std::function<void()>& work, std::string* why) {
  if (impl_->device == Device::cpu) {
    *why = "there is nothing to capture on the CPU";
    return false;
  }
  finish();
  // The graph takes memory of its own: what the steps before it used is of no use to it.
  empty_cache(Device::cuda);
  const c10::cuda::CUDAStreamGuard guard(*impl_->stream);
  const c10::MempoolId_t pool = at::cuda::graph_pool_handle();
  auto graph = std::make_unique<at::cuda::CUDAGraph>();
  try {
    graph->capture_begin(pool);
    work();
    graph->capture_end();
    impl_->graph = std::move(graph);
    return true;
  } catch (const std::exception& error) {
    *why = short_message(error);
  }
  abandon(*graph, pool);
  return false;
}

void DeviceQueue::replay() {
  const c10::cuda::CUDAStreamGuard guard(*impl_->stream);
  impl_->graph->replay();
}

void DeviceQueue::mark() {
  if (impl_->device == Device::cpu) return;
  check(cudaEventRecord(impl_->events[impl_->marks++ % 2], impl_->stream->stream()), "marking");
}

void DeviceQueue::wait(int behind) {
  if (impl_->device == Device::cpu || impl_->marks <= behind) return;
  check(cudaEventSynchronize(impl_->events[(impl_->marks - 1 - behind) % 2]), "waiting");
}

void DeviceQueue::finish() {
  if (impl_->device == Device::cuda) {
    check(cudaStreamSynchronize(impl_->stream->stream()), "waiting for the steps");
  }
}

#else  // built for the CPU

void* current_stream(Device) { return nullptr; }
GpuStatus device_status() { return {false, "built for the CPU: " SKETCHVAE_CUDA_REASON}; }
int64_t free_memory(Device) { return INT64_MAX; }
void empty_cache(Device) {}

struct DeviceQueue::Impl {};
DeviceQueue::DeviceQueue(Device device) { require_device(device); }
DeviceQueue::~DeviceQueue() = default;
void DeviceQueue::run(const std::function<void()>& work) { work(); }
bool DeviceQueue::capture(const std::function<void()>&, std::string* why) {
  *why = "there is nothing to capture on the CPU";
  return false;
}
void DeviceQueue::replay() { throw Error("nothing was captured"); }
void DeviceQueue::mark() {}
void DeviceQueue::wait(int) {}
void DeviceQueue::finish() {}

#endif

}  // namespace sketchvae
