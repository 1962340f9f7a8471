// Memory for the engine's large arrays: begins at a cache line, from 2 MB on at a huge page where the
// system gives those (vectors that straddle lines, and small pages, cost a tenth of a training step).
// Tests: tests/cpp/test_buffer.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace sketchvae {

struct FreeMemory {
  bool huge_pages = false;
  void operator()(std::byte* memory) const;
};
using Memory = std::unique_ptr<std::byte, FreeMemory>;

// So many bytes, all zero. Throws std::bad_alloc when they are not to be had.
Memory allocate(int64_t bytes);

// Floats that grow on demand and stay. What cannot be had is an Error that names the batch.
class FloatBuffer {
 public:
  FloatBuffer() = default;
  explicit FloatBuffer(int64_t n) { zeros(n); }

  // At least n floats, whatever they hold: growing loses what was there.
  float* at_least(int64_t n);
  // n floats, all zero.
  float* zeros(int64_t n);

  float* data() { return reinterpret_cast<float*>(memory_.get()); }
  const float* data() const { return reinterpret_cast<const float*>(memory_.get()); }
  int64_t size() const { return size_; }

 private:
  Memory memory_;
  int64_t size_ = 0;
};

}  // namespace sketchvae
