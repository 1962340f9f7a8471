// Strokes to a 28 x 28 bitmap, the way the Quick, Draw! bitmaps were made: the drawing's box is
// scaled to 255 units and centred, 24 units of margin all round, round lines 16 units wide, and the
// ink is 0 (paper) to 255. Tested in tests/cpp/test_simulate_sheep.cpp.
#pragma once

#include <cstdint>
#include <vector>

namespace sketchvae {

constexpr int64_t kSide = 28;               // rows and columns of a drawing
constexpr int64_t kPixels = kSide * kSide;  // bytes of a drawing, row by row

struct Point {
  double x = 0;  // to the right
  double y = 0;  // downwards, as rows are counted
};

using Stroke = std::vector<Point>;

// Draws `strokes` (any units; they are fitted into the bitmap, proportions kept) into the 784
// bytes at `out`, which are overwritten. A stroke of one point is a dot. Coordinates are finite.
void render_strokes(const std::vector<Stroke>& strokes, uint8_t* out);

}  // namespace sketchvae
