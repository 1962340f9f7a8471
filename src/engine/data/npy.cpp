// See npy.h.
#include "data/npy.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "data/half.h"
#include "data/npy_blocks.h"
#include "error.h"

namespace sketchvae {
namespace {

constexpr int64_t kLookBytes = 1 << 18;  // bytes looked through at a time
constexpr int64_t kLookAhead = 1 << 27;  // bytes looked through, however few are asked for

template <class T>
void decode_as(const uint8_t* in, int64_t count, bool swap, double* out) {
  for (int64_t i = 0; i < count; ++i) {
    std::array<uint8_t, sizeof(T)> item;
    std::memcpy(item.data(), in + i * static_cast<int64_t>(sizeof(T)), sizeof(T));
    if (swap) std::reverse(item.begin(), item.end());
    out[i] = static_cast<double>(std::bit_cast<T>(item));
  }
}

template <class F>
void decode_half(const uint8_t* in, int64_t count, bool swap, F number, double* out) {
  for (int64_t i = 0; i < count; ++i) {
    const int low = in[2 * i + (swap ? 1 : 0)], high = in[2 * i + (swap ? 0 : 1)];
    const bool little = std::endian::native == std::endian::little;
    out[i] = number(static_cast<uint16_t>(little ? low | high << 8 : high | low << 8));
  }
}

void decode(const NpyHeader& header, const uint8_t* in, int64_t count, double* out) {
  const bool swap = header.big_endian != (std::endian::native == std::endian::big);
  switch (header.kind * 10 + header.item_bytes) {
    case 'b' * 10 + 1:
      for (int64_t i = 0; i < count; ++i) out[i] = in[i] != 0;
      return;
    case 'u' * 10 + 1:
      return decode_as<uint8_t>(in, count, swap, out);
    case 'u' * 10 + 2:
      return decode_as<uint16_t>(in, count, swap, out);
    case 'u' * 10 + 4:
      return decode_as<uint32_t>(in, count, swap, out);
    case 'u' * 10 + 8:
      return decode_as<uint64_t>(in, count, swap, out);
    case 'i' * 10 + 1:
      return decode_as<int8_t>(in, count, swap, out);
    case 'i' * 10 + 2:
      return decode_as<int16_t>(in, count, swap, out);
    case 'i' * 10 + 4:
      return decode_as<int32_t>(in, count, swap, out);
    case 'i' * 10 + 8:
      return decode_as<int64_t>(in, count, swap, out);
    case 'f' * 10 + 2:
      return decode_half(in, count, swap, float_of_half, out);
    case 'V' * 10 + 2:
      return decode_half(in, count, swap, float_of_bfloat16, out);
    case 'f' * 10 + 4:
      return decode_as<float>(in, count, swap, out);
    default:
      return decode_as<double>(in, count, swap, out);
  }
}

// Reads the drawings [first, first + n) as numbers: row by row in C order, else as a column-major
// block of n rows.
class BlockReader {
 public:
  BlockReader(const ByteSource& source, const NpyHeader& header, int64_t pixels, int64_t drawings)
      : source_(source), header_(header), pixels_(pixels), drawings_(drawings) {}

  const double* read(int64_t first, int64_t n) {
    const int64_t item = header_.item_bytes;
    raw_.resize(static_cast<size_t>(n * pixels_ * item));
    values_.resize(static_cast<size_t>(n * pixels_));
    if (!header_.fortran) {
      source_.read(header_.offset + first * pixels_ * item, raw_.data(), n * pixels_ * item);
    } else {
      for (int64_t column = 0; column < pixels_; ++column) {
        source_.read(header_.offset + (column * drawings_ + first) * item,
                     raw_.data() + column * n * item, n * item);
      }
    }
    decode(header_, raw_.data(), n * pixels_, values_.data());
    return values_.data();
  }

