// Where a trainer's or scorer's drawings come from: something that fills bytes by index.
// Tests: tests/cpp/test_epoch.cpp.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <utility>

#include "spec/spec.h"

namespace sketchvae {

class BatchSource {
 public:
  virtual ~BatchSource() = default;
  virtual int64_t size() const = 0;         // drawings
  virtual const Shape& shape() const = 0;   // of one: rows, columns, channels
  int64_t pixels() const { return size_of(shape()); }  // bytes a drawing
  // Copies drawings index[0 .. n-1] to `out`, one after another.
  virtual void read(const int64_t* index, int64_t n, uint8_t* out) const = 0;
  // Says that these will be read from now on, in this order, so that a source may fetch ahead. What
  // was expected before is so no longer. `index` lives until the next call.
  virtual void expect(std::span<const int64_t> /*index*/) const {}
};

// Drawings in memory that belongs to the caller.
class MemorySource final : public BatchSource {
 public:
  MemorySource(const uint8_t* bytes, int64_t size, Shape shape)
      : bytes_(bytes), size_(size), shape_(std::move(shape)) {}
  int64_t size() const override { return size_; }
  const Shape& shape() const override { return shape_; }
  void read(const int64_t* index, int64_t n, uint8_t* out) const override {
    const int64_t bytes = pixels();
    for (int64_t i = 0; i < n; ++i) {
      std::memcpy(out + i * bytes, bytes_ + index[i] * bytes, static_cast<size_t>(bytes));
    }
  }

 private:
  const uint8_t* bytes_;
  int64_t size_;
  Shape shape_;
};

// Throws Error unless the drawings are of the size that a model takes: as many pixels are not enough.
void check_shape(const BatchSource& source, const Shape& input);

}  // namespace sketchvae
