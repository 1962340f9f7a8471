// The bodies of ConvSteps, included once by each conv_<isa>.cpp after its target pragma and after
// SKETCHVAE_LANES (floats a vector), SKETCHVAE_TILE_M and SKETCHVAE_TILE_N (rows and vectors of a
// register tile) are set. In an anonymous namespace: builds for two instruction sets must not meet
// in the linker.

#include <cstdint>
#include <cstring>

#include "ops/conv_steps.h"
#include "ops/winograd.h"

#define SKETCHVAE_UNROLL _Pragma("GCC unroll 16")

namespace sketchvae {
namespace {

constexpr int64_t kLanes = SKETCHVAE_LANES;
typedef float V __attribute__((vector_size(SKETCHVAE_LANES * 4)));
typedef float LooseV __attribute__((vector_size(SKETCHVAE_LANES * 4), aligned(4), may_alias));

inline V load(const float* p) { return *reinterpret_cast<const LooseV*>(p); }
inline void store(float* p, V v) { *reinterpret_cast<LooseV*>(p) = v; }

// out[i] = sum_j M[i][j] * in[j], zeros and ones of the constant matrix folded away.
template <int kOut, int kIn>
inline __attribute__((always_inline)) void transform(const SmallMatrix<kOut, kIn>& m, const V* in,
                                                     int in_stride, V* out, int out_stride) {
  SKETCHVAE_UNROLL
  for (int i = 0; i < kOut; ++i) {
    V sum = {};
    SKETCHVAE_UNROLL
    for (int j = 0; j < kIn; ++j) {
      if (m.at[i][j] != 0) sum += in[j * in_stride] * m.at[i][j];
    }
    out[i * out_stride] = sum;
  }
}

template <int kKernel>
struct Steps {
  using W = Winograd<kKernel>;
  static constexpr int kT = W::kWindow;
  static constexpr int kM = W::kTile;

  static void stage(const float* x, const float* cut, const TileGrid& grid, int64_t channels,
                    int64_t before_rows, int64_t before_columns, float* staged, float* sums) {
    const int64_t padded = padded_channels(channels);
    const int64_t stride = (grid.tile_columns * kM + kKernel - 1) * padded;
    for (int64_t r = 0; r < grid.rows; ++r) {
      for (int64_t q = 0; q < grid.columns; ++q) {
        const int64_t from = (r * grid.columns + q) * channels;
        float* to = staged + (r + before_rows) * stride + (q + before_columns) * padded;
        int64_t c = 0;
        for (; c + kLanes <= channels; c += kLanes) {
          V v = load(x + from + c);
          if (cut) v = load(cut + from + c) > 0 ? v : V{};
          store(to + c, v);
          if (sums) store(sums + c, load(sums + c) + v);
        }
        for (; c < channels; ++c) {
          const float v = cut && !(cut[from + c] > 0) ? 0.0f : x[from + c];
          to[c] = v;
          if (sums) sums[c] += v;
        }
      }
    }
  }

  static void window_transform(const float* staged, const TileGrid& grid, int64_t channels,
                               float* out) {
    static constexpr auto kInput = W::input();
    const int64_t stride = (grid.tile_columns * kM + kKernel - 1) * channels;
    const int64_t plane = grid.tiles() * channels;
    for (int64_t a = 0; a < grid.tile_rows; ++a) {
      for (int64_t b = 0; b < grid.tile_columns; ++b) {
        const float* x = staged + a * kM * stride + b * kM * channels;
        float* to = out + (a * grid.tile_columns + b) * channels;
        for (int64_t c = 0; c < channels; c += kLanes) {
          V in[kT * kT], half[kT * kT];
          for (int i = 0; i < kT; ++i) {
            SKETCHVAE_UNROLL
            for (int j = 0; j < kT; ++j) in[i * kT + j] = load(x + i * stride + j * channels + c);
          }
          for (int j = 0; j < kT; ++j) transform(kInput, in + j, kT, half + j, kT);
          for (int i = 0; i < kT; ++i) {
            V row[kT];
            transform(kInput, half + i * kT, 1, row, 1);
            SKETCHVAE_UNROLL
            for (int j = 0; j < kT; ++j) store(to + (i * kT + j) * plane + c, row[j]);
          }
        }
      }
    }
  }

