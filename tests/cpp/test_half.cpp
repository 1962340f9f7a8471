#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "data/half.h"

using namespace sketchvae;

TEST_CASE("half precision: every bit pattern is the number that IEEE says") {
  CHECK(float_of_half(0x3C00) == 1.0f);
  CHECK(float_of_half(0xC000) == -2.0f);
  CHECK(float_of_half(0x7BFF) == 65504.0f);
  CHECK(float_of_half(0x0001) == std::ldexp(1.0f, -24));
  CHECK(float_of_half(0x0400) == std::ldexp(1.0f, -14));
  CHECK(float_of_half(0x3555) == doctest::Approx(1.0 / 3).epsilon(1e-3));
  CHECK(std::bit_cast<uint32_t>(float_of_half(0x8000)) == 0x80000000u);  // -0
  CHECK(float_of_half(0x7C00) == std::numeric_limits<float>::infinity());
  CHECK(float_of_half(0xFC00) == -std::numeric_limits<float>::infinity());
  CHECK(std::isnan(float_of_half(0x7C01)));
  CHECK(std::isnan(float_of_half(0xFFFF)));
  // Positive patterns count upwards without a gap or a step back.
  for (uint16_t i = 0; i < 0x7C00; ++i) {
    CHECK(float_of_half(i) < float_of_half(static_cast<uint16_t>(i + 1)));
    CHECK(float_of_half(static_cast<uint16_t>(i | 0x8000)) == -float_of_half(i));
  }
}

TEST_CASE("bfloat16: the upper half of a float") {
  CHECK(float_of_bfloat16(0x3F80) == 1.0f);
  CHECK(float_of_bfloat16(0xC000) == -2.0f);
  CHECK(float_of_bfloat16(0x0001) == std::bit_cast<float>(0x00010000u));
  CHECK(float_of_bfloat16(0x7F80) == std::numeric_limits<float>::infinity());
  CHECK(std::isnan(float_of_bfloat16(0x7FC0)));
  for (uint32_t i = 0; i < 0x7F80; ++i) {
    CHECK(float_of_bfloat16(static_cast<uint16_t>(i)) <
          float_of_bfloat16(static_cast<uint16_t>(i + 1)));
  }
}
