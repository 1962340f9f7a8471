// See csv.h.
#include <array>
#include <charconv>
#include <string>

#include "data/csv.h"
#include "data/csv_columns.h"
#include "data/csv_text.h"
#include "error.h"

namespace sketchvae {
namespace {

constexpr int64_t kChunk = 1 << 20;  // bytes written at a time
constexpr int64_t kLongest = 20;     // bytes of a value or a name, with what separates them

}  // namespace

void write_csv_drawings(const uint8_t* bytes, int64_t n, PictureSize size, const std::string& path,
                        Host& host) {
  const int64_t pixels = size.pixels();
  if (pixels > kMaxCsvLine / kLongest) {
    throw Error("drawings of " + std::to_string(size.rows) + " x " + std::to_string(size.cols) +
                " are too large for a line of text; .npy holds them");
  }
  std::array<std::string, 256> words;
  for (size_t v = 0; v < words.size(); ++v) {
    // The same in every locale; printf() is not.
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), static_cast<double>(v) / 255.0,
                                   std::chars_format::general, 15);
    words[v] = ',' + std::string(digits.data(), end.ptr);
  }
  std::string buffer = "\"\"";
  for (int64_t p = 0; p < pixels; ++p) {
    const std::string name = size == PictureSize{} ? "X" + std::to_string(p + 1)
                                                   : pixel_name(p / size.cols + 1, p % size.cols + 1);
    buffer += ",\"" + name + "\"";
  }
  buffer += '\n';
  AtomicFile file(path);
  for (int64_t i = 0; i < n; ++i) {
    buffer += '"' + std::to_string(i + 1) + '"';
    for (int64_t p = 0; p < pixels; ++p) buffer += words[bytes[i * pixels + p]];
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
