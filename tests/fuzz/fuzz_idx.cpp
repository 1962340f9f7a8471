// Fuzzes the IDX reader with any bytes, and with headers whose sizes fit the bytes that follow.
#include <cstdlib>
#include <vector>

#include "data/idx.h"
#include "data/strokes.h"
#include "error.h"

using namespace sketchvae;

namespace {

void read_all(const std::vector<uint8_t>& file) {
  const MemoryBytes source("input", file.data(), static_cast<int64_t>(file.size()));
  try {
    if (read_idx_drawings(source).pixels.size() + 16 != file.size()) std::abort();
  } catch (const Error&) {
  }
  try {
    const size_t labels = read_idx_labels(source).size();
    const size_t columns = file[3] == 2 ? file[8] << 24 | file[9] << 16 | file[10] << 8 | file[11] : 1;
    const size_t bytes = labels * columns * (file[2] == 8 ? 1 : 4);
    if (bytes + 4 + 4 * file[3] != file.size()) std::abort();
  } catch (const Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  std::vector<uint8_t> file(data + 1, data + size);
  if (data[0] % 3 == 1) {  // labels
    const auto n = static_cast<uint8_t>(file.size());
    file.insert(file.begin(), {0, 0, 8, 1, 0, 0, static_cast<uint8_t>(file.size() >> 8), n});
  } else if (data[0] % 3 == 2) {  // images, often of the right length
    const uint8_t n = file[0] % 3;
    const std::vector<uint8_t> header{0, 0, 8, 3, 0, 0, 0, n, 0, 0, 0, 28, 0, 0, 0, 28};
    if (file[0] & 128) file.resize(static_cast<size_t>(n * kPixels));
    file.insert(file.begin(), header.begin(), header.end());
  }
  read_all(file);
  return 0;
}
