// Memory of the GPU for the tests of kernels, by LibTorch; and whether there is a GPU at all.
#pragma once

#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

namespace sketchvae {

// Says once why tests of the GPU are skipped.
bool have_gpu();

// Bytes of the GPU that LibTorch has given out and not got back.
int64_t memory_in_use();

// LibTorch's memory on the GPU for a while: the bytes it holds now and so many more.
class MemoryLimit {
 public:
  explicit MemoryLimit(int64_t more);
  ~MemoryLimit();
  MemoryLimit(const MemoryLimit&) = delete;
  MemoryLimit& operator=(const MemoryLimit&) = delete;
};

// A number on the GPU.
class DeviceCounter {
 public:
  DeviceCounter();
  ~DeviceCounter();
  DeviceCounter(const DeviceCounter&) = delete;
  DeviceCounter& operator=(const DeviceCounter&) = delete;
  // Enqueues on LibTorch's current stream.
  void up();
  // Waits for that stream.
  double value() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

class OnDevice {
 public:
  OnDevice();
  ~OnDevice();
  OnDevice(const OnDevice&) = delete;
  OnDevice& operator=(const OnDevice&) = delete;

  // A copy on the GPU that lives as long as this.
  template <typename T>
  T* copy(const std::vector<T>& values) {
    return static_cast<T*>(copy(values.data(), values.size() * sizeof(T)));
  }
  // Waits for the GPU and copies back.
  template <typename T>
  void fetch(const void* from, std::vector<T>& values) {
    fetch(from, values.data(), values.size() * sizeof(T));
  }

 private:
  void* copy(const void* from, size_t bytes);
  void fetch(const void* from, void* to, size_t bytes);
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sketchvae
