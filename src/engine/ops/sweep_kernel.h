// The body of a sweep, included once by each sweep_<isa>.cpp after its target pragma and after
// SKETCHVAE_VECTOR_BYTES and SKETCHVAE_TILE_ROWS are set. Everything is in an anonymous namespace:
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

constexpr int64_t kRows = SKETCHVAE_TILE_ROWS;
constexpr int64_t kVectors = 4;
enum { kSgd, kRmsprop, kAdam };  // the order of Rule

template <typename T>
struct Vector {
  static constexpr int64_t kLanes = SKETCHVAE_VECTOR_BYTES / static_cast<int64_t>(sizeof(T));
  typedef T Type __attribute__((vector_size(SKETCHVAE_VECTOR_BYTES)));
  typedef T Loose __attribute__((vector_size(SKETCHVAE_VECTOR_BYTES), aligned(sizeof(T)), may_alias));
};

template <typename T>
inline T square_root(T x) {
  if constexpr (sizeof(T) == 4) {
    return __builtin_sqrtf(x);
  } else {
    return __builtin_sqrt(x);
  }
}

// n neighbouring entries: w and its state move by gradient g.
template <typename T, int kRule, bool kMomentum>
inline void apply(const SweepJob& job, T* __restrict w, T* __restrict s, T* __restrict m,
                  const T* __restrict g, int64_t n) {
  const T lr = static_cast<T>(job.learning_rate), momentum = static_cast<T>(job.momentum);
  const T rho = static_cast<T>(job.rho), rest = static_cast<T>(1 - job.rho);
  const T inside = static_cast<T>(job.epsilon_inside ? job.epsilon : 0);
  const T outside = static_cast<T>(job.epsilon_inside ? 0 : job.epsilon);
  const T epsilon = static_cast<T>(job.epsilon), decay = static_cast<T>(job.decay);
  const T rest_1 = static_cast<T>(1 - job.beta_1), rest_2 = static_cast<T>(1 - job.beta_2);
  for (int64_t i = 0; i < n; ++i) {
    if constexpr (kRule == kSgd && !kMomentum) {
      w[i] -= lr * g[i];
    } else if constexpr (kRule == kSgd) {
      s[i] = momentum * s[i] - lr * g[i];
      w[i] += job.nesterov ? momentum * s[i] - lr * g[i] : s[i];
    } else if constexpr (kRule == kRmsprop) {
      const T v = rho * s[i] + rest * g[i] * g[i];
      s[i] = v;
      const T move = lr * g[i] / (square_root(v + inside) + outside);
      if constexpr (kMomentum) {
        m[i] = momentum * m[i] + move;
        w[i] -= m[i];
      } else {
        w[i] -= move;
      }
    } else {
      const T first = s[i] + (g[i] - s[i]) * rest_1;
      const T second = m[i] + (g[i] * g[i] - m[i]) * rest_2;
      s[i] = first;
      m[i] = second;
      w[i] -= decay * w[i] + lr * first / (square_root(second) + epsilon);
    }
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
  constexpr int64_t kChunk = 512;
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

// g (kRows x kVectors vectors) = sum over the batch of a[b][i..] * b[b][c..]
template <typename T, int64_t kM, int64_t kN>
inline void outer(const SweepJob& job, int64_t i, int64_t c, T (*g)[kVectors * Vector<T>::kLanes]) {
  using V = typename Vector<T>::Type;
  using Loose = typename Vector<T>::Loose;
  constexpr int64_t kLanes = Vector<T>::kLanes;
  const T* a = static_cast<const T*>(job.a) + i;
  const T* b = static_cast<const T*>(job.b) + c;
  V sum[kM][kN] = {};
  for (int64_t r = 0; r < job.rows; ++r, a += job.in, b += job.out) {
    V right[kN];
#pragma GCC unroll 8
    for (int64_t n = 0; n < kN; ++n) right[n] = *reinterpret_cast<const Loose*>(b + n * kLanes);
#pragma GCC unroll 8
    for (int64_t m = 0; m < kM; ++m) {
#pragma GCC unroll 8
      for (int64_t n = 0; n < kN; ++n) sum[m][n] += a[m] * right[n];
    }
  }
#pragma GCC unroll 8
  for (int64_t m = 0; m < kM; ++m) {
#pragma GCC unroll 8
    for (int64_t n = 0; n < kN; ++n) *reinterpret_cast<Loose*>(g[m] + n * kLanes) = sum[m][n];
  }
}

template <typename T>
void sweep_factored(const SweepJob& job, int64_t i0, int64_t i1, int64_t c0, int64_t c1) {
  constexpr int64_t kLanes = Vector<T>::kLanes, kWide = kVectors * kLanes;
  alignas(64) T g[kRows][kWide];
  const auto ahead = [&](int64_t i, int64_t c) {
    for (int64_t m = 0; m < kRows; ++m) {
      const int64_t at = (i + m) * job.out + c;
      for (int64_t j = 0; j < kWide; j += 64 / static_cast<int64_t>(sizeof(T))) {
        __builtin_prefetch(static_cast<const T*>(job.w) + at + j, 1, 2);
        if (job.slot[0]) __builtin_prefetch(static_cast<const T*>(job.slot[0]) + at + j, 1, 2);
        if (job.slot[1]) __builtin_prefetch(static_cast<const T*>(job.slot[1]) + at + j, 1, 2);
      }
    }
  };
  for (int64_t i = i0; i < i1; i += kRows) {
    const int64_t rows = i1 - i < kRows ? i1 - i : kRows;
    for (int64_t c = c0; c < c1;) {
      const int64_t left = c1 - c;
      int64_t n = kWide;
      if (rows == kRows && left >= kWide) {
        if (i + 2 * kRows <= i1) ahead(i + kRows, c);
        outer<T, kRows, kVectors>(job, i, c, g);
      } else if (rows == kRows && left >= kLanes) {
        n = kLanes;
        outer<T, kRows, 1>(job, i, c, g);
      } else {
        n = left < kLanes ? left : kLanes;
        for (int64_t m = 0; m < rows; ++m) {
          for (int64_t j = 0; j < n; ++j) {
            T sum = 0;
            for (int64_t r = 0; r < job.rows; ++r) {
              sum += static_cast<const T*>(job.a)[r * job.in + i + m] *
                     static_cast<const T*>(job.b)[r * job.out + c + j];
            }
            g[m][j] = sum;
          }
        }
      }
      for (int64_t m = 0; m < rows; ++m) move<T>(job, (i + m) * job.out + c, g[m], n);
      c += n;
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
