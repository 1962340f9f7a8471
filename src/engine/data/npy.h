// NumPy's .npy files of drawings: Quick, Draw!'s bitmaps, and what people save from Python. Nothing
// of a file is believed before it is checked against the file's length; Python objects (pickles)
// are refused. Tested in tests/cpp/test_npy.cpp, fuzzed by tests/fuzz/fuzz_npy.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/bytes.h"
#include "host.h"

namespace sketchvae {

struct NpyHeader {
  char kind = 'u';         // 'b' bool, 'u' unsigned, 'i' signed, 'f' floating, 'V' bfloat16
  int64_t item_bytes = 1;  // 1, 2, 4 or 8
  bool big_endian = false;
  bool fortran = false;  // first index fastest
  std::vector<int64_t> shape;
  int64_t offset = 0;  // of the first value in the file
};

// Reads the header: format 1.0, 2.0 or 3.0, keys in any order, Python 2's long integers (10L).
// Throws Error for anything else, and for values that are no numbers of 1, 2, 4 or 8 bytes.
NpyHeader read_npy_header(const ByteSource& source);

// Whether the shape is one of drawings of 28 x 28: (n, 784) or (n, 28, 28), with dimensions of 1 anywhere
// behind n, or (784) or (28, 28), one drawing.
bool holds_drawings(const NpyHeader& header);

// How many these are. Throws Error naming `source` unless holds_drawings().
int64_t drawings_in(const ByteSource& source, const NpyHeader& header);

// Length in bytes that the header promises for a file of any shape.
int64_t npy_bytes(const ByteSource& source, const NpyHeader& header);

// How many drawings of 28 x 28 the file holds. Throws Error unless drawings_in() says so, and the file is
// exactly as long as its header says.
int64_t count_npy_drawings(const ByteSource& source, const NpyHeader& header);

// Length in bytes that the header promises for the whole file; the shape is checked as above, the
// file's length is not.
int64_t npy_file_bytes(const ByteSource& source, const NpyHeader& header);

// The first n drawings of a file (-1: all), read when they are asked for, so that memory does not
// depend on their number. Integers are 0..255; floating numbers that are all in [0, 1] are that,
// otherwise 0..255; bools are paper and ink. `source` must outlive it.
class NpyDrawings {
 public:
  // Checks the whole file's shape and length, and, unless the values are unsigned bytes, looks
  // through the n drawings once, reporting progress to half of 2 n. Throws Error for a file that is
  // none, for values that are not finite, negative or above 255; Interrupted when the host asks.
  NpyDrawings(const ByteSource& source, int64_t n, Host& host);

  int64_t size() const { return size_; }
  bool looked_through() const { return looked_through_; }
  // Drawings [first, first + n) to out[0, 784 n). Throws Error beyond the last one.
  void read(int64_t first, int64_t n, uint8_t* out) const;

 private:
  const ByteSource& source_;
  NpyHeader header_;
  int64_t available_;
  int64_t size_;
  bool looked_through_ = false;
  double factor_ = 1;
};

// The numbers of a file of one dimension, or of one column. Throws Error where it is cut off or too long.
std::vector<double> read_npy_column(const ByteSource& source, Host& host);

// All of NpyDrawings(source, n, host), to out[0, 784 n).
void read_npy_drawings(const ByteSource& source, int64_t n, uint8_t* out, Host& host);

// Writes n drawings as format 1.0, unsigned bytes, shape (n, 784), the way Quick, Draw! does.
// The file appears when it is whole. Throws Error, or Interrupted.
void write_npy_drawings(const uint8_t* bytes, int64_t n, const std::string& path, Host& host);

}  // namespace sketchvae
