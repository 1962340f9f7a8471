// See csv.h. Most values are 0 and the rest come from 256 possible ones, which is why this is some
// hundred times faster than a general reader.
#include "data/csv.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <optional>
#include <string_view>

#include "data/pixels.h"
#include "error.h"

namespace sketchvae {
namespace {

constexpr int64_t kChunk = 1 << 20;    // bytes read or written at a time
constexpr int64_t kMaxLine = 1 << 20;  // a row of 784 values has at most 20 kB

// Hands out the lines of a source, without their ends.
class Lines {
 public:
  explicit Lines(const ByteSource& source) : source_(source) {}

  // The next line, valid until the next call; none at the end.
  std::optional<std::string_view> next() {
    for (;;) {
      const size_t end = buffer_.find('\n', scanned_);
      if (end != std::string::npos) return take(end, end + 1);
      scanned_ = buffer_.size();
      if (position_ == source_.size()) {
        if (start_ == buffer_.size()) return std::nullopt;
        return take(buffer_.size(), buffer_.size());
      }
      if (static_cast<int64_t>(buffer_.size() - start_) > kMaxLine) {
        throw Error(source_.name() + ", line " + std::to_string(number_ + 1) +
                    " is too long to be a drawing.");
      }
      fill();
    }
  }

  int64_t number() const { return number_; }  // of the line last given, from 1
  int64_t position() const { return position_; }

 private:
  std::string_view take(size_t end, size_t next_start) {
    std::string_view line(buffer_.data() + start_, end - start_);
    if (line.ends_with('\r')) line.remove_suffix(1);
    start_ = scanned_ = next_start;
    ++number_;
    return line;
  }
  void fill() {
    buffer_.erase(0, start_);
    scanned_ -= start_;
    start_ = 0;
    const int64_t count = std::min(kChunk, source_.size() - position_);
    const size_t old = buffer_.size();
    buffer_.resize(old + static_cast<size_t>(count));
    source_.read(position_, reinterpret_cast<uint8_t*>(buffer_.data()) + old, count);
    position_ += count;
  }

  const ByteSource& source_;
  std::string buffer_;
  size_t start_ = 0;    // of the next line in the buffer
  size_t scanned_ = 0;  // no line end between start_ and here
  int64_t position_ = 0;
  int64_t number_ = 0;
};

// Splits off the next field of a line. A field in quotes may hold commas.
std::string_view take_field(std::string_view& rest, bool& more) {
  size_t end = 0;
  if (!rest.empty() && rest[0] == '"') {
    end = rest.find('"', 1);
    end = end == std::string_view::npos ? rest.size() : end + 1;
  }
  end = rest.find(',', end);
  more = end != std::string_view::npos;
  const std::string_view field = rest.substr(0, end);
  rest.remove_prefix(more ? end + 1 : rest.size());
  return field;
}

int64_t count_fields(std::string_view line) {
  int64_t n = 0;
  for (bool more = true; more; ++n) take_field(line, more);
  return n;
}

std::optional<double> number_in(std::string_view field) {
  while (!field.empty() && field.front() == ' ') field.remove_prefix(1);
  while (!field.empty() && field.back() == ' ') field.remove_suffix(1);
  if (field.size() > 1 && field.front() == '"' && field.back() == '"') {
    field = field.substr(1, field.size() - 2);
  }
  double value = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (error != std::errc() || end != field.data() + field.size()) return std::nullopt;
  return value;
}

// A header has names: its second field is in quotes, or no number.
bool is_header(std::string_view line) {
  bool more = false;
  take_field(line, more);
  if (!more) return true;
  const std::string_view second = take_field(line, more);
  return second.starts_with('"') || !number_in(second);
}

[[noreturn]] void bad_line(const ByteSource& source, int64_t line, const std::string& why) {
  throw Error(source.name() + ", line " + std::to_string(line) + ": " + why);
}

// One pass with a given meaning of the numbers; nothing when a value above 1 shows that they mean
// 0..255 after all.
std::optional<std::vector<uint8_t>> read_with(const ByteSource& source, double factor, Host& host) {
  const double top = 255.0 / factor;
  std::vector<uint8_t> out;
  Lines lines(source);
  int64_t columns = 0;
  while (const auto line = lines.next()) {
    if (lines.number() % 64 == 1) {
      if (host.should_stop()) throw Interrupted();
      host.progress(lines.position(), source.size());
    }
    if (line->empty() || (lines.number() == 1 && is_header(*line))) continue;
    const int64_t fields = count_fields(*line);
    if (columns == 0 && (fields == kPixels || fields == kPixels + 1)) columns = fields;
    if (fields != columns) {
      bad_line(source, lines.number(),
               std::to_string(fields) + " values, but a drawing has 784, with a row number 785.");
    }
    std::string_view rest = *line;
    bool more = true;
    if (columns > kPixels) take_field(rest, more);
    const size_t at = out.size();
    out.resize(at + static_cast<size_t>(kPixels));
    for (size_t p = 0; p < static_cast<size_t>(kPixels); ++p) {
      const std::string_view field = take_field(rest, more);
      if (field == "0") continue;
      const std::optional<double> value = number_in(field);
      if (!value || !std::isfinite(*value)) {
        bad_line(source, lines.number(),
                 "'" + std::string(field.substr(0, 40)) + "' is not a number.");
      }
      if (*value < 0 || *value > 255) {
        bad_line(source, lines.number(),
                 std::string(field.substr(0, 40)) + " is no pixel; they are 0..1 or 0..255.");
      }
      if (*value > top) return std::nullopt;
      out[at + p] = byte_of(*value, factor);
    }
  }
  if (columns == 0) throw Error(source.name() + " holds no drawings.");
  host.progress(source.size(), source.size());
  return out;
}

}  // namespace

std::vector<uint8_t> read_csv_drawings(const ByteSource& source, Host& host) {
  refuse_strangers(source, "a CSV file");
  if (auto out = read_with(source, 255.0, host)) return *std::move(out);
  return *read_with(source, 1.0, host);
}

void write_csv_drawings(const uint8_t* bytes, int64_t n, const std::string& path, Host& host) {
  std::array<std::string, 256> words;
  for (size_t v = 0; v < words.size(); ++v) {
    std::array<char, 32> digits{};
    std::snprintf(digits.data(), digits.size(), ",%.15g", static_cast<double>(v) / 255.0);
    words[v] = digits.data();
  }
  std::string buffer = "\"\"";
  for (int64_t p = 1; p <= kPixels; ++p) buffer += ",\"X" + std::to_string(p) + "\"";
  buffer += '\n';
  AtomicFile file(path);
  for (int64_t i = 0; i < n; ++i) {
    buffer += '"' + std::to_string(i + 1) + '"';
    for (int64_t p = 0; p < kPixels; ++p) buffer += words[bytes[i * kPixels + p]];
    buffer += '\n';
    if (static_cast<int64_t>(buffer.size()) >= kChunk) {
      if (host.should_stop()) throw Interrupted();
      host.progress(i, n);
      file.write(buffer.data(), static_cast<int64_t>(buffer.size()));
      buffer.clear();
    }
  }
  file.write(buffer.data(), static_cast<int64_t>(buffer.size()));
  file.commit();
  host.progress(n, n);
}

}  // namespace sketchvae
