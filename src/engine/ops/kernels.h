// The inner loops of ops/, built for several instruction sets (kernels_<isa>.cpp) and chosen once at
// run time: products of matrices, the steps of a Winograd convolution, an optimizer's sweep.
// ops/*.cpp string them together and share them out to threads. The vectors are those of g++ and clang
// (vector_size), one body for all; an instruction set is a file of twenty lines. Google's Highway would add
// SVE and RISC-V and take two megabytes of headers into the package, which must compile where there is no
// libhwy-dev: thirty times the size of all kernels here. So it is not used.
#pragma once

#include <cstdint>

#include "ops/sweep.h"

#if defined(__x86_64__) && defined(__GNUC__)  // and clang, which says that it is GNU C
#define SKETCHVAE_X86_BUILDS 1
#endif

namespace sketchvae {

// Rows that the kernels read and write whole are padded to this many floats.
constexpr int64_t kPad = 16;
constexpr int64_t padded(int64_t n) { return (n + kPad - 1) / kPad * kPad; }

// c (m x n) = or += a (m x k) times b. Entry (i, l) of a is a[i * am + l * ak]; rows of b and c are
// ldb and ldc floats apart.
struct Product {
  const float* a = nullptr;
  int64_t am = 0, ak = 1;
  const float* b = nullptr;
  int64_t ldb = 0;
  float* c = nullptr;
  int64_t ldc = 0;
  int64_t m = 0, n = 0, k = 0;
};

struct ProductKernels {
  void (*set)(const Product& p);     // c = a * b with b (k x n)
  void (*add)(const Product& p);     // c += a * b
  void (*add_wide)(const Product& p);  // the same, for a b that is read from memory once
  void (*add_dots)(const Product& p);  // c += a * b' with b (n x k); ak must be 1
};

// Loops over n neighbouring floats.
struct RowKernels {
  void (*add)(const float* from, int64_t n, float* to);                       // to += from
  void (*shift)(const float* bias, int64_t n, bool relu, float* y);           // y += bias, then ReLU
  void (*cut)(const float* g, const float* y, int64_t n, float* out);         // 0 where y <= 0, else g
};

// A drawing, rows x columns x channels, in square tiles.
struct TileGrid {
  TileGrid(int64_t rows, int64_t columns, int64_t tile)
      : rows(rows), columns(columns),
        tile_rows((rows + tile - 1) / tile), tile_columns((columns + tile - 1) / tile) {}
  int64_t rows, columns;
  int64_t tile_rows, tile_columns;
  int64_t tiles() const { return tile_rows * tile_columns; }
};

// A Winograd convolution's steps on one drawing. Transformed: points x tiles x padded channels; the
// lanes beyond the channels hold whatever stood beside them.
struct WinogradKernels {
  int64_t taps;    // of the kernel, a side
  int64_t tile;    // outputs a side
  int64_t points;  // of a tile's transform
  int64_t window;  // inputs a side

  // Windows of the drawing, which starts so many rows and columns before it.
  void (*windows)(const float* x, const TileGrid& grid, int64_t channels, int64_t before_rows,
                  int64_t before_columns, float* buffer, float* out);
  // Floats that windows() and tiles() need as a buffer.
  int64_t buffer_size(int64_t channels) const { return window * window * channels + kPad; }
  // Tiles of a gradient; sums (padded channels) gets their sums over all pixels added.
  void (*tiles)(const float* g, const TileGrid& grid, int64_t channels, float* buffer, float* out,
                float* sums);
  // One input channel's taps (k x k x padded out) to points; points are `plane` floats apart.
  void (*kernel)(const float* taps, int64_t out, int64_t plane, float* transformed);
  // And back, for gradients.
  void (*kernel_gradient)(const float* points, int64_t out, int64_t plane, float* taps);
  // For each point, out[tiles x n] = a[tiles x k (rows of lda)] * b[k x n].
  void (*multiply)(const float* a, int64_t lda, const float* b, int64_t tiles, int64_t k, int64_t n,
                   float* out);
  // For each point, out[i x n] = or, with add, += a[tiles x i (rows of lda)]' * b[tiles x n].
  void (*accumulate)(const float* a, int64_t lda, const float* b, int64_t tiles, int64_t i, int64_t n,
                     bool add, float* out);
  // Points to a drawing; bias (padded) may be null.
  void (*drawing)(const float* points, const TileGrid& grid, int64_t channels, const float* bias,
                  bool relu, float* y);
};

struct Kernels {
  ProductKernels products;
  RowKernels rows;
  WinogradKernels winograd[3];  // for kernels of 3 x 3, and of 4 x 4 on small drawings and large
  SweepFn sweep;
};

// Those for the level of cpu.h.
const Kernels& kernels();

const Kernels& kernels_baseline();
#ifdef SKETCHVAE_X86_BUILDS
const Kernels& kernels_avx2();
const Kernels& kernels_avx512();
#endif

}  // namespace sketchvae
