// Numbers of two bytes, as files of other programs hold them. Tests: tests/cpp/test_half.cpp.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

namespace sketchvae {

// IEEE's half precision (NumPy's float16, safetensors' F16): every value is a float, exactly.
inline float float_of_half(uint16_t half) {
  const bool negative = half >> 15;
  const int exponent = half >> 10 & 31;
  const auto fraction = static_cast<float>(half & 1023);
  float value = 0;
  if (exponent == 31) {
    value = fraction == 0 ? INFINITY : NAN;
  } else {
    // The smallest exponent has no hidden bit: subnormal numbers, and zero.
    value = exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
  }
  return negative ? -value : value;
}

// The upper half of a float (safetensors' BF16).
inline float float_of_bfloat16(uint16_t upper) {
  return std::bit_cast<float>(static_cast<uint32_t>(upper) << 16);
}

}  // namespace sketchvae
