// Small packed files for tests and fuzzers, made here with zlib.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <string>
#include <vector>

#include "error.h"

namespace sketchvae::packed_files {

using Bytes = std::vector<uint8_t>;

// The lowest `count` bytes of a number, the lowest first.
inline void put(Bytes& to, uint64_t value, int count) {
  for (int k = 0; k < count; ++k) to.push_back(static_cast<uint8_t>(value >> (8 * k)));
}

// Deflated; zlib's window bits choose the wrapper: -15 none, 31 gzip's.
inline Bytes packed(const Bytes& bytes, int window) {
  z_stream stream{};
  if (deflateInit2(&stream, 6, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw Error("zlib cannot start");
  }
  Bytes out(bytes.size() + 200), in = bytes;
  stream.next_in = in.data();
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  const bool whole = deflate(&stream, Z_FINISH) == Z_STREAM_END;
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  if (!whole) throw Error("zlib did not pack everything");
  return out;
}

// A .npy of bytes; `shape` as Python writes it, without brackets.
inline Bytes npy(const std::string& shape, const Bytes& values) {
  const std::string text = "{'descr': '|u1', 'fortran_order': False, 'shape': (" + shape + "), }\n";
  Bytes file{0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
  put(file, text.size(), 2);
  file.insert(file.end(), text.begin(), text.end());
  file.insert(file.end(), values.begin(), values.end());
  return file;
}

}  // namespace sketchvae::packed_files
