// The IDX files of MNIST and its relatives: big-endian sizes, then bytes.
// Tested in tests/cpp/test_idx.cpp, fuzzed by tests/fuzz/fuzz_idx.cpp.
#pragma once

#include <cstdint>
#include <vector>

#include "data/bytes.h"
#include "data/pixels.h"

namespace sketchvae {

struct IdxHeader {
  std::vector<int64_t> shape;  // (n, rows, columns) of images, (n) or (n, columns) of labels
  int64_t item_bytes = 1;      // or 4, of labels
  int64_t offset = 0;          // of the first value
  int64_t file_bytes = 0;      // length that the file must have
};

// Reads the header. Throws Error unless it is that of images (unsigned bytes in three dimensions) or labels
// (unsigned bytes or integers of 32 bits, in one dimension or in two, as QMNIST has them).
// The file's length is not looked at, so that its beginning is enough.
IdxHeader read_idx_header(const ByteSource& source);

struct IdxDrawings {
  std::vector<uint8_t> pixels;
  PictureSize size;
};

// The images of a whole file, as ValueRange has it. Throws Error unless these are images of one row and column at
// least, and the file has just the length that its header promises.
IdxDrawings read_idx_drawings(const ByteSource& source);

// The labels of a whole file, of several columns the first; checked as above.
std::vector<int32_t> read_idx_labels(const ByteSource& source);

}  // namespace sketchvae
