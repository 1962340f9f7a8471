// Memory of the GPU for the tests of kernels, by LibTorch; and whether there is a GPU at all.
#pragma once

#include <doctest/doctest.h>

#include <cstddef>
#include <cstring>
#include <memory>
#include <vector>

namespace sketchvae {

// Says once why tests of the GPU are skipped.
bool have_gpu();

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
