#include "data/csv_columns.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>
#include <string_view>

#include "error.h"

namespace sketchvae {
namespace {

template <size_t n>
bool is_one_of(const std::array<std::string_view, n>& words, std::string name) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return std::find(words.begin(), words.end(), name) != words.end();
}

bool names_rows(const std::string& name) {
  static constexpr std::array<std::string_view, 10> kWords{
      "", "unnamed: 0", "index", "id", "row", "rowname", "rownames", "row.names", "row_id", "rowid"};
  return is_one_of(kWords, name);
}

bool names_label(const std::string& name) {
  static constexpr std::array<std::string_view, 14> kWords{
      "label", "labels", "class", "classes", "target", "y", "digit", "category", "word", "letter",
      "character", "species", "name", "kind"};
  return is_one_of(kWords, name);
}

std::string columns_text(int64_t count, PictureSize size) {
  return std::to_string(count) + " values, but a drawing of " + std::to_string(size.rows) + " x " +
         std::to_string(size.cols) + " has " + std::to_string(size.pixels()) + ", with a row number or a label " +
         std::to_string(size.pixels() + 1);
}

// What to say of a square number of values, or of one more.
std::string square_hint(int64_t count, PictureSize size) {
  if (size != PictureSize{}) return "";
  for (const int64_t pixels : {count, count - 1}) {
    const auto side = static_cast<int64_t>(std::lround(std::sqrt(static_cast<double>(pixels))));
    if (side > 3 && side * side == pixels) {
      const std::string s = std::to_string(side);
      return " If they are of " + s + " x " + s + ", say so (size = c(" + s + ", " + s + ")).";
    }
  }
  return "";
}

// 1, 2, 3, ... or 0, 1, 2, ...
bool counts_rows(const std::vector<std::string>& values) {
  const int64_t from = !values.empty() && values[0] == "0" ? 0 : 1;
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i] != std::to_string(from + static_cast<int64_t>(i))) return false;
  }
  return from == 1 || values.size() > 1;
}

int64_t column_of(const std::vector<std::string>& header, int64_t count, const std::string& label) {
  for (size_t i = 0; i < header.size(); ++i) {
    if (header[i] == label) {
      return static_cast<int64_t>(i) + (count - static_cast<int64_t>(header.size()));
    }
  }
  int64_t number = 0;
  const auto [end, error] = std::from_chars(label.data(), label.data() + label.size(), number);
  if (error == std::errc() && end == label.data() + label.size() && number >= 1 && number <= count) {
    return number - 1;
  }
  throw Error(header.empty()
                  ? "there is no header with a column '" + label + "', and no column of this number."
                  : "there is no column '" + label + "'; the first is '" + header.front() +
                        "', the last '" + header.back() + "'.");
}

}  // namespace

std::string pixel_name(int64_t row, int64_t column) {
  return "r" + std::to_string(row) + "c" + std::to_string(column);
}

std::optional<PictureSize> size_in_names(const std::vector<std::string>& header) {
  const auto first = static_cast<size_t>(std::find(header.begin(), header.end(), "r1c1") - header.begin());
  PictureSize size{1, 0};
  size_t at = first;
  while (at < header.size() && header[at] == pixel_name(1, size.cols + 1)) ++at, ++size.cols;
  if (size.cols == 0) return {};
  for (; at < header.size() && header[at] == pixel_name(size.rows + 1, 1); ++size.rows) {
    for (int64_t c = 1; c <= size.cols; ++c, ++at) {
      if (at >= header.size() || header[at] != pixel_name(size.rows + 1, c)) return {};
    }
  }
  return size;
}

CsvColumns find_columns(const std::vector<std::string>& header, int64_t count,
                        const std::string& label, PictureSize size) {
  const int64_t pixels = size.pixels();
  CsvColumns found;
  found.count = count;
  found.pixels = pixels;
  const auto named = static_cast<int64_t>(header.size());
  if (named > 0 && named != count && named != count - 1) {
    throw Error(std::to_string(count) + " values under a header of " + std::to_string(named) + " names.");
  }
  const int64_t more = count - pixels - (label.empty() ? 0 : 1);
  if (count < pixels || more < 0 || count - pixels > 2) {
    const std::string why = columns_text(count, size);
    throw Error(count % pixels == 0 && count > pixels ? why + ". Each drawing needs a line of its own."
                : count > pixels - 2 && !label.empty()
                    ? why + "; without the label's there are " + std::to_string(count - 1) + "."
                    : why + "." + square_hint(count, size));
  }
  if (!label.empty()) {
    found.label = column_of(header, count, label);
    if (more == 1) found.row_names = found.label == 0 ? 1 : 0;
    return found;
  }
  if (more == 0) return found;
  const bool first_names = named == count - 1 || (named == count && names_rows(header[0]));
  if (more == 2 || first_names) found.row_names = 0;
  if (more == 1 && first_names) return found;
  const int64_t first = more - 1;  // the first column that may be the label
  const bool by_first = named == count && names_label(header[static_cast<size_t>(first)]);
  const bool by_last = named > 0 && names_label(header.back());
  if (by_first != by_last) {
    found.label = by_first ? first : count - 1;
    return found;
  }
  if (more == 2) {
    throw Error(std::to_string(count) + " values, and no header says which is the label: name it, or say its "
                "number (label = 2, label = " + std::to_string(count) + ").");
  }
  found.open = true;
  return found;
}

void settle(CsvColumns& columns, const CsvEnd& first, const CsvEnd& last) {
  if (!columns.open) return;
  columns.open = false;
  const bool unique = std::set(first.values.begin(), first.values.end()).size() == first.values.size();
  if (counts_rows(first.values) || ((first.text || first.quoted) && !last.text && unique)) {
    columns.row_names = 0;
    return;
  }
  const bool first_labels = first.text || first.whole, last_labels = last.text || last.whole;
  const bool by_first = first_labels && last.pixels && (!first.pixels || !last_labels || (last.zero && !first.zero));
  const bool by_last = last_labels && first.pixels && (!last.pixels || !first_labels || (first.zero && !last.zero));
  if (by_first == by_last) {
    const std::string count = std::to_string(columns.count);
    throw Error("has " + count + " columns, and neither its header nor its values say which one is the label: say "
                "it (label = 1 for the first, label = " + count + " for the last).");
  }
  columns.label = by_first ? 0 : columns.count - 1;
}

}  // namespace sketchvae
