// The steps of a Winograd convolution on one drawing, built for several instruction sets
// (conv_<isa>.cpp include conv_kernel.h). ops/conv.cpp strings them together.
#pragma once

#include <cstdint>

namespace sketchvae {

// Channels in transformed and staged buffers are padded to this many floats.
constexpr int64_t kChannelPad = 16;
constexpr int64_t padded_channels(int64_t n) { return (n + kChannelPad - 1) / kChannelPad * kChannelPad; }

// A drawing's tiles.
struct TileGrid {
  int64_t rows = 0, columns = 0;            // pixels
  int64_t tile_rows = 0, tile_columns = 0;  // tiles of 4 x 4
  int64_t tiles() const { return tile_rows * tile_columns; }
};

struct ConvSteps {
  int64_t window;  // k + 3

  // Copies a drawing into the middle of a buffer whose borders and padding channels are zero and
  // stay so. With cut, entries where cut <= 0 become 0; with sums, channel sums are added to it.
  void (*stage)(const float* x, const float* cut, const TileGrid& grid, int64_t channels,
                int64_t before_rows, int64_t before_columns, float* staged, float* sums);
  // Staged drawing (padded, channels padded) -> points x tiles x channels.
  void (*window_transform)(const float* staged, const TileGrid& grid, int64_t channels, float* out);
  // 4 x 4 tiles of a staged gradient -> points x tiles x channels.
  void (*tile_transform)(const float* staged, int64_t stride, const TileGrid& grid, int64_t channels,
                         float* out);
  // Kernel as k x k x in x padded out -> points x in x padded out, rows [i0, i1) of in.
  void (*kernel_transform)(const float* kernel, int64_t in, int64_t out, int64_t i0, int64_t i1,
                           float* transformed);
  // Points x in x padded out -> k x k x in x padded out, rows [i0, i1) of in.
  void (*kernel_gradient)(const float* points, int64_t in, int64_t out, int64_t i0, int64_t i1,
                          float* gradient);
  // For each point, out[tiles x n] = a[tiles x k (stride lda)] * b[k x n].
  void (*multiply)(const float* a, int64_t lda, const float* b, int64_t tiles, int64_t k, int64_t n,
                   float* out);
  // For each point, out[i x n] += a[tiles x i (stride lda)]' * b[tiles x n].
  void (*accumulate)(const float* a, int64_t lda, const float* b, int64_t tiles, int64_t i, int64_t n,
                     float* out);
  // Points x tiles x padded channels -> rows x columns x channels; bias (padded) may be null.
  void (*inverse_transform)(const float* points, const TileGrid& grid, int64_t channels,
                            const float* bias, bool relu, float* y);
};

// Steps for kernel 3 or 4.
const ConvSteps& conv_steps_baseline(int64_t kernel);
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
const ConvSteps& conv_steps_avx2(int64_t kernel);
const ConvSteps& conv_steps_avx512(int64_t kernel);
#endif

}  // namespace sketchvae
