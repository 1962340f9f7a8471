// The list of a zip archive's members, NumPy's .npz among them. Sizes and places are believed only when
// they lie within the file and no member covers another. Tests: tests/cpp/test_zip.cpp, fuzzed by
// tests/fuzz/fuzz_packed.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/bytes.h"

namespace sketchvae {

struct ZipMember {
  std::string name;
  int64_t offset = 0;  // of its own bytes in the archive
  int64_t packed = 0;  // how many these are
  int64_t size = 0;    // and unpacked
  uint32_t crc = 0;
  bool deflated = false;  // or stored as they are
};

bool is_zip(const ByteSource& source);

// The members, in the directory's order. Throws Error for what is damaged, cut off, spread over several
// files, or has members that cover each other; for members that are encrypted or packed in other ways than
// by deflate.
std::vector<ZipMember> read_zip(const ByteSource& source);

}  // namespace sketchvae
