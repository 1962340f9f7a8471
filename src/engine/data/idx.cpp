// See idx.h.
#include "data/idx.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <utility>

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
  constexpr uint8_t kUnsignedBytes = 8, kIntegers = 0x0c;
  const int64_t dimensions = start[3];
  if (known < 4 || start[0] != 0 || start[1] != 0 || start[2] < kUnsignedBytes || start[2] > 0x0e ||
      dimensions == 0) {
    throw Error(source.name() + " is not an IDX file: it does not begin as one.");
  }
  const bool labels = dimensions <= 2 && (start[2] == kUnsignedBytes || start[2] == kIntegers);
  if (!labels && (start[2] != kUnsignedBytes || dimensions != 3)) {
    throw Error(source.name() +
                " is an IDX file, but not one of images as unsigned bytes or of labels as whole numbers.");
  }
  IdxHeader header;
  header.item_bytes = start[2] == kIntegers ? 4 : 1;
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
  header.file_bytes = header.offset + values * header.item_bytes;
  return header;
}

IdxDrawings read_idx_drawings(const ByteSource& source) {
  const IdxHeader header = read_idx_header(source);
  if (header.shape.size() != 3 || header.shape[1] < 1 || header.shape[2] < 1) {
    std::string shape;
    for (const int64_t size : header.shape)
      shape += (shape.empty() ? "" : " x ") + std::to_string(size);
    throw Error(source.name() + " holds " + shape + " values, not images.");
  }
  std::vector<uint8_t> out = read_values(source, header);
  ValueRange range;
  range.add(out.data(), static_cast<int64_t>(out.size()));
  const double factor = range.byte_factor(source.name());
  if (factor != 1) {
    for (uint8_t& byte : out) byte = byte_of(byte, factor);
  }
  return {std::move(out), {header.shape[1], header.shape[2]}};
}

std::vector<int32_t> read_idx_labels(const ByteSource& source) {
  const IdxHeader header = read_idx_header(source);
  if (header.shape.size() > 2) throw Error(source.name() + " holds images, not labels.");
  const int64_t columns = header.shape.size() == 2 ? header.shape[1] : 1;
  if (columns == 0) throw Error(source.name() + " holds labels of no columns.");
  const std::vector<uint8_t> bytes = read_values(source, header);
  std::vector<int32_t> out;
  const auto step = static_cast<size_t>(columns * header.item_bytes);
  for (size_t at = 0; at < bytes.size(); at += step) {
    uint32_t value = 0;
    for (size_t k = 0; k < static_cast<size_t>(header.item_bytes); ++k) value = value << 8 | bytes[at + k];
    out.push_back(static_cast<int32_t>(value));
  }
  return out;
}

}  // namespace sketchvae
