// The header of NumPy's .npy files. Nothing of it is believed before it is checked; Python objects (pickles) are
// refused. Tested in tests/cpp/test_npy.cpp, fuzzed by tests/fuzz/fuzz_npy.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/bytes.h"

namespace sketchvae {

constexpr std::string_view kNpyMagic = "\x93NUMPY";

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

// Length in bytes that the header promises for a file of any shape. Throws Error naming `source` where no
// file is that large.
int64_t npy_bytes(const ByteSource& source, const NpyHeader& header);

// A shape as Python writes it: "(3, 784)".
std::string shape_text(const std::vector<int64_t>& shape);

}  // namespace sketchvae
