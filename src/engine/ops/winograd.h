// Winograd's minimal filtering F(4, k) in two dimensions for k = 3 and 4: the matrices, generated at
// compile time from interpolation points (Cook-Toom), and the smallest sizes that follow from k.
// One output tile is 4 x 4; its transform has (k + 3)^2 points. Tests: tests/cpp/test_conv.cpp.
#pragma once

#include <cstdint>

namespace sketchvae {

template <int kRows, int kColumns>
struct SmallMatrix {
  float at[kRows][kColumns] = {};
};

// Interpolation points; infinity is the last, unwritten one. Small numbers and their inverses keep
// rounding near that of a direct convolution.
template <int kKernel>
struct WinogradPoints;
template <>
struct WinogradPoints<3> {
  static constexpr double kAt[] = {0, 1, -1, 0.5, -2};
};
template <>
struct WinogradPoints<4> {
  static constexpr double kAt[] = {0, 1, -1, 0.5, -0.5, 2};
};

template <int kKernel>
struct Winograd {
  static constexpr int kTile = 4;                  // outputs a side
  static constexpr int kWindow = kTile + kKernel - 1;  // inputs a side, and points a side
  static constexpr int kPoints = kWindow * kWindow;

  // Product over the finite points but `skip` of (x - a), as coefficients of x^0, x^1, ...
  static constexpr void polynomial(int skip, double (&c)[kWindow]) {
    for (double& x : c) x = 0;
    c[0] = 1;
    int degree = 0;
    for (int l = 0; l < kWindow - 1; ++l) {
      if (l == skip) continue;
      const double a = WinogradPoints<kKernel>::kAt[l];
      for (int i = ++degree; i > 0; --i) c[i] = c[i - 1] - a * c[i];
      c[0] *= -a;
    }
  }

  static constexpr double power(double x, int n) { return n == 0 ? 1 : x * power(x, n - 1); }

  // Window of inputs to points.
  static constexpr SmallMatrix<kWindow, kWindow> input() {
    SmallMatrix<kWindow, kWindow> m;
    double c[kWindow] = {};
    for (int j = 0; j < kWindow; ++j) {
      polynomial(j < kWindow - 1 ? j : -1, c);
      for (int i = 0; i < kWindow; ++i) m.at[j][i] = static_cast<float>(c[i]);
    }
    return m;
  }

  // r filter taps (or gradients of a tile, r = 4) to points.
  template <int r>
  static constexpr SmallMatrix<kWindow, r> filter() {
    SmallMatrix<kWindow, r> m;
    for (int j = 0; j < kWindow - 1; ++j) {
      const double a = WinogradPoints<kKernel>::kAt[j];
      double scale = 1;
      for (int l = 0; l < kWindow - 1; ++l) {
        if (l != j) scale *= a - WinogradPoints<kKernel>::kAt[l];
      }
      for (int i = 0; i < r; ++i) m.at[j][i] = static_cast<float>(power(a, i) / scale);
    }
    m.at[kWindow - 1][r - 1] = 1;
    return m;
  }

  // Points to n outputs (or to gradients of n taps).
  template <int n>
  static constexpr SmallMatrix<n, kWindow> output() {
    SmallMatrix<n, kWindow> m;
    for (int j = 0; j < kWindow - 1; ++j) {
      for (int i = 0; i < n; ++i) {
        m.at[i][j] = static_cast<float>(power(WinogradPoints<kKernel>::kAt[j], i));
      }
    }
    m.at[n - 1][kWindow - 1] = 1;
    return m;
  }
};

}  // namespace sketchvae
