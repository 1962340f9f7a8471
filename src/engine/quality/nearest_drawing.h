// For each of some drawings the one among others that it differs least from, pixel by pixel: what
// finds drawings that a model has learnt by heart. Tests: tests/cpp/test_nearest_drawing.cpp.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "host.h"

namespace sketchvae {

struct NearestDrawings {
  std::vector<int64_t> row;      // of the others, from 0
  std::vector<double> distance;  // root of the mean squared difference of pixels in [0, 1]
};

// Both are drawings of `pixels` bytes, one after another; there is at least one other. Of others
// that are equally near the first is taken. Throws Error, and Interrupted when the host asks to
// stop.
NearestDrawings nearest_drawings(std::span<const uint8_t> drawings, std::span<const uint8_t> others,
                                 int64_t pixels, int threads, Host& host);

}  // namespace sketchvae
