// Which shapes of a .npy file's array are drawings, and of what size. Tested in tests/cpp/test_npy_shape.cpp.
#pragma once

#include <cstdint>
#include <optional>

#include "data/bytes.h"
#include "data/npy_header.h"
#include "data/pixels.h"

namespace sketchvae {

struct NpyShape {
  int64_t drawings = 0;
  PictureSize size;
  bool flat = false;    // each in one dimension, row by row
  bool single = false;  // one, without a dimension for their number
};

// Nothing where these are no drawings. They are, `size` saying their rows and columns where the shape does not
// (28 x 28 when nothing does):
//  - (n, pixels), flat, and (n, rows, columns), both with dimensions of 1 anywhere behind n. Of (n, rows,
//    columns, 1) the rows and columns are what they say, be they 1;
//  - (pixels), (pixels, 1), (rows, columns) and (rows, columns, 1): one drawing.
// (28, 28, n) is none unless `size` says so: it is more likely rows x columns x drawings, as MATLAB and R have them.
std::optional<NpyShape> npy_shape(const NpyHeader& header, std::optional<PictureSize> size = {});

// The same. Throws Error naming `source` where these are no drawings.
NpyShape drawings_in(const ByteSource& source, const NpyHeader& header, std::optional<PictureSize> size = {});

// The same. Throws Error as well unless the file is exactly as long as its header says.
NpyShape whole_drawings_in(const ByteSource& source, const NpyHeader& header,
                           std::optional<PictureSize> size = {});

}  // namespace sketchvae
