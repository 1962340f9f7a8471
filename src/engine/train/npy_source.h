// The drawings of a .npy file as a batch source: each batch is read when it is wanted, so that a file
// may be larger than memory. Test: tests/cpp/test_npy.cpp.
#pragma once

#include <cstdint>

#include "data/npy.h"
#include "data/batches.h"

namespace sketchvae {

class NpySource final : public BatchSource {
 public:
  // `file` must outlive it. Throws as NpyDrawings does; `host` may stop it, and sees no progress.
  NpySource(const ByteSource& file, Host& host) : drawings_(open(file, host)) {}

  int64_t size() const override { return drawings_.size(); }
  const Shape& shape() const override { return shape_; }
  void read(const int64_t* index, int64_t n, uint8_t* out) const override {
    for (int64_t first = 0, next; first < n; first = next) {  // a run of neighbours is one read
      for (next = first + 1; next < n && index[next] == index[next - 1] + 1;) ++next;
      drawings_.read(index[first], next - first, out + first * pixels());
    }
  }

 private:
  static NpyDrawings open(const ByteSource& file, Host& host) {
    class Quiet final : public Host {
     public:
      explicit Quiet(Host& host) : host_(host) {}
      bool should_stop() override { return host_.should_stop(); }
      void progress(int64_t, int64_t) override {}

     private:
      Host& host_;
    } quiet(host);
    return {file, -1, quiet};
  }

  NpyDrawings drawings_;
  Shape shape_ = {drawings_.picture().rows, drawings_.picture().cols, 1};
};

}  // namespace sketchvae
