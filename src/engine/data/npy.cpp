// See npy.h; the format: numpy/lib/format.py.
#include "data/npy.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <iterator>
#include <limits>
#include <optional>
#include <string_view>

#include "data/half.h"
#include "data/pixels.h"
#include "error.h"

namespace sketchvae {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr int64_t kMaxHeader = 1 << 20;  // a real header has about a hundred bytes
constexpr int64_t kBlock = 1024;         // drawings read at a time
constexpr int64_t kLookBytes = 1 << 18;  // bytes looked through at a time
constexpr int64_t kLookAhead = 1 << 27;  // bytes looked through, however few are asked for

// ---- the header: a Python dictionary of three things -----------------------------------------

class HeaderParser {
 public:
  HeaderParser(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  NpyHeader parse() {
    NpyHeader header;
    bool descr = false, order = false, shape = false;
    expect('{');
    while (!accept('}')) {
      const std::string key = string();
      expect(':');
      if (key == "descr") {
        once(descr, key);
        read_descr(header);
      } else if (key == "fortran_order") {
        once(order, key);
        header.fortran = boolean();
      } else if (key == "shape") {
        once(shape, key);
        read_shape(header);
      } else {
        bad("unknown key '" + key + "'");
      }
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip_space();
    if (at_ != text_.size()) bad("text after the dictionary");
    if (!descr || !order || !shape) bad("a key is missing");
    return header;
  }

 private:
  [[noreturn]] void bad(const std::string& why) const {
    throw Error(name_ + " is a damaged .npy file: its header cannot be read (" + why + ").");
  }
  void once(bool& seen, const std::string& key) const {
    if (seen) bad("'" + key + "' twice");
    seen = true;
  }
  void skip_space() {
    while (at_ < text_.size() && std::strchr(" \t\r\n\f\v", text_[at_]) && text_[at_]) ++at_;
  }
  bool accept(char c) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) bad(std::string("no '") + c + "' where one belongs");
  }
  bool accept_word(std::string_view word) {
    skip_space();
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }
  std::string string() {
    // Python 2 may have written u'descr', Python 3 b'descr'.
    if (!accept('u')) accept('b');
    const char quote = accept('\'') ? '\'' : '"';
    if (quote == '"') expect('"');
    const size_t end = text_.find(quote, at_);
    if (end == std::string_view::npos) bad("a string without an end");
    const std::string word(text_.substr(at_, end - at_));
    at_ = end + 1;
    return word;
  }
  bool boolean() {
    if (accept_word("True")) return true;
    if (!accept_word("False")) bad("fortran_order is neither True nor False");
    return false;
  }
  int64_t whole() {
    skip_space();
    int64_t value = 0;
    const size_t first = at_;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      const int64_t digit = text_[at_] - '0';
      if (value > (std::numeric_limits<int64_t>::max() - digit) / 10) bad("a size is too large");
      value = value * 10 + digit;
    }
    if (at_ == first) bad("a size is not a number");
    if (at_ < text_.size() && text_[at_] == 'L') ++at_;
    return value;
  }
  void read_shape(NpyHeader& header) {
    expect('(');
    while (!accept(')')) {
      if (header.shape.size() == 32) bad("more than 32 dimensions");
      header.shape.push_back(whole());
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
  }
  void read_descr(NpyHeader& header) {
    skip_space();
    if (at_ < text_.size() && (text_[at_] == '[' || text_[at_] == '(' || text_[at_] == '{')) {
      throw Error(name_ +
                  " holds records (a structured dtype), not plain numbers; save the pixels "
                  "as uint8.");
    }
    const std::string descr = string();
    const std::string_view type =
        std::string_view(descr).substr(!descr.empty() && std::strchr("<>|=", descr[0]) ? 1 : 0);
    if (type.starts_with('O')) {
      throw Error(name_ +
                  " holds Python objects (dtype object). They are stored as a pickle, which "
                  "is a program and is never executed here; save the pixels as uint8.");
    }
    constexpr std::array kTypes{"b1", "u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f2", "f4", "f8"};
    // How NumPy writes the bfloat16 of ml_dtypes; records of two bytes are "|V2".
    const bool bfloat16 = descr == "<V2" || descr == ">V2";
    if (!bfloat16 && std::find(kTypes.begin(), kTypes.end(), type) == kTypes.end()) {
      throw Error(name_ + " holds values of dtype '" + descr +
                  "'; read are bool, integers of 1, 2, 4 or 8 bytes, float16, bfloat16, float32 and "
                  "float64.");
    }
    header.kind = type[0];
    header.item_bytes = type[1] - '0';
    header.big_endian =
        descr[0] == '>' || (descr[0] == '=' && std::endian::native == std::endian::big);
  }

  std::string_view text_;
  const std::string& name_;
  size_t at_ = 0;
};

std::string shown(const std::vector<int64_t>& shape) {
  std::string s = "(";
  for (size_t i = 0; i < shape.size(); ++i) s += (i ? ", " : "") + std::to_string(shape[i]);
  return s + (shape.size() == 1 ? ",)" : ")");
}

// ---- the values --------------------------------------------------------------------------------

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

// Calls f(first, count) for blocks of drawings, asking the host in between; `done` of `total`
// drawings lie behind.
template <class F>
void for_each_block(int64_t n, int64_t done, int64_t total, Host& host, F f) {
  for (int64_t first = 0; first < n; first += kBlock) {
    if (host.should_stop()) throw Interrupted();
    host.progress(done + first, total);
    f(first, std::min(kBlock, n - first));
  }
}

}  // namespace

