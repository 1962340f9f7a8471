// A Winograd convolution's steps: WinogradKernels of ops/kernels.h. Included by ops/kernels_body.h
// alone, after product_kernel.h. Tests: tests/cpp/test_conv.cpp.

#include "ops/winograd.h"

namespace sketchvae {
namespace {

// out[i] = sum_j M[i][j] * in[j]. Zeros of the constant matrix are folded away, and what rows or columns
// of the points a and -a share is computed once.
template <int kOut, int kIn>
SKETCHVAE_INLINE void transform(const SmallMatrix<kOut, kIn>& m, const V* in, V* out, int out_stride) {
  V even[kIn], odd[kIn];  // what even rows, and odd ones, multiply column j's entries with
  bool done[kIn + 1] = {};
  SKETCHVAE_UNROLL
  for (int j = 0; j < kIn; ++j) {
    even[j] = odd[j] = in[j];
    if (m.mirrors_column[j] && !done[j]) {
      even[j] = in[j] + in[j + 1];
      odd[j] = in[j] - in[j + 1];
      done[j + 1] = true;
    }
  }
  bool mirrored = false;
  SKETCHVAE_UNROLL
  for (int i = 0; i < kOut; ++i) {
    if (mirrored) {
      mirrored = false;
      continue;
    }
    V sums[2] = {};
    SKETCHVAE_UNROLL
    for (int j = 0; j < kIn; ++j) {
      if (m.at[i][j] == 0 || done[j]) continue;
      sums[m.mirrors_row[i] && j % 2 == 1] += (i % 2 == 0 ? even[j] : odd[j]) * m.at[i][j];
    }
    if (m.mirrors_row[i]) {
      out[i * out_stride] = sums[0] + sums[1];
      out[(i + 1) * out_stride] = m.sign[i] > 0 ? sums[0] - sums[1] : sums[1] - sums[0];
      mirrored = true;
    } else {
      out[i * out_stride] = sums[0];
    }
  }
}

// M X M' of a small square X: entry (i, j) is read as at(i, j), written as put(i, j, value).
template <int kOut, int kIn, typename At, typename Put>
SKETCHVAE_INLINE void transform_square(const SmallMatrix<kOut, kIn>& m, const At& at, const Put& put) {
  V half[kOut * kIn];
  for (int j = 0; j < kIn; ++j) {
    V column[kIn];
    SKETCHVAE_UNROLL
    for (int i = 0; i < kIn; ++i) column[i] = at(i, j);
    transform(m, column, half + j, kIn);
  }
  for (int i = 0; i < kOut; ++i) {
    V row[kOut];
    transform(m, half + i * kIn, row, 1);
    SKETCHVAE_UNROLL
    for (int j = 0; j < kOut; ++j) put(i, j, row[j]);
  }
}

template <int kKernel, typename P>
struct WinogradSteps {
  using W = Winograd<kKernel, P>;
  static constexpr int kT = W::kWindow;
  static constexpr int kS = W::kSide;
  static constexpr int kM = W::kTile;

  // A square of kSide x kSide pixels of a drawing as it lies there, or, where it passes the drawing's
  // border, copied to a buffer with zeros around.
  struct Square {
    const float* at;
    int64_t stride;  // floats from row to row
  };
  template <int kSide>
  static Square square(const float* x, const TileGrid& grid, int64_t channels, int64_t row,
                       int64_t column, float* buffer) {
    // Vectors read beyond the last channel, but never beyond the drawing.
    const int64_t last_pixel = (row + kSide - 1) * grid.columns + column + kSide - 1;
    const int64_t read = (channels + kLanes - 1) / kLanes * kLanes;
    if (row >= 0 && column >= 0 && row + kSide <= grid.rows && column + kSide <= grid.columns &&
        last_pixel * channels + read <= grid.rows * grid.columns * channels) {
      return {x + (row * grid.columns + column) * channels, grid.columns * channels};
    }
    const int64_t stride = kSide * channels;
    const int64_t first = column < 0 ? -column : 0;
    const int64_t last = grid.columns - column < kSide ? grid.columns - column : kSide;
    std::memset(buffer, 0, static_cast<size_t>(kSide * stride) * sizeof(float));
    for (int64_t i = 0; i < kSide && first < last; ++i) {
      if (row + i < 0 || row + i >= grid.rows) continue;
      std::memcpy(buffer + i * stride + first * channels,
                  x + ((row + i) * grid.columns + column + first) * channels,
                  static_cast<size_t>((last - first) * channels) * sizeof(float));
    }
    return {buffer, stride};
  }

  static void windows(const float* x, const TileGrid& grid, int64_t channels, int64_t before_rows,
                      int64_t before_columns, float* buffer, float* out) {
    static constexpr auto kInput = W::input();
    const int64_t wide = padded(channels), plane = grid.tiles() * wide;
    for (int64_t a = 0; a < grid.tile_rows; ++a) {
      for (int64_t b = 0; b < grid.tile_columns; ++b) {
        const Square from = square<kT>(x, grid, channels, a * kM - before_rows,
                                       b * kM - before_columns, buffer);
        float* to = out + (a * grid.tile_columns + b) * wide;
        for (int64_t c = 0; c < channels; c += kLanes) {
          transform_square(
              kInput, [&](int i, int j) { return load(from.at + i * from.stride + j * channels + c); },
              [&](int i, int j, V v) { store(to + (i * kS + j) * plane + c, v); });
        }
      }
    }
  }

