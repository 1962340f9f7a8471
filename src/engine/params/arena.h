// One aligned block of memory for all parameters and their optimizer slots, each tensor on a cache
// line of its own, in Keras' layouts. A snapshot is a copy of the block. Tests: tests/cpp/test_arena.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "buffer.h"
#include "data/safetensors.h"
#include "spec/spec.h"

namespace sketchvae {

enum class Dtype { float32, float64 };
constexpr int64_t size_of(Dtype dtype) { return dtype == Dtype::float32 ? 4 : 8; }

class Arena {
 public:
  // Zeros, with `slots` optimizer slots for every trainable parameter. Huge pages where the system
  // gives them. Throws Error when the memory is not to be had.
  Arena(const std::vector<ParamSpec>& params, Dtype dtype, int slots);

  const std::vector<ParamSpec>& params() const { return params_; }
  Dtype dtype() const { return dtype_; }
  int slots() const { return slots_; }

  // Address of parameter i's values, and of its slot k (trainable parameters only).
  void* value(int64_t i) const { return block_.get() + offset_[i]; }
  void* slot(int64_t i, int k) const { return block_.get() + slot_offset_[i] + k * stride_[i]; }
  template <typename T> T* value_as(int64_t i) const { return static_cast<T*>(value(i)); }
  int64_t bytes_of(int64_t i) const { return params_[i].size() * size_of(dtype_); }

  // The whole block (values first, then slots), and its first part, the values alone.
  std::span<std::byte> all() const { return {block_.get(), static_cast<size_t>(total_)}; }
  std::span<std::byte> values() const { return {block_.get(), static_cast<size_t>(values_)}; }

  // True when every value is finite.
  bool finite() const;

 private:
  std::vector<ParamSpec> params_;
  Dtype dtype_;
  int slots_;
  std::vector<int64_t> offset_, slot_offset_, stride_;
  int64_t values_ = 0, total_ = 0;
  Memory block_;
};

// Glorot-uniform kernels, ones for gamma and moving_variance, zeros elsewhere: a function of the
// seed alone, the same on every machine and device.
void initialize(Arena& arena, uint64_t seed);

// Parameters as one safetensors file in memory (and back), with metadata.
std::vector<std::byte> write_weights(const Arena& arena,
                                     const std::vector<std::pair<std::string, std::string>>& meta);
// Throws Error naming the tensor when one is missing, unknown or of another shape; float32 and
// float64 files are both taken.
void read_weights(Arena& arena, std::span<const std::byte> file);

// The parameters in a file that may hold anything, as one safetensors file in memory, without metadata;
// F16 and BF16 become F32. Everything is checked before a tensor is read, as by read_weights().
std::vector<std::byte> load_weights(const ByteSource& file, const SafetensorsHeader& header,
                                    const std::vector<ParamSpec>& params);

}  // namespace sketchvae