NpyHeader read_npy_header(const ByteSource& source) {
  refuse_strangers(source, "a .npy file");
  std::array<uint8_t, 12> start{};
  source.read(0, start.data(), std::min<int64_t>(source.size(), 12));
  if (std::memcmp(start.data(), kMagic.data(), kMagic.size()) != 0) {
    throw Error(source.name() + " is not a .npy file: it does not begin as one.");
  }
  const int major = start[6], minor = start[7];
  if (major < 1 || major > 3 || minor != 0) {
    throw Error(source.name() + " is of .npy format " + std::to_string(major) + "." +
                std::to_string(minor) + "; 1.0, 2.0 and 3.0 are known.");
  }
  const int64_t prefix = major == 1 ? 10 : 12;
  int64_t length = start[8] | int64_t{start[9]} << 8;
  if (major > 1) length |= int64_t{start[10]} << 16 | int64_t{start[11]} << 24;
  if (source.size() < prefix || length > source.size() - prefix) {
    throw Error(source.name() + " is cut off within its header.");
  }
  if (length > kMaxHeader) {
    throw Error(source.name() + " has a header of " + std::to_string(length) +
                " bytes; that cannot be drawings.");
  }
  std::string text(static_cast<size_t>(length), ' ');
  source.read(prefix, reinterpret_cast<uint8_t*>(text.data()), length);
  NpyHeader header = HeaderParser(text, source.name()).parse();
  header.offset = prefix + length;
  return header;
}

namespace {

// The sizes that count: those of 1 behind the first say nothing. Empty unless they are of drawings.
std::vector<int64_t> drawing_shape(const NpyHeader& header) {
  std::vector<int64_t> rest;
  const std::vector<int64_t>& shape = header.shape;
  if (shape.empty()) return {};
  std::copy_if(shape.begin() + 1, shape.end(), std::back_inserter(rest),
               [](int64_t size) { return size != 1; });
  const bool flat = rest == std::vector<int64_t>{kPixels};
  // One row or one column is a size too, but where it makes pictures of 28 x 28 flat.
  if (shape.size() == 3 && !flat) rest.assign(shape.begin() + 1, shape.end());
  const bool sized = rest.size() == 2 && rest[0] > 0 && rest[1] > 0;
  const bool colours = sized && rest[0] == kPixels && rest[1] <= 4;
  if (flat || (sized && !colours)) {
    rest.insert(rest.begin(), shape[0]);
    return rest;
  }
  if (shape == std::vector<int64_t>{kPixels} || shape == std::vector<int64_t>{kSide, kSide}) {
    rest = shape;
    rest.insert(rest.begin(), 1);
    return rest;
  }
  return {};
}

}  // namespace

bool holds_drawings(const NpyHeader& header) {
  return !drawing_shape(header).empty();
}

int64_t drawings_in(const ByteSource& source, const NpyHeader& header) {
  const std::vector<int64_t> shape = drawing_shape(header);
  if (shape.empty()) {
    throw Error(source.name() + " holds an array of shape " + shown(header.shape) +
                ", not drawings: (n, 784), (n, 28, 28) or (n, rows, columns), with or without sizes of "
                "1, or one drawing.");
  }
  return shape[0];
}

PictureSize picture_in(const NpyHeader& header) {
  const std::vector<int64_t> shape = drawing_shape(header);
  return shape.size() == 3 ? PictureSize{shape[1], shape[2]} : PictureSize{};
}

int64_t npy_bytes(const ByteSource& source, const NpyHeader& header) {
  int64_t bytes = header.item_bytes;
  for (const int64_t size : header.shape) {
    if (size > 0 && bytes > (std::numeric_limits<int64_t>::max() - header.offset) / size) {
      throw Error(source.name() + " says that it holds an array of shape " + shown(header.shape) +
                  "; no file is that large.");
    }
    bytes *= size;
  }
  return header.offset + bytes;
}

int64_t npy_file_bytes(const ByteSource& source, const NpyHeader& header) {
  drawings_in(source, header);
  return npy_bytes(source, header);
}

int64_t count_npy_drawings(const ByteSource& source, const NpyHeader& header) {
  const int64_t n = drawings_in(source, header), expected = npy_bytes(source, header);
  if (source.size() < expected) {
    throw Error(source.name() + " is cut off: it should hold " + std::to_string(n) +
                " drawings and have " + std::to_string(expected) + " bytes, but has " +
                std::to_string(source.size()) + ".");
  }
  if (source.size() > expected) {
    throw Error(source.name() + " is too long: with " + std::to_string(n) +
                " drawings it should have " + std::to_string(expected) + " bytes, but has " +
                std::to_string(source.size()) + ".");
  }
  return n;
}

