// See npy_shape.h.
#include "data/npy_shape.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string>
#include <vector>

#include "error.h"

namespace sketchvae {
namespace {

using Sizes = std::vector<int64_t>;

// Rows x columns x drawings, or drawings of an odd size? The shape alone does not say.
bool may_be_turned(const Sizes& shape) {
  return shape.size() == 3 && shape[0] > 1 && shape[0] == shape[1] && shape[1] != shape[2];
}

std::string size_text(PictureSize size) {
  return std::to_string(size.rows) + " x " + std::to_string(size.cols);
}

std::string size_argument(int64_t rows, int64_t cols) {
  return "size = c(" + std::to_string(rows) + ", " + std::to_string(cols) + ")";
}

}  // namespace

std::optional<NpyShape> npy_shape(const NpyHeader& header, std::optional<PictureSize> size) {
  const Sizes& shape = header.shape;
  if (shape.empty()) return {};
  const PictureSize unsaid = size.value_or(PictureSize{});
  const int64_t pixels = unsaid.pixels(), n = shape[0];
  if (shape == Sizes{pixels} || shape == Sizes{pixels, 1}) return NpyShape{1, unsaid, true, true};
  if (shape == Sizes{unsaid.rows, unsaid.cols} || shape == Sizes{unsaid.rows, unsaid.cols, 1}) {
    return NpyShape{1, unsaid, false, true};
  }
  const Sizes rest(shape.begin() + 1, shape.end());
  Sizes large;
  std::copy_if(rest.begin(), rest.end(), std::back_inserter(large), [](int64_t s) { return s != 1; });
  const bool with_channel = rest.size() == 3 && rest[2] == 1;
  if (!with_channel && large == Sizes{pixels}) return NpyShape{n, unsaid, true, false};
  Sizes picture = large;
  if (with_channel || rest.size() == 2) picture = {rest[0], rest[1]};
  if (picture.size() != 2 || picture[0] < 1 || picture[1] < 1) return {};
  const NpyShape found{n, {picture[0], picture[1]}, false, false};
  if (size) return found.size == *size ? std::optional(found) : std::nullopt;
  const bool colours = !with_channel && picture[0] == pixels && picture[1] <= 4;
  if (colours || may_be_turned(shape)) return {};
  return found;
}

NpyShape drawings_in(const ByteSource& source, const NpyHeader& header, std::optional<PictureSize> size) {
  if (const auto found = npy_shape(header, size)) return *found;
  const Sizes& shape = header.shape;
  const std::string what = source.name() + " holds an array of shape " + shape_text(shape);
  if (size) {
    throw Error(what + ", not drawings of " + size_text(*size) + ": (n, " + std::to_string(size->pixels()) +
                ") or (n, " + std::to_string(size->rows) + ", " + std::to_string(size->cols) + ").");
  }
  if (may_be_turned(shape)) {
    const std::string n = std::to_string(shape[2]);
    throw Error(what + ": rows x columns x drawings, as R and MATLAB have them? The drawings must come first, as "
                "numpy.moveaxis(a, -1, 0) puts them. Or are they " + std::to_string(shape[0]) + " drawings of " +
                size_text({shape[1], shape[2]}) + "? Then say so (" + size_argument(shape[1], shape[2]) +
                "); aperm(as.array(x), c(3, 1, 2)) turns what was read that way into " + n + " drawings.");
  }
  std::string hint;
  const auto side = shape.size() == 2 ? std::llround(std::sqrt(static_cast<double>(shape[1]))) : 0;
  if (side > 3 && side * side == shape[1]) {
    hint = " If they are of " + size_text({side, side}) + ", say so (" + size_argument(side, side) + ").";
  }
  if (shape.size() == 2 && shape[0] == PictureSize{}.pixels()) hint = " The drawings must come first: transpose it.";
  throw Error(what + ", not drawings: (n, 784), (n, 28, 28) or (n, rows, columns), with or without sizes of 1, or one "
              "drawing." + hint);
}

NpyShape whole_drawings_in(const ByteSource& source, const NpyHeader& header, std::optional<PictureSize> size) {
  const NpyShape found = drawings_in(source, header, size);
  const int64_t expected = npy_bytes(source, header);
  const std::string n = std::to_string(found.drawings), has = " bytes, but has " + std::to_string(source.size()) + ".";
  if (source.size() < expected) {
    throw Error(source.name() + " is cut off: it should hold " + n + " drawings and have " +
                std::to_string(expected) + has);
  }
  if (source.size() > expected) {
    throw Error(source.name() + " is too long: with " + n + " drawings it should have " + std::to_string(expected) +
                has);
  }
  return found;
}

}  // namespace sketchvae
