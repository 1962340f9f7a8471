// The bodies of WideSteps, included once by each wide_dense_<isa>.cpp after its target pragma and
// after SKETCHVAE_LANES, SKETCHVAE_TILE_M and SKETCHVAE_TILE_N are set. Anonymous, as conv_kernel.h.

#include <cstdint>

#include "ops/wide_dense_steps.h"

#define SKETCHVAE_UNROLL _Pragma("GCC unroll 16")

namespace sketchvae {
namespace {

template <int kLanes>
struct Lanes {
  typedef float Type __attribute__((vector_size(kLanes * 4)));
  typedef float Loose __attribute__((vector_size(kLanes * 4), aligned(4), may_alias));
};
template <>
struct Lanes<1> {
  typedef float Type;
  typedef float Loose;
};

template <int kLanes>
inline typename Lanes<kLanes>::Type load(const float* p) {
  return *reinterpret_cast<const typename Lanes<kLanes>::Loose*>(p);
}

// kRows x (kColumns vectors) of c, over all of k. Fetches what the next tile of columns will read.
template <int kRows, int kColumns, int kLanes>
inline void tile_nn(const Product& p, int64_t i, int64_t j) {
  using V = typename Lanes<kLanes>::Type;
  V sum[kRows][kColumns] = {};
  const float* a = p.a + i * p.lda;
  const float* b = p.b + j;
  for (int64_t l = 0; l < p.k; ++l, b += p.ldb) {
    V right[kColumns];
    SKETCHVAE_UNROLL
    for (int c = 0; c < kColumns; ++c) {
      right[c] = load<kLanes>(b + c * kLanes);
      if (i == 0) __builtin_prefetch(b + (kColumns + c) * kLanes, 0, 2);
    }
    SKETCHVAE_UNROLL
    for (int r = 0; r < kRows; ++r) {
      const float left = a[r * p.lda + l];
      SKETCHVAE_UNROLL
      for (int c = 0; c < kColumns; ++c) sum[r][c] += left * right[c];
    }
  }
  SKETCHVAE_UNROLL
  for (int r = 0; r < kRows; ++r) {
    SKETCHVAE_UNROLL
    for (int c = 0; c < kColumns; ++c) {
      // Spelled out: `auto` would forget that the type need not be aligned.
      using Loose = typename Lanes<kLanes>::Loose;
      float* to = p.c + (i + r) * p.ldc + j + c * kLanes;
      *reinterpret_cast<Loose*>(to) = load<kLanes>(to) + sum[r][c];
    }
  }
}

template <int kRows, int kColumns, int kLanes>
inline void rest_nn(const Product& p, int64_t i, int64_t j, int64_t rows) {
  if constexpr (kRows > 0) {
    if (rows == kRows) return tile_nn<kRows, kColumns, kLanes>(p, i, j);
    rest_nn<kRows - 1, kColumns, kLanes>(p, i, j, rows);
  }
}

template <int kColumns, int kLanes>
inline void column_nn(const Product& p, int64_t j) {
  int64_t i = 0;
  for (; i + SKETCHVAE_TILE_M <= p.m; i += SKETCHVAE_TILE_M) {
    tile_nn<SKETCHVAE_TILE_M, kColumns, kLanes>(p, i, j);
  }
  rest_nn<SKETCHVAE_TILE_M - 1, kColumns, kLanes>(p, i, j, p.m - i);
}

void add_nn(const Product& p) {
  constexpr int kWide = SKETCHVAE_LANES;
  int64_t j = 0;
  for (; p.n - j >= SKETCHVAE_TILE_N * kWide; j += SKETCHVAE_TILE_N * kWide) {
    column_nn<SKETCHVAE_TILE_N, kWide>(p, j);
  }
  for (; p.n - j >= kWide; j += kWide) column_nn<1, kWide>(p, j);
  // Narrower vectors for what is left: no load passes the end of a row.
  if constexpr (kWide > 8) {
    for (; p.n - j >= 8; j += 8) column_nn<1, 8>(p, j);
  }
  if constexpr (kWide > 4) {
    for (; p.n - j >= 4; j += 4) column_nn<1, 4>(p, j);
  }
  for (; j < p.n; ++j) column_nn<1, 1>(p, j);
}

// Dot products of kRows rows of a with kColumns rows of b.
template <int kRows, int kColumns>
inline void tile_nt(const Product& p, int64_t i, int64_t j) {
  constexpr int kLanes = SKETCHVAE_LANES;
  using V = typename Lanes<kLanes>::Type;
  V sum[kRows][kColumns] = {};
  const float* a = p.a + i * p.lda;
  const float* b = p.b + j * p.ldb;
  int64_t l = 0;
  for (; l + kLanes <= p.k; l += kLanes) {
    V right[kColumns];
    SKETCHVAE_UNROLL
    for (int c = 0; c < kColumns; ++c) {
      right[c] = load<kLanes>(b + c * p.ldb + l);
      if (i == 0) __builtin_prefetch(b + (kColumns + c) * p.ldb + l, 0, 2);
    }
    SKETCHVAE_UNROLL
    for (int r = 0; r < kRows; ++r) {
      const V left = load<kLanes>(a + r * p.lda + l);
      SKETCHVAE_UNROLL
      for (int c = 0; c < kColumns; ++c) sum[r][c] += left * right[c];
    }
  }
  for (int r = 0; r < kRows; ++r) {
    for (int c = 0; c < kColumns; ++c) {
      float total = 0;
      SKETCHVAE_UNROLL
      for (int q = 0; q < kLanes; ++q) total += sum[r][c][q];
      for (int64_t t = l; t < p.k; ++t) total += a[r * p.lda + t] * b[c * p.ldb + t];
      p.c[(i + r) * p.ldc + j + c] += total;
    }
  }
}

template <int kRows, int kColumns>
inline void rest_nt(const Product& p, int64_t i, int64_t j, int64_t rows) {
  if constexpr (kRows > 0) {
    if (rows == kRows) return tile_nt<kRows, kColumns>(p, i, j);
    rest_nt<kRows - 1, kColumns>(p, i, j, rows);
  }
}

template <int kColumns>
inline void column_nt(const Product& p, int64_t j) {
  int64_t i = 0;
  for (; i + 4 <= p.m; i += 4) tile_nt<4, kColumns>(p, i, j);
  rest_nt<3, kColumns>(p, i, j, p.m - i);
}

void add_nt(const Product& p) {
  constexpr int kColumns = SKETCHVAE_LANES == 16 ? 4 : 2;  // 16 or 8 sums in registers
  int64_t j = 0;
  for (; j + kColumns <= p.n; j += kColumns) column_nt<kColumns>(p, j);
  for (; j < p.n; ++j) column_nt<1>(p, j);
}

constexpr WideSteps kSteps = {add_nn, add_nt};

}  // namespace
}  // namespace sketchvae
