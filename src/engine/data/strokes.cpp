// See strokes.h. Coverage is taken from the distance between a pixel's centre and the line, which
// for lines half as wide again as a pixel is within a grey or two of what Cairo's sampling gives.
#include "data/strokes.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace sketchvae {
namespace {

constexpr double kBox = 255.0;     // units that the longer side of a drawing takes
constexpr double kLine = 16.0;     // width of the pen, same units
constexpr double kPadding = 16.0;  // margin beyond the pen's own half width
constexpr double kScale = kSide / (256.0 + 2.0 * kPadding + kLine);  // pixels a unit
constexpr double kRadius = kLine * kScale / 2.0;                     // of the pen, in pixels

void draw_segment(Point a, Point b, std::vector<double>& ink) {
  const double reach = kRadius + 0.5;
  const auto first = [&](double v) { return std::max<int64_t>(0, std::llround(v - reach - 0.5)); };
  const auto last = [&](double v) {
    return std::min<int64_t>(kSide - 1, std::llround(v + reach - 0.5));
  };
  const double dx = b.x - a.x, dy = b.y - a.y;
  const double length2 = dx * dx + dy * dy;
  const int64_t row_end = last(std::max(a.y, b.y)), col_end = last(std::max(a.x, b.x));
  for (int64_t row = first(std::min(a.y, b.y)); row <= row_end; ++row) {
    for (int64_t col = first(std::min(a.x, b.x)); col <= col_end; ++col) {
      const double px = static_cast<double>(col) + 0.5 - a.x;
      const double py = static_cast<double>(row) + 0.5 - a.y;
      const double along = length2 > 0 ? std::clamp((px * dx + py * dy) / length2, 0.0, 1.0) : 0.0;
      const double ox = px - along * dx, oy = py - along * dy;
      const double cover = std::clamp(reach - std::sqrt(ox * ox + oy * oy), 0.0, 1.0);
      double& pixel = ink[static_cast<size_t>(row * kSide + col)];
      pixel = std::max(pixel, cover);
    }
  }
}

}  // namespace

void render_strokes(const std::vector<Stroke>& strokes, uint8_t* out) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  Point low{kInfinity, kInfinity}, high{-kInfinity, -kInfinity};
  for (const Stroke& stroke : strokes) {
    for (const Point& p : stroke) {
      low = {std::min(low.x, p.x), std::min(low.y, p.y)};
      high = {std::max(high.x, p.x), std::max(high.y, p.y)};
    }
  }
  const double extent = std::max(high.x - low.x, high.y - low.y);
  const double scale = kScale * (extent > 0 ? kBox / extent : 1.0);
  const Point middle{(low.x + high.x) / 2, (low.y + high.y) / 2};
  const auto place = [&](Point p) {
    return Point{kSide / 2.0 + (p.x - middle.x) * scale, kSide / 2.0 + (p.y - middle.y) * scale};
  };
  std::vector<double> ink(static_cast<size_t>(kPixels), 0.0);
  for (const Stroke& stroke : strokes) {
    if (stroke.size() == 1) draw_segment(place(stroke[0]), place(stroke[0]), ink);
    for (size_t i = 1; i < stroke.size(); ++i) {
      draw_segment(place(stroke[i - 1]), place(stroke[i]), ink);
    }
  }
  std::transform(ink.begin(), ink.end(), out,
                 [](double v) { return static_cast<uint8_t>(std::lround(v * 255.0)); });
}

}  // namespace sketchvae
