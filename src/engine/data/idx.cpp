// See idx.h.
#include "data/idx.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string>

#include "data/strokes.h"
#include "error.h"

namespace sketchvae {
namespace {

std::vector<uint8_t> read_values(const ByteSource& source, const IdxHeader& header) {
  if (source.size() != header.file_bytes) {
    throw Error(source.name() +
                (source.size() < header.file_bytes ? " is cut off" : " is too long") +
                ": its header promises " + std::to_string(header.file_bytes) +
                " bytes (unpacked), it has " + std::to_string(source.size()) + ".");
  }
  std::vector<uint8_t> out(static_cast<size_t>(header.file_bytes - header.offset));
  source.read(header.offset, out.data(), static_cast<int64_t>(out.size()));
  return out;
}

}  // namespace

IdxHeader read_idx_header(const ByteSource& source) {
  refuse_strangers(source, "an IDX file");
  std::array<uint8_t, 16> start{};
  const int64_t known = std::min<int64_t>(source.size(), start.size());
  source.read(0, start.data(), known);
  constexpr uint8_t kUnsignedBytes = 8;
  const int64_t dimensions = start[3];
  if (known < 4 || start[0] != 0 || start[1] != 0 || start[2] < kUnsignedBytes || start[2] > 0x0e ||
      dimensions == 0) {
    throw Error(source.name() + " is not an IDX file: it does not begin as one.");
  }
  if (start[2] != kUnsignedBytes || (dimensions != 1 && dimensions != 3)) {
    throw Error(source.name() +
                " is an IDX file, but not one of images or labels as unsigned bytes.");
  }
  IdxHeader header;
  header.offset = 4 + 4 * dimensions;
  if (known < header.offset) throw Error(source.name() + " is cut off within its header.");
  int64_t values = 1;
  for (int64_t d = 0; d < dimensions; ++d) {
    int64_t size = 0;
    for (int64_t k = 0; k < 4; ++k) size = size << 8 | start[static_cast<size_t>(4 + 4 * d + k)];
    if (size > 0 && values > (int64_t{1} << 50) / size) {
      throw Error(source.name() + " promises more values than any file holds.");
    }
    values *= size;
    header.shape.push_back(size);
  }
  header.file_bytes = header.offset + values;
  return header;
}

std::vector<uint8_t> read_idx_drawings(const ByteSource& source) {
  const IdxHeader header = read_idx_header(source);
  if (header.shape.size() != 3 || header.shape[1] != kSide || header.shape[2] != kSide) {
    std::string shape;
    for (const int64_t size : header.shape)
      shape += (shape.empty() ? "" : " x ") + std::to_string(size);
    throw Error(source.name() + " holds " + shape + " values, not images of 28 x 28.");
  }
  return read_values(source, header);
}

std::vector<uint8_t> read_idx_labels(const ByteSource& source) {
  const IdxHeader header = read_idx_header(source);
  if (header.shape.size() != 1) throw Error(source.name() + " holds images, not labels.");
  return read_values(source, header);
}

}  // namespace sketchvae
