// Fuzzes the CSV reader with any text, and with rows of the right number of fields made of the
// input's own words.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "data/csv.h"
#include "error.h"

using namespace sketchvae;

namespace {

void read_all(const std::string& text) {
  const MemoryBytes source("input", reinterpret_cast<const uint8_t*>(text.data()),
                           static_cast<int64_t>(text.size()));
  SilentHost host;
  try {
    const CsvDrawings read = read_csv_drawings(source, text.size() % 5 == 0 ? "1" : "", {}, host);
    const std::vector<uint8_t>& out = read.pixels;
    const size_t n = out.size() / static_cast<size_t>(read.size.pixels());
    if (!read.labels.empty() && read.labels.size() != n) std::abort();
    if (out.empty() || out.size() % static_cast<size_t>(read.size.pixels()) != 0) std::abort();
  } catch (const Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 3) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 2, size - 2);
  if (data[0] % 4 == 0) {
    read_all(text);
    return 0;
  }
  std::vector<std::string> words;
  for (size_t from = 0; from <= text.size();) {
    const size_t end = std::min(text.find(',', from), text.size());
    words.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  const int fields = 784 + (data[0] >> 2) % 2;
  const int rows = data[1] % 8 == 0 ? 2 : 1;
  std::string table = data[1] & 64 ? "\"\",\"X1\"\n" : "";
  // Mostly good values, so that the odd word is reached; zeros are quickest.
  const size_t every = 64;
  size_t next = 0;
  for (int row = 0; row < rows; ++row) {
    for (int field = 0; field < fields; ++field) {
      if (field > 0) table += ',';
      if (static_cast<size_t>(field) % every == 0) {
        table += words[next++ % words.size()];
      } else {
        table += '0';
      }
    }
    table += data[1] & 128 ? "\r\n" : "\n";
  }
  read_all(table);
  return 0;
}
