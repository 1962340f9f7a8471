// From numbers to the bytes of drawings and back: one rule for what a number means, and the two
// orders in which R and NumPy's column-major files lay pixels out.
// Tested in tests/cpp/test_pixels.cpp.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "data/strokes.h"

namespace sketchvae {

// Rows and columns of a drawing.
struct PictureSize {
  int64_t rows = kSide, cols = kSide;
  int64_t pixels() const { return rows * cols; }
  bool operator==(const PictureSize&) const = default;
};

// How the columns (first index fastest, n values each) of a column-major block follow each other.
enum class ColumnOrder {
  kByRow,    // column p is a drawing's byte p in file order: a matrix of n x 784
  kByColumn  // column r + rows c is the pixel in row r, column c: an array of n x rows x columns
};

// Column that holds pixel p (row by row) of every drawing.
int64_t column_of_pixel(ColumnOrder order, int64_t p, PictureSize size = {});

// The rule of what numbers mean, whatever they come from (memory, .npy, CSV, idx), which needs all of
// them. 0 is paper, and ink is the largest value possible:
//  - none above 1: ink is 1. So are whole numbers that are all 0 or 1, bytes among them: there are
//    many files of such pictures, and none of bytes up to 255 that holds no larger one than 1 but
//    sheets of paper. What passes 1 by less than half a grey (1/510) is rounding, and is ink;
//  - whole numbers, or some above 10: ink is 255;
//  - broken numbers between 1 and 10 could be either, rescaled by somebody: an error.
class ValueRange {
 public:
  // `values`: `count` numbers; they follow those of earlier calls.
  void add(const double* values, int64_t count);
  void add(const int32_t* values, int64_t count);  // R's integers: the smallest int is NA
  void add(const uint8_t* values, int64_t count);

  // Whether some drawing could hold this number: 0 to 255, give or take what rounding does.
  static bool possible(double value);

  // Whether no number that follows can change the factor, unless it is an impossible one.
  bool settled() const { return high_ > kDoubtful; }

  // Whether a number so far is above 1 by more than rounding.
  bool above_one() const;

  // What a value must be multiplied with to become a byte: 255 or 1. Throws Error, beginning with
  // `what` ("The file", say), for values that are missing, infinite, negative, above 255 or doubtful.
  double byte_factor(const std::string& what) const;

 private:
  static constexpr double kDoubtful = 10;

  double low_ = 0;
  double high_ = 0;
  bool bad_ = false;
  bool whole_ = true;
};

// The byte of one value that byte_factor() has accepted: rounded to the nearest.
inline uint8_t byte_of(double value, double factor) {
  return static_cast<uint8_t>(std::clamp(value * factor, 0.0, 255.0) + 0.5);
}

// `values` is column-major with n rows and a column a pixel in `order`; `factor` is byte_factor()'s.
// Writes n drawings to out[0, n size.pixels()).
void bytes_from_columns(const double* values, int64_t n, PictureSize size, ColumnOrder order,
                        double factor, uint8_t* out);
void bytes_from_columns(const int32_t* values, int64_t n, PictureSize size, ColumnOrder order,
                        double factor, uint8_t* out);
void bytes_from_columns(const uint8_t* values, int64_t n, PictureSize size, ColumnOrder order,
                        double factor, uint8_t* out);

// The way back: n drawings to a column-major block of values in [0, 1].
void columns_from_bytes(const uint8_t* bytes, int64_t n, PictureSize size, ColumnOrder order,
                        double* values);

}  // namespace sketchvae
