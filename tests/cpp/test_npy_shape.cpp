// Which arrays are drawings, and of what size.
#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

#include "data/npy_shape.h"
#include "error.h"

using namespace sketchvae;

namespace {

using Sizes = std::vector<int64_t>;
using Asked = std::optional<PictureSize>;

// "3 of 28 x 28", with "flat" and "single" as they are; "none".
std::string seen(const Sizes& shape, Asked size = {}) {
  NpyHeader header;
  header.shape = shape;
  const auto found = npy_shape(header, size);
  if (!found) return "none";
  return std::to_string(found->drawings) + " of " + std::to_string(found->size.rows) + " x " +
         std::to_string(found->size.cols) + (found->flat ? " flat" : "") + (found->single ? " single" : "");
}

std::string error_of(const Sizes& shape, Asked size = {}) {
  NpyHeader header;
  header.shape = shape;
  try {
    drawings_in(MemoryBytes("x.npy", nullptr, 0), header, size);
  } catch (const Error& e) {
    return e.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("shapes of 28 x 28, with sizes of 1 anywhere behind the first") {
  for (const Sizes& shape : {Sizes{3, 784}, {3, 1, 784}, {3, 784, 1}, {3, 1, 1, 784}}) CHECK(seen(shape) == "3 of 28 x 28 flat");
  for (const Sizes& shape : {Sizes{3, 28, 28}, {3, 28, 28, 1}, {3, 1, 28, 28}, {3, 1, 28, 28, 1}}) {
    CHECK(seen(shape) == "3 of 28 x 28");
  }
  CHECK(seen({1, 784}) == "1 of 28 x 28 flat");
  CHECK(seen({784}) == "1 of 28 x 28 flat single");
  CHECK(seen({784, 1}) == "1 of 28 x 28 flat single");
  CHECK(seen({28, 28}) == "1 of 28 x 28 single");
  CHECK(seen({28, 28, 1}) == "1 of 28 x 28 single");
  CHECK(seen({28, 28, 28}) == "28 of 28 x 28");
  CHECK(seen({0, 784}) == "0 of 28 x 28 flat");
}

TEST_CASE("other sizes") {
  CHECK(seen({3, 32, 32}) == "3 of 32 x 32");
  CHECK(seen({3, 16, 24, 1}) == "3 of 16 x 24");
  CHECK(seen({3, 1, 5}) == "3 of 1 x 5");
  CHECK(seen({3, 1, 784, 1}) == "3 of 1 x 784");
  CHECK(seen({3, 784, 1, 1}) == "3 of 784 x 1");
  CHECK(seen({3, 1024}, PictureSize{32, 32}) == "3 of 32 x 32 flat");
  CHECK(seen({1024}, PictureSize{32, 32}) == "1 of 32 x 32 flat single");
  CHECK(seen({32, 32}, PictureSize{32, 32}) == "1 of 32 x 32 single");
  CHECK(seen({3, 784}, PictureSize{14, 56}) == "3 of 14 x 56 flat");
}

TEST_CASE("what is none, or something else than was asked for") {
  for (const Sizes& shape : {Sizes{}, {783}, {2, 28}, {2, 784, 3}, {2, 0, 28}, {784, 2}, {2, 28, 28, 3}, {3, 1024}}) {
    CHECK(seen(shape) == "none");
  }
  CHECK(seen({3, 28, 28}, PictureSize{14, 56}) == "none");
  CHECK(error_of({3, 28, 28}, PictureSize{14, 56}).find("not drawings of 14 x 56") != std::string::npos);
  CHECK(error_of({784, 5}).find("transpose it") != std::string::npos);
  CHECK(error_of({3, 1024}).find("size = c(32, 32)") != std::string::npos);
}

TEST_CASE("rows x columns x drawings is told, and may be meant") {
  CHECK(seen({28, 28, 100}) == "none");
  CHECK(seen({32, 32, 5}) == "none");
  CHECK(seen({28, 28, 100}, PictureSize{28, 100}) == "28 of 28 x 100");
  const std::string error = error_of({28, 28, 100});
  CHECK(error.find("shape (28, 28, 100)") != std::string::npos);
  CHECK(error.find("numpy.moveaxis(a, -1, 0)") != std::string::npos);
  CHECK(error.find("size = c(28, 100)") != std::string::npos);
  CHECK(error.find("into 100 drawings") != std::string::npos);
}
