// Writes drawings as NumPy's .npy files. Tested in tests/cpp/test_npy_write.cpp.
#pragma once

#include <cstdint>
#include <string>

#include "data/pixels.h"
#include "host.h"

namespace sketchvae {

// Writes n drawings as format 1.0, unsigned bytes (or, where none is above 1, doubles from 0 to 1), the
// way Quick, Draw! does: of shape (n, 784), or (n, rows, columns) for other sizes than 28 x 28; where
// npy_shape() would take that for something else, (n, rows, columns, 1).
// The file appears when it is whole. Throws Error, or Interrupted.
void write_npy_drawings(const uint8_t* bytes, int64_t n, PictureSize size, const std::string& path,
                        Host& host);

}  // namespace sketchvae
