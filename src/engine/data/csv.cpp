// See csv.h. Most values are 0 and the rest come from 256 possible ones, which is why this is some
// hundred times faster than a general reader.
#include "data/csv.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "data/csv_columns.h"
#include "data/inflate.h"
#include "data/pixels.h"
#include "error.h"

namespace sketchvae {
namespace {

constexpr int64_t kChunk = 1 << 20;    // bytes read or written at a time
constexpr int64_t kMaxLine = 1 << 20;  // a row of 784 values has at most 20 kB

// Hands out the lines of a source, unpacked and without their ends.
class Lines {
 public:
  explicit Lines(const ByteSource& source) : source_(source) {
    if (is_gzip(source)) {
      unpacked_ = std::make_unique<Inflater>(source, 0, source.size(), Inflater::Format::gzip);
    }
    fill();
    if (buffer_.starts_with("\xef\xbb\xbf")) start_ = scanned_ = 3;
    if (buffer_.starts_with("\xff\xfe") || buffer_.starts_with("\xfe\xff")) {
      throw Error(source.name() + " is text as UTF-16. Save it as UTF-8.");
    }
    if (buffer_.find('\n') == std::string::npos && buffer_.find('\r') != std::string::npos) end_ = '\r';
  }

  // The next line, valid until the next call; none at the end.
  std::optional<std::string_view> next() {
    for (;;) {
      const size_t end = buffer_.find(end_, scanned_);
      if (end != std::string::npos) return take(end, end + 1);
      scanned_ = buffer_.size();
      if (static_cast<int64_t>(buffer_.size() - start_) > kMaxLine) {
        throw Error(source_.name() + ", line " + std::to_string(number_ + 1) +
                    " is too long to be a drawing; each needs a line of its own.");
      }
      if (!fill()) {
        if (start_ == buffer_.size()) return std::nullopt;
        return take(buffer_.size(), buffer_.size());
      }
    }
  }

  int64_t number() const { return number_; }  // of the line last given, from 1
  int64_t position() const { return unpacked_ ? unpacked_->taken() : position_; }

 private:
  std::string_view take(size_t end, size_t next_start) {
    std::string_view line(buffer_.data() + start_, end - start_);
    if (line.ends_with('\r')) line.remove_suffix(1);
    start_ = scanned_ = next_start;
    ++number_;
    return line;
  }
  bool fill() {
    buffer_.erase(0, start_);
    scanned_ -= start_;
    start_ = 0;
    const size_t old = buffer_.size();
    int64_t count = std::min(kChunk, unpacked_ ? kChunk : source_.size() - position_);
    buffer_.resize(old + static_cast<size_t>(count));
    auto* to = reinterpret_cast<uint8_t*>(buffer_.data()) + old;
    if (unpacked_) {
      count = unpacked_->read(to, count);
      buffer_.resize(old + static_cast<size_t>(count));
    } else {
      source_.read(position_, to, count);
      position_ += count;
    }
    return count > 0;
  }

