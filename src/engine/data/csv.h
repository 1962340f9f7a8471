// The sheep post's CSV checkpoint: what R's write.csv() makes of an array n x 28 x 28 of values in
// [0, 1], a header, then a row name and 784 values in file order (row by row) a drawing. Drawings of another size
// have a header that says it: r1c1, r1c2, ... (pixel_name()).
// Tested in tests/cpp/test_csv.cpp, fuzzed by tests/fuzz/fuzz_csv.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/bytes.h"
#include "data/pixels.h"
#include "host.h"

namespace sketchvae {

struct CsvDrawings {
  std::vector<uint8_t> pixels;
  PictureSize size;
  std::vector<std::string> labels;  // one a drawing, or none
};

// Reads such a file and its relatives: with or without header, row names, quotes, a label (Kaggle's, first or
// last); separated by commas, semicolons, tabs, bars or spaces; decimal commas; line ends of any system; a
// byte-order mark; packed by gzip. `label`: see find_columns(). `size`: that of the
// drawings, unless the header says it; 28 x 28 when nothing does. What the numbers mean is ValueRange's rule. Throws Error naming the line when a row has another number of values, a value is no
// number, or is one that no pixel can have; Interrupted when the host asks to stop.
CsvDrawings read_csv_drawings(const ByteSource& source, const std::string& label,
                              std::optional<PictureSize> size, Host& host);

// Writes n drawings with header, row names and values to 15 significant digits, as write.csv()
// does. The file appears when it is whole. Throws Error, also for drawings whose line would be too long to be
// read again, or Interrupted.
void write_csv_drawings(const uint8_t* bytes, int64_t n, PictureSize size, const std::string& path,
                        Host& host);

}  // namespace sketchvae
