// NumPy's .npy files of drawings: Quick, Draw!'s bitmaps, and what people save from Python. Nothing
// of a file is believed before it is checked against the file's length; Python objects (pickles)
// are refused. Tested in tests/cpp/test_npy.cpp, fuzzed by tests/fuzz/fuzz_npy.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/bytes.h"
#include "data/pixels.h"
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

// Whether the shape is one of drawings: (n, 784) of 28 x 28 or (n, rows, columns), with dimensions of 1
// anywhere behind n, or (784) or (28, 28), one drawing.
bool holds_drawings(const NpyHeader& header);

// How many these are. Throws Error naming `source` unless holds_drawings().
int64_t drawings_in(const ByteSource& source, const NpyHeader& header);

// Their rows and columns, of a shape that holds_drawings().
PictureSize picture_in(const NpyHeader& header);

// Length in bytes that the header promises for a file of any shape.
int64_t npy_bytes(const ByteSource& source, const NpyHeader& header);

// How many drawings the file holds. Throws Error unless drawings_in() says so, and the file is
// exactly as long as its header says.
int64_t count_npy_drawings(const ByteSource& source, const NpyHeader& header);

// Length in bytes that the header promises for the whole file; the shape is checked as above, the
// file's length is not.
int64_t npy_file_bytes(const ByteSource& source, const NpyHeader& header);

// The first n drawings of a file (-1: all), read when they are asked for, so that memory does not
// depend on their number. What the numbers mean is ValueRange's rule. `source` must outlive it.
class NpyDrawings {
 public:
  // Checks the whole file's shape and length, and looks through the n drawings once, reporting
  // progress to half of 2 n; through unsigned bytes, which are what they are unless none is above 1,
  // only up to the first that is, be it (by 128 MB) beyond the first n. Throws Error for a file that is
  // none, for values that are no pixels; Interrupted when the host asks.
  NpyDrawings(const ByteSource& source, int64_t n, Host& host);

  int64_t size() const { return size_; }
  PictureSize picture() const { return picture_; }
  bool looked_through() const { return looked_through_; }
  // Drawings [first, first + n) to out[0, picture().pixels() n). Throws Error beyond the last one.
  void read(int64_t first, int64_t n, uint8_t* out) const;

 private:
  const ByteSource& source_;
  NpyHeader header_;
  PictureSize picture_;
  int64_t available_;
  int64_t size_;
  bool looked_through_ = false;
  double factor_ = 1;
};

// The numbers of a file of one dimension, or of one column. Throws Error where it is cut off or too long.
std::vector<double> read_npy_column(const ByteSource& source, Host& host);

// All of NpyDrawings(source, n, host), to out[0, pixels n).
void read_npy_drawings(const ByteSource& source, int64_t n, uint8_t* out, Host& host);

// Writes n drawings as format 1.0, unsigned bytes (or, where none is above 1, doubles from 0 to 1), the
// way Quick, Draw! does: of shape (n, 784), or (n, rows, columns) for other sizes than 28 x 28.
// The file appears when it is whole. Throws Error, or Interrupted.
void write_npy_drawings(const uint8_t* bytes, int64_t n, PictureSize size, const std::string& path,
                        Host& host);

}  // namespace sketchvae
