// From numbers to the bytes of drawings and back: one rule for what a number means, and the two
// orders in which R and NumPy's column-major files lay pixels out.
// Tested in tests/cpp/test_pixels.cpp.
#pragma once

#include <cstdint>
#include <string>

#include "data/strokes.h"

namespace sketchvae {

// How the columns (first index fastest, n values each) of a column-major block follow each other.
enum class ColumnOrder {
  kByRow,    // columns 0..783 are a drawing's bytes in file order: a matrix n x 784
  kByColumn  // column r + 28 c is the pixel in row r, column c: an array n x 28 x 28
};

// Column that holds pixel p (0..783, row by row) of every drawing.
int64_t column_of_pixel(ColumnOrder order, int64_t p);

// Smallest and largest of the values seen so far, and where the first impossible one (not finite,
// or missing) stood.
class ValueRange {
 public:
  // `values`: `count` numbers; they follow those of earlier calls.
  void add(const double* values, int64_t count);
  void add(const int32_t* values, int64_t count);  // R's integers: the smallest int is NA

  // What a value must be multiplied with to become a byte. `whole` says that the numbers are
  // integers that mean 0..255; otherwise values that all lie in [0, 1] do (255), and those that go
  // up to 255 are bytes already (1). Throws Error, beginning with `what` ("The file", say), for
  // values that are missing, infinite, negative or above 255.
  double byte_factor(const std::string& what, bool whole) const;

 private:
  double low_ = 0;
  double high_ = 0;
  bool bad_ = false;
};

// The byte of one value that byte_factor() has accepted: rounded to the nearest.
inline uint8_t byte_of(double value, double factor) {
  return static_cast<uint8_t>(value * factor + 0.5);
}

// `values` is column-major with n rows and 784 columns in `order`; `factor` is byte_factor()'s.
// Writes n drawings to out[0, 784 n).
void bytes_from_columns(const double* values, int64_t n, ColumnOrder order, double factor,
                        uint8_t* out);
void bytes_from_columns(const int32_t* values, int64_t n, ColumnOrder order, double factor,
                        uint8_t* out);

// The way back: n drawings to a column-major block of values in [0, 1].
void columns_from_bytes(const uint8_t* bytes, int64_t n, ColumnOrder order, double* values);

}  // namespace sketchvae