NpyDrawings::NpyDrawings(const ByteSource& source, int64_t n, Host& host)
    : source_(source),
      header_(read_npy_header(source)),
      picture_(picture_in(header_)),
      available_(count_npy_drawings(source, header_)),
      size_(n) {
  if (n < 0) size_ = n = available_;
  if (n > available_) {
    throw Error(source.name() + " holds " + std::to_string(available_) + " drawings, not " +
                std::to_string(n) + ".");
  }
  // What a number means depends on the largest of all: a pass of its own.
  ValueRange range;
  if (header_.kind == 'u' && header_.item_bytes == 1) {
    // Beyond the first n so that their meaning does not depend on n, though not through a whole disk of paper.
    const int64_t bytes =
        std::min(available_ * picture_.pixels(), std::max(n * picture_.pixels(), kLookAhead));
    std::vector<uint8_t> block(static_cast<size_t>(std::min(bytes, kLookBytes)));
    for (int64_t first = 0; first < bytes && !range.settled(); first += kLookBytes) {
      if (host.should_stop()) throw Interrupted();
      const int64_t count = std::min(kLookBytes, bytes - first);
      source.read(header_.offset + first, block.data(), count);
      range.add(block.data(), count);
    }
  } else {
    looked_through_ = true;
    BlockReader reader(source, header_, picture_.pixels(), available_);
    for_each_block(n, 0, 2 * n, host, [&](int64_t first, int64_t count) {
      range.add(reader.read(first, count), count * picture_.pixels());
    });
  }
  factor_ = range.byte_factor(source.name());
}

void NpyDrawings::read(int64_t first, int64_t n, uint8_t* out) const {
  if (first < 0 || n < 0 || n > size_ - first) {
    throw Error(source_.name() + " holds no drawings " + std::to_string(first) + " to " +
                std::to_string(first + n) + ".");
  }
  const int64_t pixels = picture_.pixels();
  if (!looked_through_ && !header_.fortran && factor_ == 1) {
    source_.read(header_.offset + first * pixels, out, n * pixels);
    return;
  }
  BlockReader reader(source_, header_, pixels, available_);
  const double* values = reader.read(first, n);
  if (header_.fortran) {
    const ColumnOrder order =
        drawing_shape(header_).size() == 3 ? ColumnOrder::kByColumn : ColumnOrder::kByRow;
    bytes_from_columns(values, n, picture_, order, factor_, out);
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

void read_npy_drawings(const ByteSource& source, int64_t n, uint8_t* out, Host& host) {
  const NpyDrawings drawings(source, n, host);
  const int64_t total = drawings.looked_through() ? 2 * n : n;
  for_each_block(n, total - n, total, host, [&](int64_t first, int64_t count) {
    drawings.read(first, count, out + first * drawings.picture().pixels());
  });
  host.progress(total, total);
}

void write_npy_drawings(const uint8_t* bytes, int64_t n, PictureSize size, const std::string& path,
                        Host& host) {
  const int64_t pixels = size.pixels();
  // Bytes that are all 0 or 1 would be read as ink, as others' are: such drawings, nearly all paper, are
  // written as numbers from 0 to 1.
  const bool faint = n > 0 && *std::max_element(bytes, bytes + n * pixels) == 1;
  const std::string shape = size == PictureSize{} ? std::to_string(pixels)
                                                  : std::to_string(size.rows) + ", " +
                                                        std::to_string(size.cols);
  std::string header = std::string("{'descr': '") +
                       (!faint ? "|u1" : std::endian::native == std::endian::big ? ">f8" : "<f8") +
                       "', 'fortran_order': False, 'shape': (" + std::to_string(n) + ", " + shape +
                       "), }";
  constexpr size_t kPrefix = 10, kAlign = 64;  // as NumPy pads it
  header.append(kAlign - (kPrefix + header.size() + 1) % kAlign, ' ');
  header += '\n';
  std::string start(kMagic);
  start += {'\x01', '\x00', static_cast<char>(header.size() & 255),
            static_cast<char>(header.size() >> 8)};
  AtomicFile file(path);
  file.write((start + header).data(), static_cast<int64_t>(kPrefix + header.size()));
  std::vector<double> values;
  for_each_block(n, 0, n, host, [&](int64_t first, int64_t count) {
    const uint8_t* block = bytes + first * pixels;
    if (!faint) return file.write(block, count * pixels);
    values.resize(static_cast<size_t>(count * pixels));
    std::transform(block, block + count * pixels, values.begin(), [](uint8_t b) { return b / 255.0; });
    file.write(values.data(), count * pixels * static_cast<int64_t>(sizeof(double)));
  });
  file.commit();
  host.progress(n, n);
}

}  // namespace sketchvae
