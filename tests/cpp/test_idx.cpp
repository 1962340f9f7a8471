// IDX: MNIST's images and labels, and everything that is neither.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "data/idx.h"
#include "data/strokes.h"
#include "error.h"

using namespace sketchvae;

namespace {

using Bytes = std::vector<uint8_t>;

Bytes idx(std::vector<uint32_t> shape, const Bytes& data, uint8_t type = 8) {
  Bytes file{0, 0, type, static_cast<uint8_t>(shape.size())};
  for (const uint32_t n : shape) {
    for (int k = 3; k >= 0; --k) file.push_back(static_cast<uint8_t>(n >> (8 * k)));
  }
  file.insert(file.end(), data.begin(), data.end());
  return file;
}

MemoryBytes source(const Bytes& file) {
  return {"x.idx", file.data(), static_cast<int64_t>(file.size())};
}

template <class F>
bool says(F read, const std::string& words) {
  std::string error = "no error";
  try {
    read();
  } catch (const Error& e) {
    error = e.what();
  }
  if (error.find(words) == std::string::npos) MESSAGE("got: " << error);
  return error.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("images and labels come as they are") {
  Bytes data(static_cast<size_t>(3 * kPixels));
  for (size_t i = 0; i < data.size(); ++i) data[i] = static_cast<uint8_t>(i * 31);
  const Bytes images = idx({3, 28, 28}, data), labels = idx({3}, {7, 0, 9});
  CHECK(read_idx_drawings(source(images)).pixels == data);
  CHECK(read_idx_labels(source(labels)) == std::vector<int32_t>{7, 0, 9});
  CHECK(read_idx_drawings(source(idx({0, 28, 28}, {}))).pixels.empty());
  const IdxDrawings wide = read_idx_drawings(source(idx({6, 14, 28}, data)));
  CHECK(wide.size == PictureSize{14, 28});
  CHECK(wide.pixels == data);
  // Images of 0 and 1 alone are ink, as everywhere.
  CHECK(read_idx_drawings(source(idx({1, 2, 2}, {0, 1, 1, 0}))).pixels == Bytes{0, 255, 255, 0});
  // The header alone tells how long the file must be.
  const Bytes start(images.begin(), images.begin() + 16);
  CHECK(read_idx_header(source(start)).file_bytes == 16 + 3 * kPixels);
}

TEST_CASE("everything else is refused") {
  const Bytes data(static_cast<size_t>(2 * kPixels));
  const auto images = [](const Bytes& file) { return [file] { read_idx_drawings(source(file)); }; };
  const auto labels = [](const Bytes& file) { return [file] { read_idx_labels(source(file)); }; };
  CHECK(says(images(idx({3, 28, 28}, data)), "is cut off"));
  CHECK(says(images(idx({1, 28, 28}, data)), "is too long"));
  CHECK(says(images(idx({2, 0, 28}, data)), "holds 2 x 0 x 28 values"));
  CHECK(says(images(idx({1568}, data)), "holds 1568 values"));
  CHECK(says(labels(idx({2, 28, 28}, data)), "holds images"));
  CHECK(says(images(idx({0xffffffff, 28, 28}, data)), "is cut off"));
  CHECK(says(images(idx({0xffffffff, 0xffffffff, 0xffffffff}, data)), "more values than any file"));
  CHECK(says(images(idx({2, 28, 28}, data, 0x0d)), "not one of images"));
  CHECK(says(images(idx({2, 784}, data)), "holds 2 x 784 values"));
  CHECK(says(images(idx({2, 28, 28}, data, 3)), "is not an IDX file"));
  CHECK(says(images(Bytes{0, 0, 8}), "is not an IDX file"));
  CHECK(says(images(Bytes{0, 0, 8, 3, 0, 0}), "cut off within its header"));
  CHECK(says(images(Bytes{}), "is empty"));
  CHECK(says(images(Bytes{0x1f, 0x8b, 8, 0}), "gzip"));
  CHECK(says(images(Bytes{'<', 'h', 't', 'm'}), "web page"));
}