  const ByteSource& source_;
  std::unique_ptr<Inflater> unpacked_;
  std::string buffer_;
  char end_ = '\n';
  size_t start_ = 0;    // of the next line in the buffer
  size_t scanned_ = 0;  // no line end between start_ and here
  int64_t position_ = 0;
  int64_t number_ = 0;
};

// Splits off the next field of a line. A field in quotes may hold separators.
std::string_view take_field(std::string_view& rest, char separator, bool& more) {
  size_t end = 0;
  if (!rest.empty() && rest[0] == '"') {
    end = rest.find('"', 1);
    end = end == std::string_view::npos ? rest.size() : end + 1;
  }
  end = rest.find(separator, end);
  more = end != std::string_view::npos;
  const std::string_view field = rest.substr(0, end);
  rest.remove_prefix(more ? end + 1 : rest.size());
  return field;
}

int64_t count_fields(std::string_view line, char separator) {
  int64_t n = 0;
  for (bool more = true; more; ++n) take_field(line, separator, more);
  return n;
}

// The first that makes a drawing's fields of a line, else the one that makes most. Semicolons go before commas,
// which may be decimal ones, and spaces last, which may only surround.
char separator_of(std::string_view line) {
  char best = ',';
  int64_t most = count_fields(line, best);
  for (const char c : {';', '\t', '|', ',', ' '}) {
    const int64_t fields = count_fields(line, c);
    if (fields >= kPixels) return c;
    if (fields > most) best = c, most = fields;
  }
  return best;
}

std::string_view unquoted(std::string_view field) {
  while (!field.empty() && field.front() == ' ') field.remove_prefix(1);
  while (!field.empty() && field.back() == ' ') field.remove_suffix(1);
  if (field.size() > 1 && field.front() == '"' && field.back() == '"') {
    field = field.substr(1, field.size() - 2);
  }
  return field;
}

// Read the same in every locale. "0,5" is a half: as a field that holds a comma it can be nothing else.
std::optional<double> number_in(std::string_view field) {
  field = unquoted(field);
  std::string with_point;
  if (const size_t comma = field.find(','); comma != std::string_view::npos) {
    with_point = field;
    with_point[comma] = '.';
    field = with_point;
  }
  double value = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (error != std::errc() || end != field.data() + field.size()) return std::nullopt;
  return value;
}

std::string_view second_field(std::string_view line, char separator) {
  bool more = false;
  take_field(line, separator, more);
  return more ? take_field(line, separator, more) : std::string_view();
}

[[noreturn]] void bad_line(const ByteSource& source, int64_t line, const std::string& why) {
  throw Error(source.name() + ", line " + std::to_string(line) + ": " + why);
}

// A column at an end of which it is not known yet whether it is pixels.
struct End : CsvEnd {
  std::vector<double> numbers;

  void add(std::string_view field) {
    values.emplace_back(unquoted(field));
    quoted = quoted && field.starts_with('"');
    const std::optional<double> value = number_in(field);
    text = text || !value;
    whole = whole && value && std::isfinite(*value) && *value == std::floor(*value);
    zero = zero && value == 0.0;
    pixels = pixels && value && ValueRange::possible(*value);
    numbers.push_back(value.value_or(0));
  }
};

// One pass over a table with a given meaning of its numbers.
class Table {
 public:
  Table(const ByteSource& source, const std::string& label, double factor)
      : source_(source), label_(label), factor_(factor), lines_(source) {}

  // Nothing when the values show that their meaning is the other one.
  std::optional<CsvDrawings> read(Host& host) {
    bool began = false;
    std::string doubtful;
    while (const auto line = lines_.next()) {
      if (lines_.number() % 64 == 1) {
        if (host.should_stop()) throw Interrupted();
        host.progress(lines_.position(), source_.size());
        // What gzip has packed may be a thousand times as much.
        if (memory_ > 0 && static_cast<int64_t>(out_.pixels.size()) > memory_ / 2) {
          throw Error(source_.name() + " holds more drawings than this machine's memory.");
        }
      }
      if (line->find_first_not_of(" \t") == std::string_view::npos) continue;
      if (!std::exchange(began, true)) {
        separator_ = separator_of(*line);
        // A header has names. Numbers in quotes are names when the next line's have none.
        const std::string_view second = second_field(*line, separator_);
        if (!number_in(second)) {
          read_header(*line);
          continue;
        }
        if (second.starts_with('"')) {
          doubtful = *line;
          continue;
        }
      }
      if (!doubtful.empty()) {
        if (second_field(*line, separator_).starts_with('"')) {
          if (!row(doubtful)) return std::nullopt;
        } else {
          read_header(doubtful);
        }
        doubtful.clear();
      }
      if (!row(*line)) return std::nullopt;
    }
    if (!doubtful.empty() && !row(doubtful)) return std::nullopt;
    if (columns_.count == 0) throw Error(source_.name() + " holds no drawings.");
    if (columns_.open) close();
    if (range_.byte_factor(source_.name()) != factor_) return std::nullopt;
    host.progress(source_.size(), source_.size());
    return std::move(out_);
  }

 private:
  void read_header(std::string_view line) {
    for (bool more = true; more;) header_.emplace_back(unquoted(take_field(line, separator_, more)));
  }

  void first_row(std::string_view line, int64_t fields) {
    // A separator after the last value, in every line: no value is missing there.
    bool trailing = line.ends_with(separator_) && fields > kPixels;
    if (trailing && !header_.empty()) trailing = header_.back().empty();
    if (trailing && !header_.empty()) header_.pop_back();
    trailing_ = trailing;
    try {
      columns_ = find_columns(header_, fields - (trailing ? 1 : 0), label_);
    } catch (const Error& e) {
      bad_line(source_, lines_.number(), e.what());
    }
  }

