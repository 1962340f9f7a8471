// Products of matrices in register tiles: ProductKernels of ops/kernels.h. Included by
// ops/kernels_body.h alone, which says what must be defined. Tests: tests/cpp/test_wide_dense.cpp,
// tests/cpp/test_conv.cpp.

#include "ops/kernels.h"

#define SKETCHVAE_UNROLL _Pragma("GCC unroll 16")
#define SKETCHVAE_INLINE inline __attribute__((always_inline))

namespace sketchvae {
namespace {

constexpr int64_t kLanes = SKETCHVAE_LANES;

template <int kN>
struct Lanes {
  typedef float Type __attribute__((vector_size(kN * 4)));
  typedef float Loose __attribute__((vector_size(kN * 4), aligned(4), may_alias));
};
template <>
struct Lanes<1> {
  typedef float Type;
  typedef float Loose;
};
using V = Lanes<SKETCHVAE_LANES>::Type;

template <int kN>
SKETCHVAE_INLINE typename Lanes<kN>::Type load_lanes(const float* p) {
  return *reinterpret_cast<const typename Lanes<kN>::Loose*>(p);
}
SKETCHVAE_INLINE V load(const float* p) { return load_lanes<SKETCHVAE_LANES>(p); }
SKETCHVAE_INLINE void store(float* p, V v) { *reinterpret_cast<Lanes<SKETCHVAE_LANES>::Loose*>(p) = v; }

// The first n < kLanes lanes; what is not read is zero.
SKETCHVAE_INLINE V load_part(const float* p, int64_t n) {
#ifdef SKETCHVAE_LOAD_PART
  return (V)SKETCHVAE_LOAD_PART(p, n);
#else
  V v = {};
  for (int64_t i = 0; i < n; ++i) v[i] = p[i];
  return v;
#endif
}

SKETCHVAE_INLINE void store_part(float* p, int64_t n, V v) {
#ifdef SKETCHVAE_STORE_PART
  SKETCHVAE_STORE_PART(p, n, (SKETCHVAE_PS)v);
#else
  for (int64_t i = 0; i < n; ++i) p[i] = v[i];
#endif
}

// A sum of so many products is added to what the sums before it gave: rounding grows with the length of
// a run, not of the whole sum.
constexpr int64_t kRun = 48;

// kRows x (kColumns vectors of kN lanes) of c from (i, j) on. With kFetch, the first rows fetch what
// the next tile of columns will read of b.
template <bool kAdd, bool kFetch, int kRows, int kColumns, int kN>
SKETCHVAE_INLINE void tile(const Product& p, int64_t i, int64_t j) {
  using W = typename Lanes<kN>::Type;
  // Spelled out where it is used: `auto` would forget that the type need not be aligned.
  using Loose = typename Lanes<kN>::Loose;
  float* c = p.c + i * p.ldc + j;
  const float* a = p.a + i * p.am;
  const float* b = p.b + j;
  bool add = kAdd;
  int64_t l = 0;
  do {
    const int64_t end = p.k - l > kRun ? l + kRun : p.k;
    W sum[kRows][kColumns] = {};
    for (; l < end; ++l, b += p.ldb) {
      W right[kColumns];
      SKETCHVAE_UNROLL
      for (int q = 0; q < kColumns; ++q) {
        right[q] = load_lanes<kN>(b + q * kN);
        if (kFetch && i == 0) __builtin_prefetch(b + (kColumns + q) * kN, 0, 2);
      }
      SKETCHVAE_UNROLL
      for (int r = 0; r < kRows; ++r) {
        const float left = a[r * p.am + l * p.ak];
        SKETCHVAE_UNROLL
        for (int q = 0; q < kColumns; ++q) sum[r][q] += left * right[q];
      }
    }
    SKETCHVAE_UNROLL
    for (int r = 0; r < kRows; ++r) {
      SKETCHVAE_UNROLL
      for (int q = 0; q < kColumns; ++q) {
        float* at = c + r * p.ldc + q * kN;
        if (add) sum[r][q] += load_lanes<kN>(at);
        *reinterpret_cast<Loose*>(at) = sum[r][q];
      }
    }
    add = true;
  } while (l < p.k);
}

// So many tiles below one another, of one height, at most kRows.
template <bool kAdd, bool kFetch, int kRows, int kColumns, int kN>
void tiles_of(int64_t height, int64_t tiles, const Product& p, int64_t i, int64_t j) {
  if constexpr (kRows > 0) {
    if (height != kRows) return tiles_of<kAdd, kFetch, kRows - 1, kColumns, kN>(height, tiles, p, i, j);
    for (const int64_t end = i + tiles * kRows; i < end; i += kRows) {
      tile<kAdd, kFetch, kRows, kColumns, kN>(p, i, j);
    }
  }
}

// As few tiles as kRows allows, as equal in height as they can be: a low last one would take as long
// as a full one.
template <bool kAdd, bool kFetch, int kRows, int kColumns, int kN>
void column(const Product& p, int64_t j) {
  const int64_t tiles = (p.m + kRows - 1) / kRows, low = p.m / tiles, high = p.m - low * tiles;
  tiles_of<kAdd, kFetch, kRows, kColumns, kN>(low + 1, high, p, 0, j);
  tiles_of<kAdd, kFetch, kRows, kColumns, kN>(low, tiles - high, p, high * (low + 1), j);
}

template <bool kAdd, bool kFetch, int kRows>
void product(const Product& p) {
  if (p.m < 1) return;
  int64_t j = 0;
  for (; p.n - j >= SKETCHVAE_TILE_N * kLanes; j += SKETCHVAE_TILE_N * kLanes) {
    column<kAdd, kFetch, kRows, SKETCHVAE_TILE_N, SKETCHVAE_LANES>(p, j);
  }
  for (; p.n - j >= 2 * kLanes; j += 2 * kLanes) {
    column<kAdd, kFetch, kRows, 2, SKETCHVAE_LANES>(p, j);
  }
  for (; p.n - j >= kLanes; j += kLanes) column<kAdd, kFetch, kRows, 1, SKETCHVAE_LANES>(p, j);
  // Narrower vectors for what is left: no load passes the end of a row.
  if constexpr (kLanes > 4) {
    for (; p.n - j >= 4; j += 4) column<kAdd, kFetch, kRows, 1, 4>(p, j);
  }
  for (; j < p.n; ++j) column<kAdd, kFetch, kRows, 1, 1>(p, j);
}

// ---- dot products of rows

#if defined(__has_builtin)
#if __has_builtin(__builtin_shufflevector)
#define SKETCHVAE_SHUFFLES 1
#endif
#endif

// Lane i of the result is the sum of the lanes of v[i].
SKETCHVAE_INLINE V lane_sums(V (&v)[SKETCHVAE_LANES]) {
#ifdef SKETCHVAE_SHUFFLES
  const auto halves = [&]<size_t... I>(std::index_sequence<I...>) {
    SKETCHVAE_UNROLL
    for (int n = SKETCHVAE_LANES / 2; n > 0; n /= 2) {
      SKETCHVAE_UNROLL
      for (int i = 0; i < n; ++i) {
        const V x = v[2 * i], y = v[2 * i + 1];
        v[i] = __builtin_shufflevector(x, y, (2 * I)...) + __builtin_shufflevector(x, y, (2 * I + 1)...);
      }
    }
  };
  halves(std::make_index_sequence<SKETCHVAE_LANES>());
  return v[0];
#else
  V sums = {};
  for (int i = 0; i < SKETCHVAE_LANES; ++i) {
    for (int q = 0; q < SKETCHVAE_LANES; ++q) sums[i] += v[i][q];
  }
  return sums;
#endif
}

// Dot products of kRows rows of a with kColumns rows of b, together at most kLanes.
template <int kRows, int kColumns>
SKETCHVAE_INLINE void dots(const Product& p, int64_t i, int64_t j) {
  static_assert(kRows * kColumns <= SKETCHVAE_LANES);
  V sum[SKETCHVAE_LANES] = {};
  const float* a = p.a + i * p.am;
  const float* b = p.b + j * p.ldb;
  int64_t l = 0;
  for (; l + kLanes <= p.k; l += kLanes) {
    V right[kColumns];
    SKETCHVAE_UNROLL
    for (int q = 0; q < kColumns; ++q) {
      right[q] = load(b + q * p.ldb + l);
      if (i == 0) __builtin_prefetch(b + (kColumns + q) * p.ldb + l, 0, 2);
    }
    SKETCHVAE_UNROLL
    for (int r = 0; r < kRows; ++r) {
      const V left = load(a + r * p.am + l);
      SKETCHVAE_UNROLL
      for (int q = 0; q < kColumns; ++q) sum[r * kColumns + q] += left * right[q];
    }
  }
  if (l < p.k) {
    V right[kColumns];
    SKETCHVAE_UNROLL
    for (int q = 0; q < kColumns; ++q) right[q] = load_part(b + q * p.ldb + l, p.k - l);
    SKETCHVAE_UNROLL
    for (int r = 0; r < kRows; ++r) {
      const V left = load_part(a + r * p.am + l, p.k - l);
      SKETCHVAE_UNROLL
      for (int q = 0; q < kColumns; ++q) sum[r * kColumns + q] += left * right[q];
    }
  }
  alignas(64) float total[SKETCHVAE_LANES];
  store(total, lane_sums(sum));
  using Row = typename Lanes<kColumns>::Loose;
  for (int r = 0; r < kRows; ++r) {
    *reinterpret_cast<Row*>(p.c + (i + r) * p.ldc + j) +=
        *reinterpret_cast<const Row*>(total + r * kColumns);
  }
}

constexpr int kDotRows = SKETCHVAE_LANES == 4 ? 2 : 4;
constexpr int kDotColumns = SKETCHVAE_LANES / kDotRows;

template <int kRows, int kColumns>
void last_dots(const Product& p, int64_t i, int64_t j) {
  if constexpr (kRows > 0) {
    if (p.m - i == kRows) return dots<kRows, kColumns>(p, i, j);
    last_dots<kRows - 1, kColumns>(p, i, j);
  }
}

template <int kColumns>
void column_dots(const Product& p, int64_t j) {
  int64_t i = 0;
  for (; i + kDotRows <= p.m; i += kDotRows) dots<kDotRows, kColumns>(p, i, j);
  last_dots<kDotRows - 1, kColumns>(p, i, j);
}

void add_dots(const Product& p) {
  int64_t j = 0;
  for (; j + kDotColumns <= p.n; j += kDotColumns) column_dots<kDotColumns>(p, j);
  for (; j < p.n; ++j) column_dots<1>(p, j);
}

}  // namespace
}  // namespace sketchvae
