// See pixels.h.
#include "data/pixels.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "error.h"

namespace sketchvae {
namespace {

constexpr int64_t kTile = 64;  // drawings at a time: 50 kB of bytes stay in the cache

// How far beyond 0 and 1 a number may lie that somebody blurred or rescaled: half a grey.
constexpr double kRounding = 0.5 / 255;

// Calls f(drawing, pixel, column) for every pixel, tile by tile.
template <class F>
void for_each_pixel(int64_t n, PictureSize size, ColumnOrder order, F f) {
  for (int64_t first = 0; first < n; first += kTile) {
    const int64_t end = std::min(n, first + kTile);
    for (int64_t p = 0; p < size.pixels(); ++p) {
      const int64_t column = column_of_pixel(order, p, size);
      for (int64_t i = first; i < end; ++i) f(i, p, column);
    }
  }
}

template <class T>
void to_bytes(const T* values, int64_t n, PictureSize size, ColumnOrder order, double factor,
              uint8_t* out) {
  const int64_t pixels = size.pixels();
  for_each_pixel(n, size, order, [=](int64_t i, int64_t p, int64_t column) {
    out[i * pixels + p] = byte_of(static_cast<double>(values[i + n * column]), factor);
  });
}

std::string shown(double v) {
  std::string s = std::to_string(v);
  s.erase(s.find_last_not_of('0') + 1);
  if (s.back() == '.') s.pop_back();
  return s;
}

}  // namespace

int64_t column_of_pixel(ColumnOrder order, int64_t p, PictureSize size) {
  return order == ColumnOrder::kByRow ? p : p / size.cols + size.rows * (p % size.cols);
}

void ValueRange::add(const double* values, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    if (!std::isfinite(values[i])) bad_ = true;
    if (values[i] != std::trunc(values[i])) whole_ = false;
    low_ = std::min(low_, values[i]);
    high_ = std::max(high_, values[i]);
  }
}

void ValueRange::add(const int32_t* values, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    if (values[i] == std::numeric_limits<int32_t>::min()) bad_ = true;
    low_ = std::min(low_, static_cast<double>(values[i]));
    high_ = std::max(high_, static_cast<double>(values[i]));
  }
}

void ValueRange::add(const uint8_t* values, int64_t count) {
  if (count > 0) high_ = std::max(high_, static_cast<double>(*std::max_element(values, values + count)));
}

bool ValueRange::possible(double value) { return value >= -kRounding && value <= 255.01; }

bool ValueRange::above_one() const { return high_ > 1 + kRounding; }

double ValueRange::byte_factor(const std::string& what) const {
  if (bad_) {
    throw Error(what +
                " holds values that are missing or not finite (NA, NaN or Inf); pixels are "
                "0..1 or 0..255.");
  }
  if (!possible(low_)) {
    throw Error(what + " holds negative values (down to " + shown(low_) +
                "); pixels are 0..1 or 0..255, ink being the larger number.");
  }
  if (!possible(high_)) {
    throw Error(what + " holds values up to " + shown(high_) + "; pixels are 0..1 or 0..255.");
  }
  if (!above_one()) return 255.0;
  if (whole_ || high_ > kDoubtful) return 1.0;
  throw Error(what + " holds values up to " + shown(high_) +
              " that are not whole: pixels are 0..1 or 0..255, and these could be either. Divide them "
              "by the largest, or cut them off at 1.");
}

void bytes_from_columns(const double* values, int64_t n, PictureSize size, ColumnOrder order,
                        double factor, uint8_t* out) {
  to_bytes(values, n, size, order, factor, out);
}

void bytes_from_columns(const int32_t* values, int64_t n, PictureSize size, ColumnOrder order,
                        double factor, uint8_t* out) {
  to_bytes(values, n, size, order, factor, out);
}

void bytes_from_columns(const uint8_t* values, int64_t n, PictureSize size, ColumnOrder order,
                        double factor, uint8_t* out) {
  to_bytes(values, n, size, order, factor, out);
}

void columns_from_bytes(const uint8_t* bytes, int64_t n, PictureSize size, ColumnOrder order,
                        double* values) {
  const int64_t pixels = size.pixels();
  for_each_pixel(n, size, order, [=](int64_t i, int64_t p, int64_t column) {
    values[i + n * column] = bytes[i * pixels + p] / 255.0;
  });
}

}  // namespace sketchvae
