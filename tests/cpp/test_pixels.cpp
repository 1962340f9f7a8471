// Numbers to bytes and back: order, rounding, and what is refused.
#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "data/pixels.h"
#include "error.h"

using namespace sketchvae;

TEST_CASE("a pixel's column: row by row in a matrix, column by column in an array") {
  CHECK(column_of_pixel(ColumnOrder::kByRow, 30) == 30);
  CHECK(column_of_pixel(ColumnOrder::kByColumn, 30) == 1 + 28 * 2);
  std::vector<bool> seen(kPixels);
  for (int64_t p = 0; p < kPixels; ++p) seen[column_of_pixel(ColumnOrder::kByColumn, p)] = true;
  CHECK(std::count(seen.begin(), seen.end(), true) == kPixels);
}

TEST_CASE("bytes survive the way to numbers and back, in both orders") {
  for (const int64_t n : {0, 1, 63, 64, 65, 200}) {
    std::vector<uint8_t> bytes(static_cast<size_t>(n * kPixels)), back(bytes.size());
    for (size_t i = 0; i < bytes.size(); ++i)
      bytes[i] = static_cast<uint8_t>(i * 2654435761u >> 13);
    for (const ColumnOrder order : {ColumnOrder::kByRow, ColumnOrder::kByColumn}) {
      std::vector<double> values(bytes.size());
      columns_from_bytes(bytes.data(), n, order, values.data());
      bytes_from_columns(values.data(), n, order, 255.0, back.data());
      CHECK(back == bytes);
      if (n > 1) {
        CHECK(values[1 + n * column_of_pixel(order, 30)] == bytes[kPixels + 30] / 255.0);
      }
    }
  }
}

TEST_CASE("the factor follows from the largest value, and from the kind of number") {
  const auto factor = [](std::vector<double> v, bool whole) {
    ValueRange range;
    range.add(v.data(), static_cast<int64_t>(v.size()));
    return range.byte_factor("x", whole);
  };
  CHECK(factor({0, 0.5, 1}, false) == 255.0);
  CHECK(factor({0, 1, 1.001}, false) == 1.0);
  CHECK(factor({0, 1}, true) == 1.0);
  CHECK(factor({255}, false) == 1.0);
  CHECK(factor({}, false) == 255.0);
  CHECK_THROWS_AS(factor({-1e-9}, false), Error);
  CHECK_THROWS_AS(factor({255.5}, false), Error);
  CHECK_THROWS_AS(factor({std::numeric_limits<double>::quiet_NaN()}, false), Error);
  CHECK_THROWS_AS(factor({-std::numeric_limits<double>::infinity()}, false), Error);
  const int32_t missing[] = {3, std::numeric_limits<int32_t>::min()};
  ValueRange range;
  range.add(missing, 2);
  CHECK_THROWS_AS(range.byte_factor("x", false), Error);
}
