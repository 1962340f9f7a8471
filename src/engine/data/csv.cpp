// See csv.h. Most values are 0 and the rest come from 256 possible ones, which is why this is some
// hundred times faster than a general reader.
#include "data/csv.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>

#include "data/csv_columns.h"
#include "data/csv_text.h"
#include "data/inflate.h"
#include "data/pixels.h"
#include "error.h"

namespace sketchvae {
namespace {

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
  Table(const ByteSource& source, const std::string& label, std::optional<PictureSize> size, double factor)
      : source_(source), label_(label), size_(size), factor_(factor), lines_(source) {}

  // Nothing when the values show that their meaning is the other one.
  std::optional<CsvDrawings> read(Host& host) {
    bool began = false;
    std::string doubtful;
    const int64_t wanted = size_.value_or(PictureSize{}).pixels();
    while (auto line = lines_.next()) {
      if (lines_.number() % 64 == 1) {
        if (host.should_stop()) throw Interrupted();
        host.progress(lines_.position(), source_.size());
        // What gzip has packed may be a thousand times as much.
        if (memory_ > 0 && static_cast<int64_t>(out_.pixels.size()) > memory_ / 2) {
          throw Error(source_.name() + " holds more drawings than this machine's memory.");
        }
      }
      if (line->find_first_not_of(" \t") == std::string_view::npos) continue;
      // numpy.savetxt() writes a header as a remark; other remarks before the table say nothing.
      if (!began && line->starts_with('#')) {
        line->remove_prefix(std::min(line->find_first_not_of("# \t"), line->size()));
        if (count_fields(*line, separator_of(*line, wanted)) < wanted) continue;
      }
      if (!std::exchange(began, true)) {
        separator_ = separator_of(*line, wanted);
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
    if (const auto named = size_in_names(header_)) {
      if (size_ && *size_ != *named) {
        bad_line(source_, 1, "its columns' names are those of drawings of " + std::to_string(named->rows) + " x " +
                                 std::to_string(named->cols) + ", another size than the one that was asked for.");
      }
      size_ = named;
    }
    const PictureSize size = out_.size = size_.value_or(PictureSize{});
    bool trailing = line.ends_with(separator_) && fields > size.pixels();
    if (trailing && !header_.empty()) trailing = header_.back().empty();
    if (trailing && !header_.empty()) header_.pop_back();
    trailing_ = trailing;
    try {
      columns_ = find_columns(header_, fields - (trailing ? 1 : 0), label_, size);
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
    const int64_t kept = columns_.open ? columns_.count - 2 : columns_.pixels;
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
    const auto whole = static_cast<size_t>(columns_.pixels), between = whole - 1;
    std::vector<uint8_t> pixels(end.numbers.size() * whole);
    for (size_t i = 0; i < end.numbers.size(); ++i) {
      uint8_t* to = pixels.data() + i * whole;
      std::copy_n(out_.pixels.data() + i * between, between, to + (at_first ? 1 : 0));
      to[at_first ? 0 : between] = byte_of(end.numbers[i], factor_);
    }
    out_.pixels = std::move(pixels);
    if (columns_.label >= 0) out_.labels = at_first ? last_.values : first_.values;
  }

  const ByteSource& source_;
  const std::string& label_;
  std::optional<PictureSize> size_;  // when something says it
  double factor_;
  ValueRange range_;
  int64_t memory_ = physical_memory();
  CsvLines lines_;
  char separator_ = ',';
  bool trailing_ = false;
  std::vector<std::string> header_;
  CsvColumns columns_;
  End first_, last_;
  CsvDrawings out_;
};

}  // namespace

CsvDrawings read_csv_drawings(const ByteSource& source, const std::string& label,
                              std::optional<PictureSize> size, Host& host) {
  if (source.size() == 0 || !is_gzip(source)) refuse_strangers(source, "a CSV file");
  if (auto out = Table(source, label, size, 255.0).read(host)) return *std::move(out);
  return *Table(source, label, size, 1.0).read(host);
}

}  // namespace sketchvae
