// Where a trainer's or scorer's drawings come from: something that fills bytes by index.
#pragma once

#include <cstdint>
#include <cstring>

namespace sketchvae {

class BatchSource {
 public:
  virtual ~BatchSource() = default;
  virtual int64_t size() const = 0;       // drawings
  virtual int64_t pixels() const = 0;     // bytes a drawing
  // Copies drawings index[0 .. n-1] to `out`, one after another.
  virtual void read(const int64_t* index, int64_t n, uint8_t* out) const = 0;
};

// Drawings in memory that belongs to the caller.
class MemorySource final : public BatchSource {
 public:
  MemorySource(const uint8_t* bytes, int64_t size, int64_t pixels)
      : bytes_(bytes), size_(size), pixels_(pixels) {}
  int64_t size() const override { return size_; }
  int64_t pixels() const override { return pixels_; }
  void read(const int64_t* index, int64_t n, uint8_t* out) const override {
    for (int64_t i = 0; i < n; ++i) {
      std::memcpy(out + i * pixels_, bytes_ + index[i] * pixels_, static_cast<size_t>(pixels_));
    }
  }

 private:
  const uint8_t* bytes_;
  int64_t size_, pixels_;
};

}  // namespace sketchvae
