#include "data/json.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <set>

#include "error.h"

namespace sketchvae {
namespace {

constexpr int kMaxDepth = 64;

struct NonFiniteWord {
  std::string_view word;
  double value;
};
constexpr NonFiniteWord kNonFinite[] = {{"NaN", std::numeric_limits<double>::quiet_NaN()},
                                        {"Infinity", std::numeric_limits<double>::infinity()},
                                        {"-Infinity", -std::numeric_limits<double>::infinity()}};

std::string_view word_of(double value) {
  return kNonFinite[std::isnan(value) ? 0 : value > 0 ? 1 : 2].word;
}

[[noreturn]] void wrong_type(std::string_view what, const char* expected) {
  throw Error(std::string(what) + ": " + expected + " was expected");
}

// The position of the first byte that is not part of well-formed UTF-8 (no overlong forms, no
// surrogates, nothing above U+10FFFF), or npos.
size_t first_not_utf8(std::string_view text) {
  const auto byte = [&](size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  for (size_t i = 0; i < text.size();) {
    const unsigned lead = byte(i);
    const size_t length = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3
                                                                  : lead < 0xF5 ? 4 : 0;
    if (length == 0) return i;
    // What the second byte may be depends on the first; later ones are 80 to BF.
    unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    for (size_t k = 1; k < length; ++k, low = 0x80, high = 0xBF) {
      if (byte(i + k) < low || byte(i + k) > high) return i;
    }
    i += length;
  }
  return std::string_view::npos;
}

class Reader {
 public:
  Reader(std::string_view text, NonFinite non_finite) : text_(text), non_finite_(non_finite) {}

  Json document() {
    if (const size_t bad = first_not_utf8(text_); bad != std::string_view::npos) {
      at_ = bad;
      fail("not UTF-8");
    }
    Json value = read(0);
    skip_space();
    if (at_ < text_.size()) fail("unexpected text after the value");
    return value;
  }

 private:
  [[noreturn]] void fail(const std::string& why) const {
    throw Error("not valid JSON at byte " + std::to_string(at_) + ": " + why);
  }

  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' ||
                                  text_[at_] == '\t')) {
      ++at_;
    }
  }

  char peek() const {
    if (at_ >= text_.size()) fail("the text ends early");
    return text_[at_];
  }

  void expect(char c) {
    if (peek() != c) fail(std::string("'") + c + "' was expected");
    ++at_;
  }

  bool take_word(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  Json read(int depth) {
    if (depth > kMaxDepth) fail("nested too deeply");
    skip_space();
    switch (peek()) {
      case '{':
        return read_object(depth);
      case '[':
        return read_array(depth);
      case '"':
        return Json(read_string());
      default:
        if (take_word("true")) return Json(true);
        if (take_word("false")) return Json(false);
        if (take_word("null")) return Json();
        if (non_finite_ == NonFinite::named) {
          for (const auto& [word, value] : kNonFinite) {
            if (take_word(word)) return Json(value);
          }
        }
        return read_number();
    }
  }

  Json read_object(int depth) {
    Json::Object members;
    std::set<std::string> seen;
    expect('{');
    skip_space();
    if (peek() == '}') {
      ++at_;
      return Json(std::move(members));
    }
    for (;;) {
      skip_space();
      std::string key = read_string();
      if (!seen.insert(key).second) fail("the key '" + key + "' occurs twice");
      skip_space();
      expect(':');
      members.emplace_back(std::move(key), read(depth + 1));
      skip_space();
      if (peek() == ',') {
        ++at_;
        continue;
      }
      expect('}');
      return Json(std::move(members));
    }
  }

  Json read_array(int depth) {
    Json::Array items;
    expect('[');
    skip_space();
    if (peek() == ']') {
      ++at_;
      return Json(std::move(items));
    }
    for (;;) {
      items.push_back(read(depth + 1));
      skip_space();
      if (peek() == ',') {
        ++at_;
        continue;
      }
      expect(']');
      return Json(std::move(items));
    }
  }

  Json read_number() {
    const size_t start = at_;
    while (at_ < text_.size() &&
           std::string_view("+-.0123456789eE").find(text_[at_]) != std::string_view::npos) {
      ++at_;
    }
    const std::string_view digits = text_.substr(start, at_ - start);
    double value = 0;
    // from_chars takes "01" and "1." where JSON does not; nothing here depends on refusing them.
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) {
      at_ = start;
      fail("a value was expected");
    }
    return Json(value);
  }

  uint32_t read_hex4() {
    uint32_t code = 0;
    if (text_.size() - at_ < 4) fail("the text ends early");
    const char* first = text_.data() + at_;
    const auto [end, error] = std::from_chars(first, first + 4, code, 16);
    if (error != std::errc() || end != first + 4) fail("four hexadecimal digits were expected");
    at_ += 4;
    return code;
  }