  bool row(std::string_view line) {
    int64_t fields = count_fields(line, separator_);
    if (columns_.count == 0) first_row(line, fields);
    if (trailing_ && line.ends_with(separator_)) --fields;
    if (fields != columns_.count) {
      bad_line(source_, lines_.number(),
               std::to_string(fields) + " values, but the lines before have " +
                   std::to_string(columns_.count) + ".");
    }
    // Of a table that is open, the pixels between its ends.
    const int64_t kept = columns_.open ? columns_.count - 2 : kPixels;
    const size_t at = out_.pixels.size();
    out_.pixels.resize(at + static_cast<size_t>(kept));
    uint8_t* to = out_.pixels.data() + at;
    bool more = true;
    for (int64_t column = 0; column < fields; ++column) {
      const std::string_view field = take_field(line, separator_, more);
      if (columns_.open && (column == 0 || column == columns_.count - 1)) {
        (column == 0 ? first_ : last_).add(field);
      } else if (column == columns_.label) {
        out_.labels.emplace_back(unquoted(field));
      } else if (column != columns_.row_names) {
        const std::optional<uint8_t> byte = pixel(field);
        if (!byte) return false;
        *to++ = *byte;
      }
    }
    return true;
  }

  std::optional<uint8_t> pixel(std::string_view field) {
    if (field == "0") return uint8_t{0};
    const std::optional<double> value = number_in(field);
    if (!value || !std::isfinite(*value)) {
      bad_line(source_, lines_.number(), "'" + std::string(field.substr(0, 40)) + "' is not a number.");
    }
    if (!ValueRange::possible(*value)) {
      bad_line(source_, lines_.number(),
               std::string(field.substr(0, 40)) + " is no pixel; they are 0..1 or 0..255.");
    }
    range_.add(&*value, 1);
    if (factor_ != 1 && range_.above_one()) return std::nullopt;
    return byte_of(*value, factor_);
  }

  // Puts the end that is pixels to those between.
  void close() {
    try {
      settle(columns_, first_, last_);
    } catch (const Error& e) {
      throw Error(source_.name() + " " + e.what());
    }
    const bool at_first = columns_.label == columns_.count - 1;  // so the first is pixels
    const End& end = at_first ? first_ : last_;
    if (!end.pixels) {
      throw Error(source_.name() + ": its " + (at_first ? "first" : "last") +
                  " column holds what is no pixel; they are 0..1 or 0..255.");
    }
    range_.add(end.numbers.data(), static_cast<int64_t>(end.numbers.size()));
    const size_t between = static_cast<size_t>(kPixels - 1);
    std::vector<uint8_t> pixels(end.numbers.size() * static_cast<size_t>(kPixels));
    for (size_t i = 0; i < end.numbers.size(); ++i) {
      uint8_t* to = pixels.data() + i * static_cast<size_t>(kPixels);
      std::copy_n(out_.pixels.data() + i * between, between, to + (at_first ? 1 : 0));
      to[at_first ? 0 : between] = byte_of(end.numbers[i], factor_);
    }
    out_.pixels = std::move(pixels);
    if (columns_.label >= 0) out_.labels = at_first ? last_.values : first_.values;
  }

  const ByteSource& source_;
  const std::string& label_;
  double factor_;
  ValueRange range_;
  int64_t memory_ = physical_memory();
  Lines lines_;
  char separator_ = ',';
  bool trailing_ = false;
  std::vector<std::string> header_;
  CsvColumns columns_;
  End first_, last_;
  CsvDrawings out_;
};

}  // namespace

CsvDrawings read_csv_drawings(const ByteSource& source, const std::string& label, Host& host) {
  if (source.size() == 0 || !is_gzip(source)) refuse_strangers(source, "a CSV file");
  if (auto out = Table(source, label, 255.0).read(host)) return *std::move(out);
  return *Table(source, label, 1.0).read(host);
}

void write_csv_drawings(const uint8_t* bytes, int64_t n, const std::string& path, Host& host) {
  std::array<std::string, 256> words;
  for (size_t v = 0; v < words.size(); ++v) {
    // The same in every locale; printf() is not.
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), static_cast<double>(v) / 255.0,
                                   std::chars_format::general, 15);
    words[v] = ',' + std::string(digits.data(), end.ptr);
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
