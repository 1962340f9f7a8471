// See simulate_sheep.h. Units are those of a 256-unit canvas with the body around the origin and y
// downwards; render_strokes() fits whatever comes out into the bitmap.
#include "data/simulate_sheep.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "error.h"

namespace sketchvae {
namespace {

constexpr double kPi = std::numbers::pi;

// SplitMix64: tiny, good enough for pictures, and the same on every machine (the distributions of
// <random> are not). For that, no call may hold two draws among its arguments: their order is the
// compiler's choice. Braces keep theirs.
class Dice {
 public:
  Dice(uint64_t seed, uint64_t stream) : state_(mix(seed ^ mix(stream + 0x632be59bd9b4e019ULL))) {}

  uint64_t bits() { return mix(state_ += 0x9e3779b97f4a7c15ULL); }
  double unit() { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }
  double in(double low, double high) { return low + (high - low) * unit(); }
  bool chance(double p) { return unit() < p; }
  int64_t below(int64_t n) {
    return std::min(n - 1, static_cast<int64_t>(unit() * static_cast<double>(n)));
  }

 private:
  static uint64_t mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  uint64_t state_;
};

// An arc of an ellipse from angle `from` to `to` (radians, 0 to the right, growing downwards).
Stroke arc(Point centre, double rx, double ry, double from, double to, int points = 20) {
  Stroke s;
  for (int i = 0; i <= points; ++i) {
    const double a = from + (to - from) * i / points;
    s.push_back({centre.x + rx * std::cos(a), centre.y + ry * std::sin(a)});
  }
  return s;
}

// A closed loop whose end, as a hand's does, misses its beginning by a little.
Stroke loop(Dice& dice, Point centre, double rx, double ry) {
  const double from = dice.in(0, 2 * kPi);
  Stroke s = arc(centre, rx, ry, from, from + 2 * kPi + dice.in(-0.15, 0.3));
  const double drift = dice.in(-0.07, 0.07);
  for (size_t i = 0; i < s.size(); ++i) {
    const double k = 1 + drift * static_cast<double>(i) / static_cast<double>(s.size());
    s[i] = {centre.x + (s[i].x - centre.x) * k, centre.y + (s[i].y - centre.y) * k};
  }
  return s;
}

// The pen's tremble: two slow waves along the stroke, so that no line is straight or round.
void tremble(Dice& dice, Stroke& s, double amount) {
  const double f1 = dice.in(0.02, 0.04), f2 = dice.in(0.05, 0.09);
  const double p1 = dice.in(0, 2 * kPi), p2 = dice.in(0, 2 * kPi), p3 = dice.in(0, 2 * kPi);
  double along = 0;
  Point before = s.front();
  for (Point& p : s) {
    along += std::hypot(p.x - before.x, p.y - before.y);
    before = p;
    p.x += amount * (std::sin(f1 * along + p1) + 0.5 * std::sin(f2 * along + p2));
    p.y += amount * (std::sin(f1 * along + p3) + 0.5 * std::cos(f2 * along + p1));
  }
}

// The wool: lobes around an ellipse. `rough` is a lobe's height as a share of the radius; lobes of
// the belly are flattened by `flat`.
Stroke fleece(Dice& dice, double rx, double ry, int lobes, double rough, double flat) {
  std::vector<double> edges{0};
  for (int i = 0; i < lobes; ++i) edges.push_back(edges.back() + dice.in(0.65, 1.35));
  const double turn = dice.in(0, 2 * kPi);
  Stroke s;
  for (int i = 0; i < lobes; ++i) {
    const double height = rough * dice.in(0.7, 1.3);
    constexpr int kSteps = 8;
    for (int k = 0; k <= kSteps; ++k) {
      const double u = static_cast<double>(k) / kSteps;
      const size_t e = static_cast<size_t>(i);
      const double a = turn + 2 * kPi * (edges[e] + (edges[e + 1] - edges[e]) * u) / edges.back();
      const double belly = std::max(0.0, std::sin(a));
      const double r =
          1 + height * (1 - flat * belly) * std::sqrt(std::max(0.0, std::sin(kPi * u)));
      s.push_back({rx * r * std::cos(a), ry * r * std::sin(a) * (1 - 0.15 * flat * belly)});
    }
  }
  s.push_back(s.front());
  return s;
}

// Height of the lower edge of a closed outline at x.
double lower_edge(const Stroke& outline, double x) {
  double y = 0;
  for (size_t i = 1; i < outline.size(); ++i) {
    const Point a = outline[i - 1], b = outline[i];
    if (a.x == b.x || std::min(a.x, b.x) > x || std::max(a.x, b.x) < x) continue;
    y = std::max(y, a.y + (b.y - a.y) * (x - a.x) / (b.x - a.x));
  }
  return y;
}

// Fills a closed outline with level strokes, `step` apart: full when that is less than the pen is wide.
void fill(const Stroke& outline, double step, std::vector<Stroke>& out) {
  const auto by_y = [](Point a, Point b) { return a.y < b.y; };
  const auto [top, bottom] = std::minmax_element(outline.begin(), outline.end(), by_y);
  for (double y = top->y + step / 2; y < bottom->y; y += step) {
    double left = 1e9, right = -1e9;
    for (size_t i = 1; i < outline.size(); ++i) {
      const Point a = outline[i - 1], b = outline[i];
      if (a.y == b.y || std::min(a.y, b.y) > y || std::max(a.y, b.y) < y) continue;
      const double x = a.x + (b.x - a.x) * (y - a.y) / (b.y - a.y);
      left = std::min(left, x);
      right = std::max(right, x);
    }
    if (left < right) out.push_back({{left, y}, {right, y}});
  }
}

// Scribbles a closed outline dark, to and fro in one stroke at any angle. No two hands leave the same
// paper between the lines, so nothing learns to redraw it.
void scribble(Dice& dice, const Stroke& outline, std::vector<Stroke>& out) {
  const double angle = dice.in(0, kPi), step = dice.in(20, 27);
  const auto turned = [](Stroke s, double a) {
    for (Point& p : s) {
      p = {p.x * std::cos(a) - p.y * std::sin(a), p.x * std::sin(a) + p.y * std::cos(a)};
    }
    return s;
  };
  std::vector<Stroke> lines;
  fill(turned(outline, -angle), step, lines);
  Stroke zigzag;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (i % 2 == 1) std::swap(lines[i][0], lines[i][1]);
    for (Point p : lines[i]) {
      const double dx = dice.in(-4, 4), dy = dice.in(-0.35, 0.35) * step;
      zigzag.push_back({p.x + dx, p.y + dy});
    }
  }
  if (!zigzag.empty()) out.push_back(turned(zigzag, angle));
}

// The parts of an outline that the head does not hide.
std::vector<Stroke> behind(const Stroke& outline, Point head, double rx, double ry) {
  std::vector<Stroke> parts(1);
  for (const Point& p : outline) {
    const double u = (p.x - head.x) / rx, v = (p.y - head.y) / ry;
    if (u * u + v * v > 0.85) {
      parts.back().push_back(p);
    } else if (!parts.back().empty()) {
      parts.emplace_back();
    }
  }
  if (parts.back().empty()) parts.pop_back();
  return parts;
}

void add_legs(Dice& dice, const Stroke& body, double rx, std::vector<Stroke>& out) {
  const bool pairs = dice.chance(0.75);
  const bool boxes = dice.chance(0.22);
  const double length = dice.in(26, 62), spread = dice.in(0.45, 0.7) * rx;
  const double gap = pairs ? dice.in(15, 26) : 0, slant = dice.in(-5, 5);
  for (const double side : {-1.0, 1.0}) {
    for (int k = 0; k < (pairs && !boxes ? 2 : 1); ++k) {
      const double x = side * spread + (k - 0.5) * gap + dice.in(-4, 4);
      const double y = lower_edge(body, x), end = y + length * dice.in(0.85, 1.15);
      if (boxes) {
        const double w = dice.in(14, 20);
        out.push_back({{x - w / 2, y}, {x - w / 2, end}, {x + w / 2, end}, {x + w / 2, y}});
      } else {
        out.push_back(
            {{x, y - 3}, {x + slant / 2, (y + end) / 2}, {x + slant + dice.in(-3, 3), end}});
        if (dice.chance(0.12)) out.back().push_back({out.back().back().x + 10, end});
      }
    }
  }
}

void add_head(Dice& dice, Point at, double rx, double ry, bool dark, std::vector<Stroke>& out) {
  const double droop = dice.in(0.0, 0.6);  // the muzzle points outwards (right) and down
  const auto turned = [&](Stroke s) {
    for (Point& p : s) {
      const double x = p.x - at.x, y = p.y - at.y;
      p = {at.x + x * std::cos(droop) - y * std::sin(droop),
           at.y + x * std::sin(droop) + y * std::cos(droop)};
    }
    return s;
  };
  const Stroke face = turned(loop(dice, at, rx, ry));
  out.push_back(face);
  if (dark) {
    fill(face, 10, out);
  } else if (dice.chance(0.35)) {
    out.push_back({{at.x + rx * dice.in(0.0, 0.3), at.y - ry * dice.in(0.1, 0.3)}});  // an eye
  }
  const Point root{at.x - rx * dice.in(0.2, 0.7), at.y - ry * 0.75};
  if (dice.chance(0.3)) {  // an ear that hangs
    const double wide = dice.in(6, 9), tall = dice.in(11, 17);
    out.push_back(turned(arc({root.x - 5, root.y + 8}, wide, tall, 0, 2 * kPi)));
  } else if (dice.chance(0.35)) {  // ears that stand
    for (const double dx : {-7.0, 9.0}) {
      const double tip = root.y - dice.in(12, 22);
      out.push_back(
          {{root.x + dx - 5, root.y + 2}, {root.x + dx, tip}, {root.x + dx + 6, root.y + 1}});
    }
  }
}

// A sheep that looks to the right.
std::vector<Stroke> draw_sheep(Dice& dice, bool legs, bool black) {
  const double rx = dice.in(72, 100), ry = rx * dice.in(0.48, 0.82);
  const bool woolly = dice.chance(0.8);
  const int lobes = static_cast<int>(dice.in(8, 14));
  const double rough = woolly ? dice.in(0.12, 0.26) : dice.in(0.02, 0.07);
  const Stroke body = fleece(dice, rx, ry, lobes, rough, dice.chance(0.4) ? dice.in(0.5, 1) : 0);
  std::vector<Stroke> out;
  const double hx = dice.in(20, 34), hy = hx * dice.in(0.65, 1.0);
  const Point head{rx + hx * dice.in(0.15, 0.9), -ry * dice.in(0.0, 0.75)};
  if (dice.chance(0.7)) {
    out = behind(body, head, hx, hy);
  } else {
    out.push_back(body);
  }
  if (black) scribble(dice, body, out);
  add_head(dice, head, hx, hy, black || dice.chance(0.1), out);
  if (legs) add_legs(dice, body, rx, out);
  if (dice.chance(0.4)) {
    const double x = -rx * 1.02, y = -ry * dice.in(0.0, 0.4);
    if (dice.chance(0.5)) {
      const double wide = dice.in(7, 13), tall = dice.in(6, 11);
      out.push_back(loop(dice, {x - 8, y}, wide, tall));
    } else {
      out.push_back(
          {{x, y}, {x - 10, y - dice.in(-6, 8)}, {x - dice.in(16, 26), y + dice.in(-12, 14)}});
    }
  }
  if (woolly && !black && dice.chance(0.2)) {  // curls inside the fleece
    for (const double place : {-0.45, 0.0, 0.4}) {
      const Point at{(place + dice.in(-0.1, 0.1)) * rx, dice.in(-0.4, 0.45) * ry};
      const double size = dice.in(11, 16), turn = dice.in(-0.5, 0.5);
      out.push_back(arc(at, size, 0.8 * size, kPi + turn, 2 * kPi + turn));
    }
  }
  return out;
}

// A car that drives to the right: high, with windows, a door and dark tyres, and so with more ink
// than a sheep and in other places.
std::vector<Stroke> draw_car(Dice& dice) {
  const double half = dice.in(95, 115), high = dice.in(45, 62), roof = dice.in(50, 76);
  const double back = -half * dice.in(0.5, 0.9), front = half * dice.in(0.25, 0.55);
  const double slope = dice.in(14, 34), post = back + (front - back) * dice.in(0.45, 0.6);
  std::vector<Stroke> out;
  out.push_back({{-half, 0},
                 {back, -3},
                 {back + slope * 0.5, -roof},
                 {front, -roof},
                 {front + slope, 0},
                 {half - 6, 5},
                 {half, high},
                 {-half, high},
                 {-half, 0}});
  out.push_back({{back, -2}, {front + slope, -1}});  // windows
  out.push_back({{post, -roof}, {post, -2}});
  if (dice.chance(0.7)) out.push_back({{post, -2}, {post, high}});  // a door
  if (dice.chance(0.5)) out.push_back({{-half, high * 0.5}, {half, high * 0.5}});
  const double wheel = dice.in(22, 30);
  for (const double at : {-0.55, 0.55}) {
    const Point hub{half * at + dice.in(-6, 6), high + wheel * dice.in(0.1, 0.5)};
    const Stroke rim = loop(dice, hub, wheel, wheel);
    out.push_back(rim);
    if (dice.chance(0.8)) fill(rim, 10, out);
  }
  return out;
}

// The hand: mirrored or not, leaning a little, squeezed a little, and never quite steady.
void by_hand(Dice& dice, bool left, std::vector<Stroke>& strokes) {
  const double lean = dice.in(-0.09, 0.09), shear = dice.in(-0.12, 0.12);
  const double squeeze = dice.in(0.88, 1.15), shake = dice.in(0.6, 2.4);
  for (Stroke& s : strokes) {
    // Long straight lines are cut up first, so that they too can tremble.
    Stroke fine{s.front()};
    for (size_t i = 1; i < s.size(); ++i) {
      const Point a = s[i - 1], b = s[i];
      const int pieces = std::max(1, static_cast<int>(std::hypot(b.x - a.x, b.y - a.y) / 12));
      for (int k = 1; k <= pieces; ++k) {
        fine.push_back({a.x + (b.x - a.x) * k / pieces, a.y + (b.y - a.y) * k / pieces});
      }
    }
    s = std::move(fine);
    tremble(dice, s, shake);
    for (Point& p : s) {
      const double x = (p.x + shear * p.y) * (left ? -1 : 1), y = p.y * squeeze;
      p = {x * std::cos(lean) - y * std::sin(lean), x * std::sin(lean) + y * std::cos(lean)};
    }
  }
}

SheepKind draw_one(Dice& dice, bool car, uint8_t* out) {
  const bool left = dice.chance(0.5), legs = dice.chance(0.68), black = dice.chance(0.015);
  std::vector<Stroke> strokes = car ? draw_car(dice) : draw_sheep(dice, legs, black);
  by_hand(dice, left, strokes);
  render_strokes(strokes, out);
  if (car) return SheepKind::kCar;
  if (black) return SheepKind::kBlack;
  if (legs) return left ? SheepKind::kLeftLegs : SheepKind::kRightLegs;
  return left ? SheepKind::kLeftNoLegs : SheepKind::kRightNoLegs;
}

}  // namespace

void simulate_sheep(int64_t n, int64_t cars, uint64_t seed, uint8_t* out, SheepKind* kinds,
                    Host& host) {
  if (n < 0 || cars < 0 || cars > n) {
    throw Error("There cannot be " + std::to_string(cars) + " cars among " + std::to_string(n) +
                " drawings.");
  }
  std::vector<bool> is_car(static_cast<size_t>(n), false);
  Dice places(seed, ~uint64_t{0});
  for (int64_t left = n; cars > 0; --left) {  // sampling without replacement, in one sweep
    if (places.unit() * static_cast<double>(left) < static_cast<double>(cars)) {
      is_car[static_cast<size_t>(left - 1)] = true;
      --cars;
    }
  }
  constexpr int64_t kPoll = 256;  // drawings between two looks at the host, about 10 ms
  for (int64_t i = 0; i < n; ++i) {
    if (i % kPoll == 0) {
      if (host.should_stop()) throw Interrupted();
      host.progress(i, n);
    }
    Dice dice(seed, static_cast<uint64_t>(i));
    kinds[i] = draw_one(dice, is_car[static_cast<size_t>(i)], out + i * kPixels);
  }
  host.progress(n, n);
}

}  // namespace sketchvae
