// The drawings of NumPy's .npy files: Quick, Draw!'s bitmaps, and what people save from Python. Tested in
// tests/cpp/test_npy.cpp, fuzzed by tests/fuzz/fuzz_npy.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/bytes.h"
#include "data/npy_header.h"
#include "data/npy_shape.h"
#include "data/pixels.h"
#include "host.h"

namespace sketchvae {

// The first n drawings of a file (-1: all), read when they are asked for, so that memory does not
// depend on their number. What the numbers mean is ValueRange's rule. `source` must outlive it.
class NpyDrawings {
 public:
  // `size`: see npy_shape(). Checks the whole file's shape and length, and looks through the n drawings once, reporting
  // progress to half of 2 n; through unsigned bytes, which are what they are unless none is above 1,
  // only up to the first that is, be it (by 128 MB) beyond the first n. Throws Error for a file that is
  // none, for values that are no pixels; Interrupted when the host asks.
  NpyDrawings(const ByteSource& source, int64_t n, Host& host,
              std::optional<PictureSize> size = {});

  int64_t size() const { return size_; }
  PictureSize picture() const { return held_.size; }
  bool looked_through() const { return looked_through_; }
  // Drawings [first, first + n) to out[0, picture().pixels() n). Throws Error beyond the last one.
  void read(int64_t first, int64_t n, uint8_t* out) const;

 private:
  const ByteSource& source_;
  NpyHeader header_;
  NpyShape held_;
  int64_t size_;
  bool looked_through_ = false;
  double factor_ = 1;
};

// The numbers of a file of one dimension, or of one column. Throws Error where it is cut off or too long.
std::vector<double> read_npy_column(const ByteSource& source, Host& host);

// All of NpyDrawings(source, n, host, size), to out[0, pixels n).
void read_npy_drawings(const ByteSource& source, int64_t n, uint8_t* out, Host& host,
                       std::optional<PictureSize> size = {});

}  // namespace sketchvae
