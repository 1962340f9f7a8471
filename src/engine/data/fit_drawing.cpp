// See fit_drawing.h.
#include "data/fit_drawing.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "data/pixels.h"

namespace sketchvae {
namespace {

constexpr double kUnit = kSide / 304.0;  // pixels a unit of Quick, Draw!'s canvas, see strokes.cpp
constexpr double kPen = 16.0 * kUnit;    // width of its pen
constexpr double kLonger = 255.0 * kUnit;  // longer side of a drawing, without the pen
constexpr double kNoise = 0.1;             // of the contrast
constexpr double kThreshold = 0.3;         // ink or paper, for the box and for lines

// A picture in row-major order.
struct Picture {
  int64_t rows, cols;
  std::vector<double> v;
  double& at(int64_t r, int64_t c) { return v[static_cast<size_t>(r * cols + c)]; }
  double at(int64_t r, int64_t c) const { return v[static_cast<size_t>(r * cols + c)]; }
};

double border_median(const Picture& p) {
  std::vector<double> border;
  for (int64_t c = 0; c < p.cols; ++c)
    border.insert(border.end(), {p.at(0, c), p.at(p.rows - 1, c)});
  for (int64_t r = 0; r < p.rows; ++r)
    border.insert(border.end(), {p.at(r, 0), p.at(r, p.cols - 1)});
  const auto middle = border.begin() + static_cast<std::ptrdiff_t>(border.size() / 2);
  std::nth_element(border.begin(), middle, border.end());
  return *middle;
}

// Paper to 0, the darkest ink to 1. False when there is nothing to see.
bool stretch(Picture& p) {
  const double paper = border_median(p);
  const double contrast = *std::max_element(p.v.begin(), p.v.end()) - paper;
  if (contrast < 0.02) return false;
  for (double& v : p.v) {
    v = std::clamp((v - paper) / contrast, 0.0, 1.0);
    if (v < kNoise) v = 0;
  }
  return true;
}

struct Box {
  int64_t top, bottom, left, right;  // inclusive
};

Box ink_box(const Picture& p) {
  Box box{p.rows, -1, p.cols, -1};
  for (int64_t r = 0; r < p.rows; ++r) {
    for (int64_t c = 0; c < p.cols; ++c) {
      if (p.at(r, c) <= kThreshold) continue;
      box = {std::min(box.top, r), std::max(box.bottom, r), std::min(box.left, c),
             std::max(box.right, c)};
    }
  }
  return box;
}

// How wide the lines are, in the picture's pixels: twice the area over the length of its outline.
double line_width(const Picture& p) {
  double area = 0, outline = 0;
  const auto ink = [&](int64_t r, int64_t c) {
    return r >= 0 && c >= 0 && r < p.rows && c < p.cols && p.at(r, c) > kThreshold;
  };
  for (int64_t r = 0; r <= p.rows; ++r) {
    for (int64_t c = 0; c <= p.cols; ++c) {
      area += ink(r, c);
      outline += (ink(r, c) != ink(r, c - 1)) + (ink(r, c) != ink(r - 1, c));
    }
  }
  // Counted along rows and columns, slanted lines are longer than they are, by 4/pi on average.
  return 2 * area / (outline * 0.785);
}

// Squared distances along one line, by Felzenszwalb and Huttenlocher: d[i] = min (i - j)^2 + f[j].
void distance_line(const std::vector<double>& f, std::vector<double>& d) {
  const int64_t n = static_cast<int64_t>(f.size());
  std::vector<int64_t> v(f.size());
  std::vector<double> z(f.size() + 1);
  const auto at = [&](int64_t i) { return f[static_cast<size_t>(i)]; };
  int64_t k = 0;
  z[0] = -std::numeric_limits<double>::infinity();
  z[1] = std::numeric_limits<double>::infinity();
  for (int64_t q = 1; q < n; ++q) {
    double s = 0;
    for (;; --k) {
      const int64_t p = v[static_cast<size_t>(k)];
      s = (at(q) + static_cast<double>(q * q) - at(p) - static_cast<double>(p * p)) /
          static_cast<double>(2 * (q - p));
      if (s > z[static_cast<size_t>(k)]) break;
    }
    ++k;
    v[static_cast<size_t>(k)] = q;
    z[static_cast<size_t>(k)] = s;
    z[static_cast<size_t>(k) + 1] = std::numeric_limits<double>::infinity();
  }
  k = 0;
  for (int64_t q = 0; q < n; ++q) {
    while (z[static_cast<size_t>(k) + 1] < static_cast<double>(q)) ++k;
    const int64_t p = v[static_cast<size_t>(k)];
    d[static_cast<size_t>(q)] = static_cast<double>((q - p) * (q - p)) + at(p);
  }
}

// Thickens all ink by `radius` on each side, within a picture that has room for it.
void thicken(Picture& p, double radius) {
  constexpr double kFar = 1e12;  // finite: differences of infinities are no numbers
  Picture d{p.rows, p.cols, std::vector<double>(p.v.size())};
  std::transform(p.v.begin(), p.v.end(), d.v.begin(),
                 [](double v) { return v > kThreshold ? 0.0 : kFar; });
  std::vector<double> in, out;
  for (int64_t c = 0; c < p.cols; ++c) {
    in.resize(static_cast<size_t>(p.rows));
    out.resize(in.size());
    for (int64_t r = 0; r < p.rows; ++r) in[static_cast<size_t>(r)] = d.at(r, c);
    distance_line(in, out);
    for (int64_t r = 0; r < p.rows; ++r) d.at(r, c) = out[static_cast<size_t>(r)];
  }
  for (int64_t r = 0; r < p.rows; ++r) {
    const auto row = d.v.begin() + r * p.cols;
    in.assign(row, row + p.cols);
    out.resize(in.size());
    distance_line(in, out);
    std::copy(out.begin(), out.end(), row);
  }
  for (size_t i = 0; i < p.v.size(); ++i) {
    p.v[i] = std::max(p.v[i], std::clamp(radius + 0.5 - std::sqrt(d.v[i]), 0.0, 1.0));
  }
}

// The part of a picture within a box, with `margin` pixels of paper all round.
Picture cut(const Picture& p, const Box& box, int64_t margin) {
  Picture out{box.bottom - box.top + 1 + 2 * margin, box.right - box.left + 1 + 2 * margin, {}};
  out.v.assign(static_cast<size_t>(out.rows * out.cols), 0.0);
  for (int64_t r = box.top; r <= box.bottom; ++r) {
    for (int64_t c = box.left; c <= box.right; ++c) {
      out.at(r - box.top + margin, c - box.left + margin) = p.at(r, c);
    }
  }
  return out;
}

// Averages over areas: pixel (r, c) of the 28 x 28 sees the square of side 1/scale around its
// place.
void shrink(const Picture& p, double scale, uint8_t* out) {
  const auto span = [&](int64_t i, int64_t n) {
    const double from = static_cast<double>(n) / 2 + (static_cast<double>(i) - kSide / 2.0) / scale;
    return std::pair{std::max(from, 0.0), std::min(from + 1 / scale, static_cast<double>(n))};
  };
  for (int64_t r = 0; r < kSide; ++r) {
    const auto [y0, y1] = span(r, p.rows);
    for (int64_t c = 0; c < kSide; ++c) {
      const auto [x0, x1] = span(c, p.cols);
      double sum = 0;
      for (auto y = static_cast<int64_t>(y0); static_cast<double>(y) < y1; ++y) {
        const double height =
            std::min(y1, static_cast<double>(y + 1)) - std::max(y0, static_cast<double>(y));
        for (auto x = static_cast<int64_t>(x0); static_cast<double>(x) < x1; ++x) {
          const double width =
              std::min(x1, static_cast<double>(x + 1)) - std::max(x0, static_cast<double>(x));
          sum += height * width * p.at(y, x);
        }
      }
      out[r * kSide + c] = byte_of(std::min(1.0, sum * scale * scale), 255.0);
    }
  }
}

}  // namespace

void fit_drawing(const double* ink, int64_t rows, int64_t cols, uint8_t* out) {
  Picture p{rows, cols, std::vector<double>(static_cast<size_t>(rows * cols))};
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < cols; ++c) p.at(r, c) = std::clamp(ink[r + rows * c], 0.0, 1.0);
  }
  if (rows == kSide && cols == kSide) {
    std::transform(p.v.begin(), p.v.end(), out, [](double v) { return byte_of(v, 255.0); });
    return;
  }
  if (!stretch(p)) {
    std::fill_n(out, kPixels, uint8_t{0});
    return;
  }
  const Box box = ink_box(p);
  const auto longer = static_cast<double>(std::max(box.bottom - box.top, box.right - box.left) + 1);
  const double width = std::min(line_width(p), longer);
  // Lines as wide as the pen or wider are left alone; thin ones are widened by `more` on each side.
  double scale = (kLonger + kPen) / longer, more = 0;
  if (width * scale < kPen && longer > width) {
    scale = kLonger / (longer - width);
    more = (kPen / scale - width) / 2;
  }
  p = cut(p, box, static_cast<int64_t>(std::ceil(more)) + 1);
  if (more > 0) thicken(p, more);
  shrink(p, scale, out);
}

}  // namespace sketchvae
