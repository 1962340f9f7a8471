// Fuzzes the .npy reader. The first byte of an input chooses how it is used, so that random bytes
// get past the magic, the length and the shape; see tools/fuzz.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "data/npy.h"
#include "data/strokes.h"
#include "error.h"

using namespace sketchvae;

namespace {

void read_all(const std::vector<uint8_t>& file) {
  const MemoryBytes source("input", file.data(), static_cast<int64_t>(file.size()));
  SilentHost host;
  try {
    const NpyHeader header = read_npy_header(source);
    const NpyShape shape = whole_drawings_in(source, header);
    const int64_t n = shape.drawings, pixels = shape.size.pixels();
    if (header.offset + n * pixels * header.item_bytes != source.size()) std::abort();
    std::vector<uint8_t> out(static_cast<size_t>(n * pixels));
    read_npy_drawings(source, n, out.data(), host);
    // The first of several are what they are on their own, unless their range differs.
    if (n > 1 && header.kind == 'u') {
      std::vector<uint8_t> first(static_cast<size_t>(pixels));
      read_npy_drawings(source, 1, first.data(), host);
      if (!std::equal(first.begin(), first.end(), out.begin())) std::abort();
    }
  } catch (const Error&) {
  }
}

std::vector<uint8_t> with_header(int version, const std::string& text) {
  std::vector<uint8_t> file{0x93, 'N', 'U', 'M', 'P', 'Y', static_cast<uint8_t>(version), 0};
  for (int k = 0; k < (version == 1 ? 2 : 4); ++k) {
    file.push_back(static_cast<uint8_t>(text.size() >> (8 * k)));
  }
  file.insert(file.end(), text.begin(), text.end());
  return file;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 6) return 0;
  const uint8_t mode = data[0] % 4;
  const std::vector<uint8_t> rest(data + 1, data + size);
  if (mode == 0) {  // any bytes
    read_all(rest);
  } else if (mode == 1) {  // any header text, up to a zero, then data
    const auto end = std::find(rest.begin(), rest.end(), 0);
    std::vector<uint8_t> file = with_header(1 + rest[0] % 3, std::string(rest.begin(), end));
    file.insert(file.end(), end, rest.end());
    read_all(file);
  } else {  // a good header over any numbers, or (mode 3) with a few of its bytes changed
    static const char* const kTypes[] = {"|b1", "|u1", "<u2", ">u4", "<u8", "|i1", ">i2",
                                         "<i4", ">i8", "<f4", ">f4", "<f8", ">f8",
                                         "<f2", ">f2", "<V2"};
    static const char* const kShapes[] = {"784)",        "28, 28)",    "1L, 784L)",
                                          "28, 28, 1)", "1, 28, 28)", "784, 1)"};
    const std::string type = kTypes[rest[0] % 16];
    const int64_t n = rest[1] % 4;
    std::vector<uint8_t> file = with_header(
        1 + rest[2] % 3,
        "{'descr': '" + type + "', 'fortran_order': " + (rest[2] & 64 ? "True" : "False") +
            ", 'shape': (" + std::to_string(n) + ", " + kShapes[rest[3] % 6] + ", }\n");
    const size_t header = file.size();
    const size_t values = static_cast<size_t>(n * kPixels * (type[2] - '0'));
    for (size_t i = 0; i < values; ++i) file.push_back(rest[4 + i % (rest.size() - 4)]);
    if (mode == 3) {
      for (size_t i = 4; i + 1 < std::min<size_t>(rest.size(), 10); i += 2) {
        file[rest[i] % header] ^= rest[i + 1];
      }
    }
    read_all(file);
  }
  return 0;
}