  static void tile_transform(const float* staged, int64_t stride, const TileGrid& grid,
                             int64_t channels, float* out) {
    static constexpr auto kFilter = W::template filter<kM>();
    const int64_t plane = grid.tiles() * channels;
    for (int64_t a = 0; a < grid.tile_rows; ++a) {
      for (int64_t b = 0; b < grid.tile_columns; ++b) {
        const float* x = staged + a * kM * stride + b * kM * channels;
        float* to = out + (a * grid.tile_columns + b) * channels;
        for (int64_t c = 0; c < channels; c += kLanes) {
          V in[kM * kM], half[kT * kM];
          for (int i = 0; i < kM; ++i) {
            SKETCHVAE_UNROLL
            for (int j = 0; j < kM; ++j) in[i * kM + j] = load(x + i * stride + j * channels + c);
          }
          for (int j = 0; j < kM; ++j) transform(kFilter, in + j, kM, half + j, kM);
          for (int i = 0; i < kT; ++i) {
            V row[kT];
            transform(kFilter, half + i * kM, 1, row, 1);
            SKETCHVAE_UNROLL
            for (int j = 0; j < kT; ++j) store(to + (i * kT + j) * plane + c, row[j]);
          }
        }
      }
    }
  }

  static void kernel_transform(const float* kernel, int64_t in, int64_t out, int64_t i0, int64_t i1,
                               float* transformed) {
    static constexpr auto kFilter = W::template filter<kKernel>();
    const int64_t plane = in * out;
    for (int64_t i = i0; i < i1; ++i) {
      for (int64_t c = 0; c < out; c += kLanes) {
        const int64_t at = i * out + c;
        V taps[kKernel * kKernel], half[kT * kKernel];
        for (int q = 0; q < kKernel * kKernel; ++q) taps[q] = load(kernel + q * plane + at);
        for (int j = 0; j < kKernel; ++j) transform(kFilter, taps + j, kKernel, half + j, kKernel);
        for (int r = 0; r < kT; ++r) {
          V row[kT];
          transform(kFilter, half + r * kKernel, 1, row, 1);
          SKETCHVAE_UNROLL
          for (int j = 0; j < kT; ++j) store(transformed + (r * kT + j) * plane + at, row[j]);
        }
      }
    }
  }

  static void kernel_gradient(const float* points, int64_t in, int64_t out, int64_t i0, int64_t i1,
                              float* gradient) {
    static constexpr auto kOutput = W::template output<kKernel>();
    const int64_t plane = in * out;
    for (int64_t i = i0; i < i1; ++i) {
      for (int64_t c = 0; c < out; c += kLanes) {
        const int64_t at = i * out + c;
        V half[kKernel * kT];
        for (int j = 0; j < kT; ++j) {
          V column[kT];
          SKETCHVAE_UNROLL
          for (int r = 0; r < kT; ++r) column[r] = load(points + (r * kT + j) * plane + at);
          transform(kOutput, column, 1, half + j, kT);
        }
        for (int r = 0; r < kKernel; ++r) {
          V row[kKernel];
          transform(kOutput, half + r * kT, 1, row, 1);
          SKETCHVAE_UNROLL
          for (int j = 0; j < kKernel; ++j) store(gradient + (r * kKernel + j) * plane + at, row[j]);
        }
      }
    }
  }

  static void inverse_transform(const float* points, const TileGrid& grid, int64_t channels,
                                const float* bias, bool relu, float* y) {
    static constexpr auto kOutput = W::template output<kM>();
    const int64_t padded = padded_channels(channels), plane = grid.tiles() * padded;
    for (int64_t a = 0; a < grid.tile_rows; ++a) {
      for (int64_t b = 0; b < grid.tile_columns; ++b) {
        const float* from = points + (a * grid.tile_columns + b) * padded;
        const int64_t high = grid.rows - a * kM, wide = grid.columns - b * kM;
        for (int64_t c = 0; c < channels; c += kLanes) {
          V half[kM * kT];
          for (int j = 0; j < kT; ++j) {
            V column[kT];
            SKETCHVAE_UNROLL
            for (int i = 0; i < kT; ++i) column[i] = load(from + (i * kT + j) * plane + c);
            transform(kOutput, column, 1, half + j, kT);
          }
          const V shift = bias ? load(bias + c) : V{};
          const int64_t tail = channels - c;
          for (int i = 0; i < kM && i < high; ++i) {
            V row[kM];
            transform(kOutput, half + i * kT, 1, row, 1);
            for (int j = 0; j < kM && j < wide; ++j) {
              V value = row[j] + shift;
              if (relu) value = value > 0 ? value : V{};
              float* to = y + ((a * kM + i) * grid.columns + b * kM + j) * channels + c;
              if (tail >= kLanes) {
                store(to, value);
              } else {
                for (int64_t k = 0; k < tail; ++k) to[k] = value[k];
              }
            }
          }
        }
      }
    }
  }

  // ---- products: c[m x n] (+)= a * b with a(m, k) at a[m * am + k * ak], n a multiple of kLanes

