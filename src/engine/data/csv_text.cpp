#include "data/csv_text.h"

#include <algorithm>
#include <charconv>

#include "error.h"

namespace sketchvae {
namespace {

constexpr int64_t kChunk = 1 << 20;  // bytes read at a time

}  // namespace

CsvLines::CsvLines(const ByteSource& source) : source_(source) {
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

std::optional<std::string_view> CsvLines::next() {
  for (;;) {
    const size_t end = buffer_.find(end_, scanned_);
    if (end != std::string::npos) return take(end, end + 1);
    scanned_ = buffer_.size();
    if (static_cast<int64_t>(buffer_.size() - start_) > kMaxCsvLine) {
      throw Error(source_.name() + ", line " + std::to_string(number_ + 1) +
                  " is too long to be a drawing; each needs a line of its own.");
    }
    if (!fill()) {
      if (start_ == buffer_.size()) return std::nullopt;
      return take(buffer_.size(), buffer_.size());
    }
  }
}

std::string_view CsvLines::take(size_t end, size_t next_start) {
  std::string_view line(buffer_.data() + start_, end - start_);
  if (line.ends_with('\r')) line.remove_suffix(1);
  start_ = scanned_ = next_start;
  ++number_;
  return line;
}

bool CsvLines::fill() {
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

char separator_of(std::string_view line, int64_t wanted) {
  char best = ',';
  int64_t most = count_fields(line, best);
  for (const char c : {';', '\t', '|', ',', ' '}) {
    const int64_t fields = count_fields(line, c);
    if (fields >= wanted) return c;
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

}  // namespace sketchvae
