// What is written as .npy is read back, whatever its size.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "data/npy.h"
#include "data/npy_write.h"
#include "error.h"
#include "temporary.h"

using namespace sketchvae;

namespace {

using Bytes = std::vector<uint8_t>;

Bytes drawings(int64_t n, PictureSize size) {
  Bytes out(static_cast<size_t>(n * size.pixels()));
  for (size_t i = 0; i < out.size(); ++i) out[i] = static_cast<uint8_t>(i * 2654435761u >> 11);
  return out;
}

}  // namespace

TEST_CASE("drawings of every size and number, and bytes that are nearly paper, are read back") {
  const TemporaryFolder folder;
  SilentHost host;
  for (const PictureSize size : {PictureSize{32, 32}, PictureSize{14, 56}, PictureSize{1, 5}, PictureSize{5, 1},
                                 PictureSize{1, 784}, PictureSize{784, 1}, PictureSize{784, 3}, PictureSize{16, 24},
                                 PictureSize{1, 1}, PictureSize{28, 1}, PictureSize{28, 14}, PictureSize{}}) {
    // As many as rows: (28, 28, 14) could be taken for something else.
    for (const int64_t n : {int64_t{0}, int64_t{1}, int64_t{3}, size.rows, size.cols}) {
      for (const bool faint : {false, true}) {
        INFO(n << " of " << size.rows << " x " << size.cols);
        Bytes data = drawings(n, size);
        if (faint) {
          for (uint8_t& v : data) v &= 1;
        }
        write_npy_drawings(data.data(), n, size, folder.path("x.npy"), host);
        const FileBytes file(folder.path("x.npy"));
        const NpyShape found = whole_drawings_in(file, read_npy_header(file));
        REQUIRE(found.drawings == n);
        REQUIRE(found.size == size);
        Bytes out(data.size());
        read_npy_drawings(file, n, out.data(), host);
        CHECK(out == data);
      }
    }
  }
  CHECK(folder.count() == 1);
}

TEST_CASE("files begin as NumPy's do, on a multiple of 64 bytes") {
  const TemporaryFolder folder;
  SilentHost host;
  for (const int64_t n : {0, 1, 7, 1500}) {
    const Bytes data = drawings(n, {});
    write_npy_drawings(data.data(), n, {}, folder.path("x.npy"), host);
    const FileBytes file(folder.path("x.npy"));
    const NpyHeader header = read_npy_header(file);
    CHECK(header.offset % 64 == 0);
    CHECK(header.shape == std::vector<int64_t>{n, 784});
    Bytes out(data.size());
    read_npy_drawings(file, n, out.data(), host);
    CHECK(out == data);
  }
}

TEST_CASE("the host may stop writing, which leaves nothing") {
  class Stopping final : public Host {
   public:
    bool should_stop() override { return ++calls > 2; }
    void progress(int64_t, int64_t) override {}
    int calls = 0;
  } host;
  const TemporaryFolder folder;
  const Bytes data = drawings(5000, {});
  CHECK_THROWS_AS(write_npy_drawings(data.data(), 5000, {}, folder.path("x.npy"), host), Interrupted);
  CHECK(folder.count() == 0);
}
