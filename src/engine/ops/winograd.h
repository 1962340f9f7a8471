// Winograd's minimal filtering in two dimensions, any kernel: the matrices, generated at compile time
// from the points at which polynomials are evaluated (Toom and Cook). A square window of inputs becomes
// points, is multiplied there, and becomes a tile of outputs.
//
// What a window's points are decides how much is multiplied and how much is rounded. Numbers alone must
// grow or crowd, and their powers with them: with 0, 1, -1, .5, -.5, 2 and infinity, 49 products for the
// 4 x 4 outputs of a 4 x 4 kernel, gradients of the sheep's model end up to 8 times as far from float64
// as LibTorch's. The remainder by x^2 + 1 (the points i and -i) takes three products instead of two, but
// is as round as can be: with it, six numbers and infinity, 100 products for 6 x 6 outputs, 2 times. The
// numbers are those of some hundred tried that round least, with coefficients of few digits.
// Tests: tests/cpp/test_conv.cpp, tests/parity/.
#pragma once

#include <cstdint>
#include <iterator>
#include <utility>

namespace sketchvae {

template <int kRows, int kColumns>
struct SmallMatrix {
  float at[kRows][kColumns] = {};
  // Row i + 1 is row i, or its negative, with the signs of its odd columns turned: what the points a
  // and -a have in common. And the same of columns.
  bool mirrors_row[kRows] = {}, mirrors_column[kColumns] = {};
  float sign[kRows] = {};
};

// Where polynomials are evaluated: at these numbers, perhaps at i and -i, and at infinity.
struct SixPoints {
  static constexpr double kAt[] = {0, 1.5, -1.5, 0.625, -0.625};
  static constexpr bool kCircle = false;
};
struct TenPoints {
  static constexpr double kAt[] = {0.375, -0.375, 0.875, -0.875, 1.5, -1.5};
  static constexpr bool kCircle = true;
};

template <int kKernel, typename P>
struct Winograd {
  static constexpr int kNumbers = static_cast<int>(std::size(P::kAt));
  static constexpr int kWindow = kNumbers + (P::kCircle ? 2 : 0) + 1;  // inputs a side
  static constexpr int kSide = kWindow + (P::kCircle ? 1 : 0);         // points a side
  static constexpr int kTile = kWindow + 1 - kKernel;                  // outputs a side
  static constexpr int kPoints = kSide * kSide;

  // Window of inputs to points.
  static constexpr SmallMatrix<kSide, kWindow> input() {
    return rounded<kSide, kWindow>([](int p, int i) { return kInterpolation.at[i][p] / kScale.at[p]; });
  }

  // r filter taps (or gradients of a tile) to points.
  template <int r>
  static constexpr SmallMatrix<kSide, r> filter() {
    return rounded<kSide, r>([](int p, int i) { return evaluation(p, i, r) * kScale.at[p]; });
  }

  // Points to n outputs (or to gradients of n taps).
  template <int n>
  static constexpr SmallMatrix<n, kSide> output() {
    return rounded<n, kSide>([](int i, int p) { return evaluation(p, i, n); });
  }

 private:
  // What x^i of a polynomial of n coefficients gives at point p.
  static constexpr double evaluation(int p, int i, int n) {
    if (p < kNumbers) {
      double power = 1;
      for (int q = 0; q < i; ++q) power *= P::kAt[p];
      return power;
    }
    if (p == kSide - 1) return i == n - 1;
    const double sign = i / 2 % 2 == 0 ? 1 : -1;
    const bool real = p != kNumbers + 1, imaginary = p != kNumbers;
    return (i % 2 == 0 ? real : imaginary) ? sign : 0;
  }

  // Products at the points to the product's coefficients: the inverse of its evaluation, where the
  // remainder (u0 + u1 x) (v0 + v1 x) by x^2 + 1 is u0 v0 - u1 v1 and (u0 + u1) (v0 + v1) - u0 v0 - u1 v1.
  struct Interpolation {
    double at[kWindow][kSide] = {};
  };
  static constexpr Interpolation interpolation() {
    double m[kWindow][2 * kWindow] = {};
    for (int r = 0; r < kWindow; ++r) {
      const int p = r == kWindow - 1 ? kSide - 1 : r;
      for (int i = 0; i < kWindow; ++i) m[r][i] = evaluation(p, i, kWindow);
      m[r][kWindow + r] = 1;
    }
    for (int c = 0; c < kWindow; ++c) {  // Gauss and Jordan, by the largest entry
      int largest = c;
      for (int r = c + 1; r < kWindow; ++r) {
        if (size(m[r][c]) > size(m[largest][c])) largest = r;
      }
      for (int i = 0; i < 2 * kWindow; ++i) std::swap(m[c][i], m[largest][i]);
      const double pivot = m[c][c];
      for (double& x : m[c]) x /= pivot;
      for (int r = 0; r < kWindow; ++r) {
        const double times = r == c ? 0 : m[r][c];
        for (int i = 0; i < 2 * kWindow; ++i) m[r][i] -= times * m[c][i];
      }
    }
    Interpolation to;
    for (int i = 0; i < kWindow; ++i) {
      const double* inverse = m[i] + kWindow;
      for (int p = 0; p < kNumbers; ++p) to.at[i][p] = inverse[p];
      if (P::kCircle) {
        const double even = inverse[kNumbers], odd = inverse[kNumbers + 1];
        to.at[i][kNumbers] = even - odd;
        to.at[i][kNumbers + 1] = -even - odd;
        to.at[i][kNumbers + 2] = odd;
      }
      to.at[i][kSide - 1] = inverse[kWindow - 1];
      for (double& x : to.at[i]) x = size(x) < 1e-12 ? 0 : x;
    }
    return to;
  }
  static constexpr double size(double x) { return x < 0 ? -x : x; }

  // Each point's last coefficient: with it divided out, the others have few digits.
  struct Scale {
    double at[kSide] = {};
  };
  static constexpr Scale scale() {
    Scale s;
    for (int p = 0; p < kSide; ++p) {
      for (int i = 0; i < kWindow; ++i) {
        if (kInterpolation.at[i][p] != 0) s.at[p] = kInterpolation.at[i][p];
      }
    }
    return s;
  }
  static constexpr Interpolation kInterpolation = interpolation();
  static constexpr Scale kScale = scale();

  template <int kRows, int kColumns, typename At>
  static constexpr SmallMatrix<kRows, kColumns> rounded(const At& at) {
    SmallMatrix<kRows, kColumns> m;
    for (int i = 0; i < kRows; ++i) {
      for (int j = 0; j < kColumns; ++j) m.at[i][j] = static_cast<float>(at(i, j));
    }
    for (int i = 0; i + 1 < kRows; ++i) {
      for (const float sign : {1.0f, -1.0f}) {
        bool mirrors = true;
        for (int j = 0; j < kColumns; ++j) {
          mirrors &= m.at[i + 1][j] == (j % 2 == 0 ? sign : -sign) * m.at[i][j];
        }
        if (mirrors) m.mirrors_row[i] = true, m.sign[i] = sign;
      }
    }
    for (int j = 0; j + 1 < kColumns; ++j) {
      m.mirrors_column[j] = true;
      for (int i = 0; i < kRows; ++i) {
        m.mirrors_column[j] &= m.at[i][j + 1] == (i % 2 == 0 ? 1 : -1) * m.at[i][j];
      }
    }
    return m;
  }
};

}  // namespace sketchvae
