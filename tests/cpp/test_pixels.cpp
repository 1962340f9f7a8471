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
      columns_from_bytes(bytes.data(), n, {}, order, values.data());
      bytes_from_columns(values.data(), n, {}, order, 255.0, back.data());
      CHECK(back == bytes);
      if (n > 1) {
        CHECK(values[1 + n * column_of_pixel(order, 30)] == bytes[kPixels + 30] / 255.0);
      }
    }
  }
}

TEST_CASE("one rule says what numbers mean") {
  const auto factor = [](std::vector<double> v) {
    ValueRange range;
    range.add(v.data(), static_cast<int64_t>(v.size()));
    return range.byte_factor("x");
  };
  CHECK(factor({}) == 255.0);
  CHECK(factor({0, 0.5, 1}) == 255.0);
  CHECK(factor({0, 1}) == 255.0);  // whole ones too
  CHECK(factor({-1e-9, 0.5, 1.0000001}) == 255.0);
  CHECK(factor({0, 0.5, 1 + 0.4 / 255}) == 255.0);
  CHECK(factor({2}) == 1.0);
  CHECK(factor({255}) == 1.0);
  CHECK(factor({0.5, 10.5}) == 1.0);
  CHECK(factor({127.5, 255.0001}) == 1.0);
  CHECK_THROWS_AS(factor({0.5, 1.002}), Error);
  CHECK_THROWS_AS(factor({0.5, 2}), Error);
  CHECK_THROWS_AS(factor({9.5}), Error);
  CHECK_THROWS_AS(factor({-0.01}), Error);
  CHECK_THROWS_AS(factor({-1}), Error);
  CHECK_THROWS_AS(factor({255.5}), Error);
  CHECK_THROWS_AS(factor({std::numeric_limits<double>::quiet_NaN()}), Error);
  CHECK_THROWS_AS(factor({-std::numeric_limits<double>::infinity()}), Error);
  const int32_t missing[] = {3, std::numeric_limits<int32_t>::min()}, ones[] = {0, 1};
  ValueRange range, integers, bytes;
  range.add(missing, 2);
  CHECK_THROWS_AS(range.byte_factor("x"), Error);
  integers.add(ones, 2);
  CHECK(integers.byte_factor("x") == 255.0);
  const uint8_t raw[] = {0, 1, 11};
  bytes.add(raw, 2);
  CHECK(bytes.byte_factor("x") == 255.0);
  CHECK(!bytes.settled());
  bytes.add(raw, 3);
  CHECK(bytes.byte_factor("x") == 1.0);
  CHECK(bytes.settled());
}

TEST_CASE("values pass their ends by rounding and are cut off there") {
  CHECK(byte_of(1.0000001, 255) == 255);
  CHECK(byte_of(1 + 0.4 / 255, 255) == 255);
  CHECK(byte_of(-1e-9, 255) == 0);
  CHECK(byte_of(255.01, 1) == 255);
}
