// See npy_write.h; the format: numpy/lib/format.py.
#include "data/npy_write.h"

#include <algorithm>
#include <bit>
#include <vector>

#include "data/bytes.h"
#include "data/npy_blocks.h"
#include "data/npy_header.h"
#include "data/npy_shape.h"

namespace sketchvae {
namespace {

std::vector<int64_t> shape_of_drawings(int64_t n, PictureSize size) {
  if (size == PictureSize{}) return {n, size.pixels()};
  NpyHeader header;
  header.shape = {n, size.rows, size.cols};
  const auto back = npy_shape(header);
  if (!back || back->drawings != n || back->size != size) header.shape.push_back(1);
  return header.shape;
}

}  // namespace

void write_npy_drawings(const uint8_t* bytes, int64_t n, PictureSize size, const std::string& path,
                        Host& host) {
  const int64_t pixels = size.pixels();
  // Bytes that are all 0 or 1 would be read as ink, as others' are: such drawings, nearly all paper, are
  // written as numbers from 0 to 1.
  const bool faint = n > 0 && *std::max_element(bytes, bytes + n * pixels) == 1;
  std::string header = std::string("{'descr': '") +
                       (!faint ? "|u1" : std::endian::native == std::endian::big ? ">f8" : "<f8") +
                       "', 'fortran_order': False, 'shape': " + shape_text(shape_of_drawings(n, size)) + ", }";
  constexpr size_t kPrefix = 10, kAlign = 64;  // as NumPy pads it
  header.append(kAlign - (kPrefix + header.size() + 1) % kAlign, ' ');
  header += '\n';
  std::string start(kNpyMagic);
  start += {'\x01', '\x00', static_cast<char>(header.size() & 255),
            static_cast<char>(header.size() >> 8)};
  AtomicFile file(path);
  file.write((start + header).data(), static_cast<int64_t>(kPrefix + header.size()));
  std::vector<double> values;
  for_each_block(n, 0, n, host, [&](int64_t first, int64_t count) {
    const uint8_t* block = bytes + first * pixels;
    if (!faint) return file.write(block, count * pixels);
    values.resize(static_cast<size_t>(count * pixels));
    std::transform(block, block + count * pixels, values.begin(), [](uint8_t b) { return b / 255.0; });
    file.write(values.data(), count * pixels * static_cast<int64_t>(sizeof(double)));
  });
  file.commit();
  host.progress(n, n);
}

}  // namespace sketchvae
