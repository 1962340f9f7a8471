// The body of a sweep, included once by each sweep_<isa>.cpp after its target pragma and after
// SKETCHVAE_VECTOR_BYTES, SKETCHVAE_TILE_ROWS and the names of the square root are set. Everything is in an anonymous namespace:
// the same code compiled for two instruction sets must not meet in the linker.
// A factored gradient is formed in registers, SKETCHVAE_TILE_ROWS rows by four vectors at a time,
// so that it never travels to memory; prefetching the next rows of weights and state is what makes
// the sweep run at the memory's speed.

#include <cmath>
#include <cstdint>
#include <cstring>

#include "ops/sweep.h"

namespace sketchvae {
namespace {

constexpr int64_t kVectors = 4;
enum { kSgd, kRmsprop, kAdam };  // the order of Rule

constexpr int64_t kBytes = SKETCHVAE_VECTOR_BYTES;

template <typename T, int64_t kL>
struct Vector {
  typedef T Type __attribute__((vector_size(kL * static_cast<int64_t>(sizeof(T)))));
  typedef T Loose __attribute__((vector_size(kL * static_cast<int64_t>(sizeof(T))),
                                 aligned(sizeof(T)), may_alias));
};
template <typename T>
struct Vector<T, 1> {
  typedef T Type;
  typedef T Loose;
};

constexpr int64_t kRows = SKETCHVAE_TILE_ROWS;
constexpr int64_t kChunk = 256;                  // columns formed at once
constexpr int64_t kMost = kRows * kChunk;  // entries moved at once

// Square roots in place. By intrinsics: without -fno-math-errno, which R CMD check refuses, no
// compiler makes vectors of sqrt().
template <typename T>
inline void square_roots(T* x, int64_t n) {
  int64_t i = 0;
#if defined(__x86_64__)
  constexpr int64_t kLanes = kBytes / static_cast<int64_t>(sizeof(T));
  using V = typename Vector<T, kLanes>::Type;
  using Loose = typename Vector<T, kLanes>::Loose;
  for (; i + kLanes <= n; i += kLanes) {
    Loose* at = reinterpret_cast<Loose*>(x + i);
    const V v = *at;
    if constexpr (sizeof(T) == 4) {
      *at = (V)SKETCHVAE_SQRT_PS((SKETCHVAE_PS)v);
    } else {
      *at = (V)SKETCHVAE_SQRT_PD((SKETCHVAE_PD)v);
    }
  }
#endif
  for (; i < n; ++i) x[i] = std::sqrt(x[i]);
}

// n <= kMost neighbouring entries: w and its state move by gradient g.
template <typename T, int kRule, bool kMomentum>
inline void apply(const SweepJob& job, T* __restrict w, T* __restrict s, T* __restrict m,
                  const T* __restrict g, int64_t n) {
  const T lr = static_cast<T>(job.learning_rate), momentum = static_cast<T>(job.momentum);
  const T rho = static_cast<T>(job.rho), rest = static_cast<T>(1 - job.rho);
  const T inside = static_cast<T>(job.epsilon_inside ? job.epsilon : 0);
  const T outside = static_cast<T>(job.epsilon_inside ? 0 : job.epsilon);
  const T epsilon = static_cast<T>(job.epsilon), decay = static_cast<T>(job.decay);
  const T rest_1 = static_cast<T>(1 - job.beta_1), rest_2 = static_cast<T>(1 - job.beta_2);
  if constexpr (kRule == kSgd && !kMomentum) {
    for (int64_t i = 0; i < n; ++i) w[i] -= lr * g[i];
  } else if constexpr (kRule == kSgd) {
    for (int64_t i = 0; i < n; ++i) {
      s[i] = momentum * s[i] - lr * g[i];
      w[i] += job.nesterov ? momentum * s[i] - lr * g[i] : s[i];
    }
  } else if constexpr (kRule == kRmsprop) {
    alignas(64) T root[kMost];
    for (int64_t i = 0; i < n; ++i) {
      s[i] = rho * s[i] + rest * g[i] * g[i];
      root[i] = s[i] + inside;
    }
    square_roots(root, n);
    if constexpr (kMomentum) {
      for (int64_t i = 0; i < n; ++i) {
        m[i] = momentum * m[i] + lr * g[i] / (root[i] + outside);
        w[i] -= m[i];
      }
    } else {
      for (int64_t i = 0; i < n; ++i) w[i] -= lr * g[i] / (root[i] + outside);
    }
  } else {
    alignas(64) T root[kMost];
    for (int64_t i = 0; i < n; ++i) {
      s[i] += (g[i] - s[i]) * rest_1;
      m[i] += (g[i] * g[i] - m[i]) * rest_2;
      root[i] = m[i];
    }
    square_roots(root, n);
    for (int64_t i = 0; i < n; ++i) w[i] -= decay * w[i] + lr * s[i] / (root[i] + epsilon);
  }
}

template <typename T>
inline void move(const SweepJob& job, int64_t at, T* g, int64_t n) {
  T* w = static_cast<T*>(job.w) + at;
  T* s = job.slot[0] ? static_cast<T*>(job.slot[0]) + at : nullptr;
  T* m = job.slot[1] ? static_cast<T*>(job.slot[1]) + at : nullptr;
  if (job.l2 != 0) {
    const T l2 = static_cast<T>(job.l2);
    for (int64_t i = 0; i < n; ++i) g[i] += l2 * w[i];
  }
  if (job.factor != 1) {
    const T factor = static_cast<T>(job.factor);
    for (int64_t i = 0; i < n; ++i) g[i] *= factor;
  }
  if (job.clipvalue > 0) {
    const T limit = static_cast<T>(job.clipvalue);
    for (int64_t i = 0; i < n; ++i) g[i] = g[i] > limit ? limit : (g[i] < -limit ? -limit : g[i]);
  }
  switch (job.rule) {
    case kSgd:
      return s ? apply<T, kSgd, true>(job, w, s, m, g, n) : apply<T, kSgd, false>(job, w, s, m, g, n);
    case kRmsprop:
      return m ? apply<T, kRmsprop, true>(job, w, s, m, g, n)
               : apply<T, kRmsprop, false>(job, w, s, m, g, n);
    default:
      return apply<T, kAdam, true>(job, w, s, m, g, n);
  }
}

template <typename T>
void sweep_dense(const SweepJob& job, int64_t i0, int64_t i1, int64_t c0, int64_t c1) {
  alignas(64) T g[kChunk];
  for (int64_t i = i0; i < i1; ++i) {
    for (int64_t c = c0; c < c1; c += kChunk) {
      const int64_t n = c1 - c < kChunk ? c1 - c : kChunk;
      const int64_t at = i * job.out + c;
      std::memcpy(g, static_cast<const T*>(job.dense) + at, static_cast<size_t>(n) * sizeof(T));
      move<T>(job, at, g, n);
    }
  }
}

// g[kM rows][kN vectors of kL] = sum over the batch of a[b][i..] * b[b][c..]; rows of g are n apart.
template <typename T, int64_t kM, int64_t kN, int64_t kL>
inline void outer(const SweepJob& job, int64_t i, int64_t c, T* g, int64_t n) {
  using V = typename Vector<T, kL>::Type;
  using Loose = typename Vector<T, kL>::Loose;
  const T* a = static_cast<const T*>(job.a) + i;
  const T* b = static_cast<const T*>(job.b) + c;
  V sum[kM][kN] = {};
  for (int64_t r = 0; r < job.rows; ++r, a += job.in, b += job.out) {
    V right[kN];
#pragma GCC unroll 8
    for (int64_t v = 0; v < kN; ++v) right[v] = *reinterpret_cast<const Loose*>(b + v * kL);
#pragma GCC unroll 8
    for (int64_t m = 0; m < kM; ++m) {
#pragma GCC unroll 8
      for (int64_t v = 0; v < kN; ++v) sum[m][v] += a[m] * right[v];
    }
  }
#pragma GCC unroll 8
  for (int64_t m = 0; m < kM; ++m) {
#pragma GCC unroll 8
    for (int64_t v = 0; v < kN; ++v) *reinterpret_cast<Loose*>(g + m * n + v * kL) = sum[m][v];
  }
}

// kM rows from i on, n columns from c on, of the gradient; narrower vectors for the last columns.
template <typename T, int64_t kM>
inline void form(const SweepJob& job, int64_t i, int64_t c, T* g, int64_t n) {
  constexpr int64_t kLanes = kBytes / static_cast<int64_t>(sizeof(T));
  int64_t j = 0;
  for (; j + kVectors * kLanes <= n; j += kVectors * kLanes) {
    outer<T, kM, kVectors, kLanes>(job, i, c + j, g + j, n);
  }
  for (; j + kLanes <= n; j += kLanes) outer<T, kM, 1, kLanes>(job, i, c + j, g + j, n);
  if constexpr (kLanes > 4) {
    for (; j + 4 <= n; j += 4) outer<T, kM, 1, 4>(job, i, c + j, g + j, n);
  }
  for (; j < n; ++j) outer<T, kM, 1, 1>(job, i, c + j, g + j, n);
}

template <typename T>
inline void fetch(const SweepJob& job, int64_t at, int64_t n) {
  for (int64_t j = 0; j < n; j += 64 / static_cast<int64_t>(sizeof(T))) {
    __builtin_prefetch(static_cast<const T*>(job.w) + at + j, 1, 2);
    if (job.slot[0]) __builtin_prefetch(static_cast<const T*>(job.slot[0]) + at + j, 1, 2);
    if (job.slot[1]) __builtin_prefetch(static_cast<const T*>(job.slot[1]) + at + j, 1, 2);
  }
}

template <typename T>
void sweep_factored(const SweepJob& job, int64_t i0, int64_t i1, int64_t c0, int64_t c1) {
  alignas(64) T g[kRows * kChunk];
  for (int64_t i = i0; i < i1; i += kRows) {
    const int64_t rows = i1 - i < kRows ? i1 - i : kRows;
    for (int64_t c = c0; c < c1; c += kChunk) {
      const int64_t n = c1 - c < kChunk ? c1 - c : kChunk;
      // The next chunk of these rows, or the first of the next ones, arrives while this is formed.
      const bool last = c + n == c1;
      const int64_t next_rows = last ? (i1 - i - rows < kRows ? i1 - i - rows : kRows) : rows;
      const int64_t next_c = last ? c0 : c + n;
      const int64_t next_n = c1 - next_c < kChunk ? c1 - next_c : kChunk;
      for (int64_t m = 0; m < next_rows; ++m) {
        fetch<T>(job, (i + m + (last ? rows : 0)) * job.out + next_c, next_n);
      }
      if (rows == kRows) {
        form<T, kRows>(job, i, c, g, n);
      } else {
        for (int64_t m = 0; m < rows; ++m) form<T, 1>(job, i + m, c, g + m * n, n);
      }
      if (n == job.out) {
        move<T>(job, i * job.out, g, rows * n);  // whole rows lie one after another
      } else {
        for (int64_t m = 0; m < rows; ++m) move<T>(job, (i + m) * job.out + c, g + m * n, n);
      }
    }
  }
}

inline void sweep_any(const SweepJob& job, int64_t i0, int64_t i1, int64_t c0, int64_t c1) {
  if (job.dense && job.is_double) {
    sweep_dense<double>(job, i0, i1, c0, c1);
  } else if (job.dense) {
    sweep_dense<float>(job, i0, i1, c0, c1);
  } else if (job.is_double) {
    sweep_factored<double>(job, i0, i1, c0, c1);
  } else {
    sweep_factored<float>(job, i0, i1, c0, c1);
  }
}

}  // namespace
}  // namespace sketchvae