  static void append_utf8(std::string& out, uint32_t code) {
    if (code < 0x80) {
      out += static_cast<char>(code);
    } else if (code < 0x800) {
      out += static_cast<char>(0xC0 | (code >> 6));
      out += static_cast<char>(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
      out += static_cast<char>(0xE0 | (code >> 12));
      out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
      out += static_cast<char>(0x80 | (code & 0x3F));
    } else {
      out += static_cast<char>(0xF0 | (code >> 18));
      out += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
      out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
      out += static_cast<char>(0x80 | (code & 0x3F));
    }
  }

  void read_escape(std::string& out) {
    const char c = peek();
    ++at_;
    switch (c) {
      case '"': case '\\': case '/': out += c; return;
      case 'b': out += '\b'; return;
      case 'f': out += '\f'; return;
      case 'n': out += '\n'; return;
      case 'r': out += '\r'; return;
      case 't': out += '\t'; return;
      case 'u': break;
      default: fail("an unknown escape");
    }
    uint32_t code = read_hex4();
    if (code >= 0xDC00 && code < 0xE000) fail("half of a surrogate pair");
    if (code >= 0xD800 && code < 0xDC00) {
      if (!take_word("\\u")) fail("half of a surrogate pair");
      const uint32_t low = read_hex4();
      if (low < 0xDC00 || low >= 0xE000) fail("half of a surrogate pair");
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    append_utf8(out, code);
  }

  std::string read_string() {
    std::string out;
    expect('"');
    for (;;) {
      const char c = peek();
      ++at_;
      if (c == '"') return out;
      if (static_cast<unsigned char>(c) < 0x20) fail("a control character in a string");
      if (c == '\\') {
        read_escape(out);
      } else {
        out += c;
      }
    }
  }

  std::string_view text_;
  NonFinite non_finite_;
  size_t at_ = 0;
};

void write_string(std::string& out, const std::string& text) {
  static constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (u < 0x20) {
      out += "\\u00";
      out += kHex[u >> 4];
      out += kHex[u & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

void write(std::string& out, const Json& value, NonFinite non_finite) {
  if (value.is_null()) {
    out += "null";
  } else if (value.is_boolean()) {
    out += value.boolean() ? "true" : "false";
  } else if (value.is_number()) {
    if (!std::isfinite(value.number())) {
      out += non_finite == NonFinite::named ? word_of(value.number()) : "null";
      return;
    }
    char buffer[32];
    const auto result = std::to_chars(buffer, buffer + sizeof buffer, value.number());
    out.append(buffer, result.ptr);
  } else if (value.is_string()) {
    write_string(out, value.string());
  } else if (value.is_array()) {
    out += '[';
    bool first = true;
    for (const Json& item : value.array()) {
      if (!first) out += ',';
      first = false;
      write(out, item, non_finite);
    }
    out += ']';
  } else {
    out += '{';
    bool first = true;
    for (const auto& [key, item] : value.object()) {
      if (!first) out += ',';
      first = false;
      write_string(out, key);
      out += ':';
      write(out, item, non_finite);
    }
    out += '}';
  }
}

}  // namespace

bool Json::boolean(std::string_view what) const {
  if (!is_boolean()) wrong_type(what, "true or false");
  return std::get<bool>(value_);
}

double Json::number(std::string_view what) const {
  if (!is_number()) wrong_type(what, "a number");
  return std::get<double>(value_);
}

int64_t Json::integer(std::string_view what) const {
  const double value = number(what);
  if (!(std::fabs(value) <= 9007199254740992.0) || value != std::floor(value)) {
    wrong_type(what, "a whole number");
  }
  return static_cast<int64_t>(value);
}

const std::string& Json::string(std::string_view what) const {
  if (!is_string()) wrong_type(what, "a text");
  return std::get<std::string>(value_);
}

const Json::Array& Json::array(std::string_view what) const {
  if (!is_array()) wrong_type(what, "a list");
  return std::get<Array>(value_);
}

const Json::Object& Json::object(std::string_view what) const {
  if (!is_object()) wrong_type(what, "a list with names");
  return std::get<Object>(value_);
}

const Json* Json::find(std::string_view key) const {
  for (const auto& [name, value] : object(key)) {
    if (name == key) return &value;
  }
  return nullptr;
}

const Json& Json::at(std::string_view key) const {
  const Json* value = find(key);
  if (value == nullptr) throw Error("'" + std::string(key) + "' is missing");
  return *value;
}

Json read_json(std::string_view text, NonFinite non_finite) {
  return Reader(text, non_finite).document();
}

std::string write_json(const Json& value, NonFinite non_finite) {
  std::string out;
  write(out, value, non_finite);
  return out;
}

}  // namespace sketchvae