 private:
  const ByteSource& source_;
  const NpyHeader& header_;
  int64_t pixels_, drawings_;
  std::vector<uint8_t> raw_;
  std::vector<double> values_;
};

}  // namespace

NpyDrawings::NpyDrawings(const ByteSource& source, int64_t n, Host& host,
                         std::optional<PictureSize> size)
    : source_(source),
      header_(read_npy_header(source)),
      held_(whole_drawings_in(source, header_, size)),
      size_(n) {
  const int64_t available = held_.drawings, pixels = held_.size.pixels();
  if (n < 0) size_ = n = available;
  if (n > available) {
    throw Error(source.name() + " holds " + std::to_string(available) + " drawings, not " +
                std::to_string(n) + ".");
  }
  // What a number means depends on the largest of all: a pass of its own.
  ValueRange range;
  if (header_.kind == 'u' && header_.item_bytes == 1) {
    // Beyond the first n so that their meaning does not depend on n, though not through a whole disk of paper.
    const int64_t bytes =
        std::min(available * pixels, std::max(n * pixels, kLookAhead));
    std::vector<uint8_t> block(static_cast<size_t>(std::min(bytes, kLookBytes)));
    for (int64_t first = 0; first < bytes && !range.settled(); first += kLookBytes) {
      if (host.should_stop()) throw Interrupted();
      const int64_t count = std::min(kLookBytes, bytes - first);
      source.read(header_.offset + first, block.data(), count);
      range.add(block.data(), count);
    }
  } else {
    looked_through_ = true;
    BlockReader reader(source, header_, pixels, available);
    for_each_block(n, 0, 2 * n, host, [&](int64_t first, int64_t count) {
      range.add(reader.read(first, count), count * pixels);
    });
  }
  factor_ = range.byte_factor(source.name());
}

void NpyDrawings::read(int64_t first, int64_t n, uint8_t* out) const {
  if (first < 0 || n < 0 || n > size_ - first) {
    throw Error(source_.name() + " holds no drawings " + std::to_string(first) + " to " +
                std::to_string(first + n) + ".");
  }
  const int64_t pixels = held_.size.pixels();
  if (!looked_through_ && !header_.fortran && factor_ == 1) {
    source_.read(header_.offset + first * pixels, out, n * pixels);
    return;
  }
  BlockReader reader(source_, header_, pixels, held_.drawings);
  const double* values = reader.read(first, n);
  if (header_.fortran) {
    const ColumnOrder order = held_.flat ? ColumnOrder::kByRow : ColumnOrder::kByColumn;
    bytes_from_columns(values, n, held_.size, order, factor_, out);
  } else {
    std::transform(values, values + n * pixels, out,
                   [this](double v) { return byte_of(v, factor_); });
  }
}

std::vector<double> read_npy_column(const ByteSource& source, Host& host) {
  const NpyHeader header = read_npy_header(source);
  const int64_t n = header.shape.empty() ? 1 : header.shape[0];
  if (npy_bytes(source, header) != source.size() ||
      n * header.item_bytes != source.size() - header.offset) {
    throw Error(source.name() + " does not hold a column of numbers.");
  }
  std::vector<double> values(static_cast<size_t>(n));
  std::vector<uint8_t> raw;
  for_each_block(n, 0, n, host, [&](int64_t first, int64_t count) {
    raw.resize(static_cast<size_t>(count * header.item_bytes));
    source.read(header.offset + first * header.item_bytes, raw.data(), count * header.item_bytes);
    decode(header, raw.data(), count, values.data() + first);
  });
  return values;
}

void read_npy_drawings(const ByteSource& source, int64_t n, uint8_t* out, Host& host,
                       std::optional<PictureSize> size) {
  const NpyDrawings drawings(source, n, host, size);
  const int64_t total = drawings.looked_through() ? 2 * n : n;
  for_each_block(n, total - n, total, host, [&](int64_t first, int64_t count) {
    drawings.read(first, count, out + first * drawings.picture().pixels());
  });
  host.progress(total, total);
}

}  // namespace sketchvae
