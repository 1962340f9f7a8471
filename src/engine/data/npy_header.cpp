// See npy_header.h; the format: numpy/lib/format.py.
#include "data/npy_header.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>

#include "error.h"

namespace sketchvae {
namespace {

constexpr int64_t kMaxHeader = 1 << 20;  // a real header has about a hundred bytes

// A Python dictionary of three things.
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

}  // namespace

NpyHeader read_npy_header(const ByteSource& source) {
  refuse_strangers(source, "a .npy file");
  std::array<uint8_t, 12> start{};
  source.read(0, start.data(), std::min<int64_t>(source.size(), 12));
  if (std::memcmp(start.data(), kNpyMagic.data(), kNpyMagic.size()) != 0) {
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

int64_t npy_bytes(const ByteSource& source, const NpyHeader& header) {
  int64_t bytes = header.item_bytes;
  for (const int64_t size : header.shape) {
    if (size > 0 && bytes > (std::numeric_limits<int64_t>::max() - header.offset) / size) {
      throw Error(source.name() + " says that it holds an array of shape " + shape_text(header.shape) +
                  "; no file is that large.");
    }
    bytes *= size;
  }
  return header.offset + bytes;
}

std::string shape_text(const std::vector<int64_t>& shape) {
  std::string s = "(";
  for (size_t i = 0; i < shape.size(); ++i) s += (i ? ", " : "") + std::to_string(shape[i]);
  return s + (shape.size() == 1 ? ",)" : ")");
}

}  // namespace sketchvae