  static void tiles(const float* g, const TileGrid& grid, int64_t channels, float* buffer, float* out,
                    float* sums) {
    static constexpr auto kFilter = W::template filter<kM>();
    const int64_t wide = padded(channels), plane = grid.tiles() * wide;
    for (int64_t a = 0; a < grid.tile_rows; ++a) {
      for (int64_t b = 0; b < grid.tile_columns; ++b) {
        const Square from = square<kM>(g, grid, channels, a * kM, b * kM, buffer);
        float* to = out + (a * grid.tile_columns + b) * wide;
        for (int64_t c = 0; c < channels; c += kLanes) {
          V sum = load(sums + c);
          transform_square(
              kFilter,
              [&](int i, int j) {
                const V v = load(from.at + i * from.stride + j * channels + c);
                sum += v;
                return v;
              },
              [&](int i, int j, V v) { store(to + (i * kS + j) * plane + c, v); });
          store(sums + c, sum);
        }
      }
    }
  }

  static void kernel(const float* taps, int64_t out, int64_t plane, float* transformed) {
    static constexpr auto kFilter = W::template filter<kKernel>();
    for (int64_t c = 0; c < out; c += kLanes) {
      transform_square(
          kFilter, [&](int i, int j) { return load(taps + (i * kKernel + j) * out + c); },
          [&](int i, int j, V v) { store(transformed + (i * kS + j) * plane + c, v); });
    }
  }

  static void kernel_gradient(const float* points, int64_t out, int64_t plane, float* taps) {
    static constexpr auto kOutput = W::template output<kKernel>();
    for (int64_t c = 0; c < out; c += kLanes) {
      transform_square(
          kOutput, [&](int i, int j) { return load(points + (i * kS + j) * plane + c); },
          [&](int i, int j, V v) { store(taps + (i * kKernel + j) * out + c, v); });
    }
  }

  static void drawing(const float* points, const TileGrid& grid, int64_t channels, const float* bias,
                      bool relu, float* y) {
    static constexpr auto kOutput = W::template output<kM>();
    const int64_t wide = padded(channels), plane = grid.tiles() * wide;
    for (int64_t a = 0; a < grid.tile_rows; ++a) {
      for (int64_t b = 0; b < grid.tile_columns; ++b) {
        const float* from = points + (a * grid.tile_columns + b) * wide;
        const int64_t rows = grid.rows - a * kM, columns = grid.columns - b * kM;
        for (int64_t c = 0; c < channels; c += kLanes) {
          const V shift = bias ? load(bias + c) : V{};
          const int64_t left = channels - c;
          transform_square(
              kOutput, [&](int i, int j) { return load(from + (i * kS + j) * plane + c); },
              [&](int i, int j, V v) {
                if (i >= rows || j >= columns) return;
                v += shift;
                if (relu) v = v <= 0 ? V{} : v;
                float* to = y + ((a * kM + i) * grid.columns + b * kM + j) * channels + c;
                if (left >= kLanes) {
                  store(to, v);
                } else {
                  store_part(to, left, v);
                }
              });
        }
      }
    }
  }

  static void fetch(const float* p, int64_t floats) {
    for (int64_t i = 0; i < floats; i += 16) __builtin_prefetch(p + i, 0, 2);
  }

  static void multiply(const float* a, int64_t lda, const float* b, int64_t tiles, int64_t k,
                       int64_t n, float* out) {
    for (int p = 0; p < W::kPoints; ++p) {
      if (p + 1 < W::kPoints) fetch(b + (p + 1) * k * n, k * n);
      product<false, false, SKETCHVAE_TILE_M>(
          {a + p * tiles * lda, lda, 1, b + p * k * n, n, out + p * tiles * n, n, tiles, n, k});
    }
  }

  static void accumulate(const float* a, int64_t lda, const float* b, int64_t tiles, int64_t i,
                         int64_t n, bool add, float* out) {
    for (int p = 0; p < W::kPoints; ++p) {
      if (add && p + 1 < W::kPoints) fetch(out + (p + 1) * i * n, i * n);
      const Product one = {a + p * tiles * lda, 1, lda, b + p * tiles * n, n,
                           out + p * i * n, n, i, n, tiles};
      add ? product<true, false, SKETCHVAE_TILE_M>(one) : product<false, false, SKETCHVAE_TILE_M>(one);
    }
  }

  static constexpr WinogradKernels kAll = {kKernel, kM, W::kPoints, kT, windows, tiles, kernel, kernel_gradient,
                                           multiply, accumulate, drawing};
};

}  // namespace
}  // namespace sketchvae
