// Which columns of a table are a drawing's pixels, and which one says what it is of.
// Tests: tests/cpp/test_csv.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/pixels.h"

namespace sketchvae {

// What a column of pixels is called in tables of drawings of other sizes than 28 x 28: "r1c1", "r1c2" and so on.
std::string pixel_name(int64_t row, int64_t column);

// The size that such names tell; nothing where they are not there, one for each pixel, row by row.
std::optional<PictureSize> size_in_names(const std::vector<std::string>& header);

// Columns are counted from 0.
struct CsvColumns {
  int64_t count = 0;
  int64_t pixels = 0;
  int64_t row_names = -1;  // the column of row names, which is dropped
  int64_t label = -1;
  bool open = false;  // the first or the last is something else than pixels; settle() tells which
};

// From the first row of values: `count` columns, under `header` (empty without one; one name less than
// columns where R has left out that of the row names). `label`: the label's name, or its number from 1; ""
// when it is to be found. Throws Error, without the file's name, where a drawing's columns can't be told.
CsvColumns find_columns(const std::vector<std::string>& header, int64_t count,
                        const std::string& label, PictureSize size);

// What is known of a first or last column when all rows are read.
struct CsvEnd {
  std::vector<std::string> values;
  bool quoted = true;  // all of them
  bool whole = true;   // all are whole numbers
  bool text = false;   // one at least is no number
  bool pixels = true;  // all can be pixels
  bool zero = true;    // all are 0
};

// Settles what find_columns() left open. Throws Error where both ends may be pixels.
void settle(CsvColumns& columns, const CsvEnd& first, const CsvEnd& last);

}  // namespace sketchvae
