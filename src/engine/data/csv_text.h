// The lines, fields and numbers of tables as text. Tests: tests/cpp/test_csv.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "data/bytes.h"
#include "data/inflate.h"

namespace sketchvae {

// Longer lines are no drawings.
constexpr int64_t kMaxCsvLine = 1 << 24;

// Hands out the lines of a source, unpacked and without their ends.
class CsvLines {
 public:
  // Throws Error for UTF-16.
  explicit CsvLines(const ByteSource& source);

  // The next line, valid until the next call; none at the end. Throws Error for one that is too long.
  std::optional<std::string_view> next();

  int64_t number() const { return number_; }  // of the line last given, from 1
  int64_t position() const { return unpacked_ ? unpacked_->taken() : position_; }

 private:
  std::string_view take(size_t end, size_t next_start);
  bool fill();

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
std::string_view take_field(std::string_view& rest, char separator, bool& more);

int64_t count_fields(std::string_view line, char separator);

// The first separator that makes at least `wanted` fields of a line, else the one that makes most. Semicolons go
// before commas, which may be decimal ones, and spaces last, which may only surround.
char separator_of(std::string_view line, int64_t wanted);

std::string_view unquoted(std::string_view field);

// Read the same in every locale. "0,5" is a half: as a field that holds a comma it can be nothing else.
std::optional<double> number_in(std::string_view field);

// Empty where there is none.
std::string_view second_field(std::string_view line, char separator);

}  // namespace sketchvae