  template <int kRows, int kColumns, bool kAdd>
  static inline __attribute__((always_inline)) void tile(const float* a, int64_t am, int64_t ak,
                                                         const float* b, int64_t n, int64_t k,
                                                         float* c) {
    V sum[kRows][kColumns];
    SKETCHVAE_UNROLL
    for (int i = 0; i < kRows; ++i) {
      SKETCHVAE_UNROLL
      for (int j = 0; j < kColumns; ++j) sum[i][j] = kAdd ? load(c + i * n + j * kLanes) : V{};
    }
    for (int64_t l = 0; l < k; ++l) {
      V right[kColumns];
      SKETCHVAE_UNROLL
      for (int j = 0; j < kColumns; ++j) right[j] = load(b + l * n + j * kLanes);
      SKETCHVAE_UNROLL
      for (int i = 0; i < kRows; ++i) {
        const float left = a[i * am + l * ak];
        SKETCHVAE_UNROLL
        for (int j = 0; j < kColumns; ++j) sum[i][j] += left * right[j];
      }
    }
    SKETCHVAE_UNROLL
    for (int i = 0; i < kRows; ++i) {
      SKETCHVAE_UNROLL
      for (int j = 0; j < kColumns; ++j) store(c + i * n + j * kLanes, sum[i][j]);
    }
  }

  // The last rows of a column of tiles, fewer than kRows + 1.
  template <int kRows, int kColumns, bool kAdd>
  static void rest(int64_t rows, const float* a, int64_t am, int64_t ak, const float* b, int64_t n,
                   int64_t k, float* c) {
    if constexpr (kRows > 0) {
      if (rows == kRows) return tile<kRows, kColumns, kAdd>(a, am, ak, b, n, k, c);
      rest<kRows - 1, kColumns, kAdd>(rows, a, am, ak, b, n, k, c);
    }
  }

  template <int kColumns, bool kAdd>
  static void column(int64_t m, const float* a, int64_t am, int64_t ak, const float* b, int64_t n,
                     int64_t k, float* c) {
    int64_t i = 0;
    for (; i + SKETCHVAE_TILE_M <= m; i += SKETCHVAE_TILE_M) {
      tile<SKETCHVAE_TILE_M, kColumns, kAdd>(a + i * am, am, ak, b, n, k, c + i * n);
    }
    rest<SKETCHVAE_TILE_M - 1, kColumns, kAdd>(m - i, a + i * am, am, ak, b, n, k, c + i * n);
  }

  template <bool kAdd>
  static void product(int64_t m, const float* a, int64_t am, int64_t ak, const float* b, int64_t n,
                      int64_t k, float* c) {
    int64_t j = 0;
    for (; n - j >= SKETCHVAE_TILE_N * kLanes; j += SKETCHVAE_TILE_N * kLanes) {
      column<SKETCHVAE_TILE_N, kAdd>(m, a, am, ak, b + j, n, k, c + j);
    }
    for (; n - j >= 2 * kLanes; j += 2 * kLanes) column<2, kAdd>(m, a, am, ak, b + j, n, k, c + j);
    for (; j < n; j += kLanes) column<1, kAdd>(m, a, am, ak, b + j, n, k, c + j);
  }

  static void prefetch(const float* p, int64_t floats) {
    for (int64_t i = 0; i < floats; i += 16) __builtin_prefetch(p + i, 0, 2);
  }

  static void multiply(const float* a, int64_t lda, const float* b, int64_t tiles, int64_t k,
                       int64_t n, float* out) {
    for (int p = 0; p < W::kPoints; ++p) {
      if (p + 1 < W::kPoints) prefetch(b + (p + 1) * k * n, k * n);
      product<false>(tiles, a + p * tiles * lda, lda, 1, b + p * k * n, n, k, out + p * tiles * n);
    }
  }

  static void accumulate(const float* a, int64_t lda, const float* b, int64_t tiles, int64_t i,
                         int64_t n, float* out) {
    for (int p = 0; p < W::kPoints; ++p) {
      if (p + 1 < W::kPoints) prefetch(out + (p + 1) * i * n, i * n);
      product<true>(i, a + p * tiles * lda, 1, lda, b + p * tiles * n, n, tiles, out + p * i * n);
    }
  }

  static constexpr ConvSteps kAll = {kT, stage, window_transform, tile_transform, kernel_transform,
                                     kernel_gradient, multiply, accumulate, inverse_transform};
};

inline const ConvSteps& steps_of(int64_t kernel) {
  return kernel == 3 ? Steps<3>::kAll : Steps<4>::kAll;
}

}  // namespace
}  // namespace sketchvae
