// An optimizer's sweep: SweepFn of ops/sweep.h. Included by ops/kernels_body.h alone, which says what
// must be defined. A factored gradient is formed in registers, SKETCHVAE_SWEEP_ROWS rows by four
// vectors at a time, and used up there, so that it never travels to memory; prefetching the next
// rows of weights and state is what makes the sweep run at the memory's speed.
// Tests: tests/cpp/test_optimizer.cpp.

#include <cmath>
#include <cstdint>

#include "ops/sweep.h"

namespace sketchvae {
namespace {

constexpr int64_t kVectors = 4;
enum { kSgd, kRmsprop, kAdam };  // the order of Rule

// kL neighbouring entries of type T.
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

template <typename T, int64_t kL>
SKETCHVAE_INLINE typename Vector<T, kL>::Type get(const T* p) {
  return *reinterpret_cast<const typename Vector<T, kL>::Loose*>(p);
}
template <typename T, int64_t kL>
SKETCHVAE_INLINE void put(T* p, typename Vector<T, kL>::Type v) {
  *reinterpret_cast<typename Vector<T, kL>::Loose*>(p) = v;
}

// Square roots by intrinsics: without -fno-math-errno, which R CMD check refuses, no compiler makes
// vectors of sqrt().
template <typename T, int64_t kL>
SKETCHVAE_INLINE typename Vector<T, kL>::Type root(typename Vector<T, kL>::Type x) {
  using X = typename Vector<T, kL>::Type;
  if constexpr (kL == 1) {
    return std::sqrt(x);
#if defined(__x86_64__)
  } else if constexpr (sizeof(X) == SKETCHVAE_LANES * 4 && sizeof(T) == 4) {
    return (X)SKETCHVAE_SQRT_PS((SKETCHVAE_PS)x);
  } else if constexpr (sizeof(X) == SKETCHVAE_LANES * 4) {
    return (X)SKETCHVAE_SQRT_PD((SKETCHVAE_PD)x);
  } else if constexpr (sizeof(X) == 16 && sizeof(T) == 4) {
    return (X)_mm_sqrt_ps((__m128)x);
#endif
  } else {
    for (int64_t i = 0; i < kL; ++i) x[i] = std::sqrt(x[i]);
    return x;
  }
}

// A job's numbers in the parameter's own type.
template <typename T>
struct Coefficients {
  T lr, momentum, rho, rest, inside, outside, epsilon, decay, rest_1, rest_2, l2, factor, limit;
  bool nesterov;

  explicit Coefficients(const SweepJob& job)
      : lr(static_cast<T>(job.learning_rate)),
        momentum(static_cast<T>(job.momentum)),
        rho(static_cast<T>(job.rho)),
        rest(static_cast<T>(1 - job.rho)),
        inside(static_cast<T>(job.epsilon_inside ? job.epsilon : 0)),
        outside(static_cast<T>(job.epsilon_inside ? 0 : job.epsilon)),
        epsilon(static_cast<T>(job.epsilon)),
        decay(static_cast<T>(job.decay)),
        rest_1(static_cast<T>(1 - job.beta_1)),
        rest_2(static_cast<T>(1 - job.beta_2)),
        l2(static_cast<T>(job.l2)),
        factor(static_cast<T>(job.factor)),
        limit(static_cast<T>(job.clipvalue)),
        nesterov(job.nesterov) {}
};

// kL neighbouring weights and their state move by gradient g.
template <typename T, int kRule, bool kMomentum, int64_t kL>
SKETCHVAE_INLINE void move(const Coefficients<T>& c, typename Vector<T, kL>::Type g, T* w_at, T* s_at,
                           T* m_at) {
  using X = typename Vector<T, kL>::Type;
  X w = get<T, kL>(w_at);
  if (c.l2 != 0) g += c.l2 * w;
  if (c.factor != 1) g *= c.factor;
  if (c.limit > 0) {
    g = g > c.limit ? X{} + c.limit : g;
    g = g < -c.limit ? X{} - c.limit : g;
  }
  if constexpr (kRule == kSgd && !kMomentum) {
    w -= c.lr * g;
  } else if constexpr (kRule == kSgd) {
    const X s = c.momentum * get<T, kL>(s_at) - c.lr * g;
    put<T, kL>(s_at, s);
    w += c.nesterov ? c.momentum * s - c.lr * g : s;
  } else if constexpr (kRule == kRmsprop) {
    const X s = c.rho * get<T, kL>(s_at) + c.rest * g * g;
    put<T, kL>(s_at, s);
    const X step = c.lr * g / (root<T, kL>(s + c.inside) + c.outside);
    if constexpr (kMomentum) {
      const X m = c.momentum * get<T, kL>(m_at) + step;
      put<T, kL>(m_at, m);
      w -= m;
    } else {
      w -= step;
    }
  } else {
    X s = get<T, kL>(s_at), m = get<T, kL>(m_at);
    s += (g - s) * c.rest_1;
    m += (g * g - m) * c.rest_2;
    put<T, kL>(s_at, s);
    put<T, kL>(m_at, m);
    w -= c.decay * w + c.lr * s / (root<T, kL>(m) + c.epsilon);
  }
  put<T, kL>(w_at, w);
}

// Rows [i0, i1), columns [c0, c1) of one parameter by one rule.
template <typename T, int kRule, bool kMomentum>
struct Sweep {
  static constexpr int64_t kWide = SKETCHVAE_LANES * 4 / static_cast<int64_t>(sizeof(T));

  const SweepJob& job;
  const Coefficients<T> c;
  T* const w = static_cast<T*>(job.w);
  T* const s = static_cast<T*>(job.slot[0]);
  T* const m = static_cast<T*>(job.slot[1]);

  explicit Sweep(const SweepJob& j) : job(j), c(j) {}

  template <int64_t kL>
  SKETCHVAE_INLINE void move_at(int64_t at, typename Vector<T, kL>::Type g) const {
    move<T, kRule, kMomentum, kL>(c, g, w + at, s ? s + at : nullptr, m ? m + at : nullptr);
  }

  void dense(int64_t i0, int64_t i1, int64_t c0, int64_t c1) const {
    const T* g = static_cast<const T*>(job.dense);
    for (int64_t i = i0; i < i1; ++i) {
      int64_t at = i * job.out + c0;
      const int64_t end = i * job.out + c1;
      for (; at + kWide <= end; at += kWide) move_at<kWide>(at, get<T, kWide>(g + at));
      for (; at < end; ++at) move_at<1>(at, g[at]);
    }
  }

  // kM rows from i on, kN vectors of kL columns from k on: gradient formed, weights moved.
  template <int64_t kM, int64_t kN, int64_t kL>
  SKETCHVAE_INLINE void block(int64_t i, int64_t k) const {
    using X = typename Vector<T, kL>::Type;
    const T* a = static_cast<const T*>(job.a) + i;
    const T* b = static_cast<const T*>(job.b) + k;
    X sum[kM][kN] = {};
    for (int64_t r = 0; r < job.rows; ++r, a += job.in, b += job.out) {
      X right[kN];
      SKETCHVAE_UNROLL
      for (int64_t v = 0; v < kN; ++v) right[v] = get<T, kL>(b + v * kL);
      SKETCHVAE_UNROLL
      for (int64_t row = 0; row < kM; ++row) {
        SKETCHVAE_UNROLL
        for (int64_t v = 0; v < kN; ++v) sum[row][v] += a[row] * right[v];
      }
    }
    SKETCHVAE_UNROLL
    for (int64_t row = 0; row < kM; ++row) {
      SKETCHVAE_UNROLL
      for (int64_t v = 0; v < kN; ++v) move_at<kL>((i + row) * job.out + k + v * kL, sum[row][v]);
    }
  }

  // kM rows, columns [k, end); narrower vectors for the last of them.
  template <int64_t kM>
  void rows(int64_t i, int64_t k, int64_t end) const {
    for (; k + kVectors * kWide <= end; k += kVectors * kWide) block<kM, kVectors, kWide>(i, k);
    for (; k + kWide <= end; k += kWide) block<kM, 1, kWide>(i, k);
    if constexpr (kWide > 4) {
      for (; k + 4 <= end; k += 4) block<kM, 1, 4>(i, k);
    }
    for (; k < end; ++k) block<kM, 1, 1>(i, k);
  }

  void fetch(int64_t at, int64_t n) const {
    for (int64_t j = at; j < at + n; j += 64 / static_cast<int64_t>(sizeof(T))) {
      __builtin_prefetch(w + j, 1, 2);
      if (s) __builtin_prefetch(s + j, 1, 2);
      if (m) __builtin_prefetch(m + j, 1, 2);
    }
  }

  void factored(int64_t i0, int64_t i1, int64_t c0, int64_t c1) const {
    constexpr int64_t kM = SKETCHVAE_SWEEP_ROWS, kChunk = 256;
    const auto least = [](int64_t x, int64_t y) { return x < y ? x : y; };
    for (int64_t i = i0; i < i1; i += kM) {
      const int64_t high = least(i1 - i, kM);
      for (int64_t k = c0; k < c1; k += kChunk) {
        const int64_t end = least(k + kChunk, c1);
        // The next chunk of these rows, or the first of the next ones, arrives meanwhile.
        const bool last = end == c1;
        const int64_t next_k = last ? c0 : end;
        for (int64_t row = 0; row < (last ? least(i1 - i - high, kM) : high); ++row) {
          fetch((i + row + (last ? high : 0)) * job.out + next_k, least(kChunk, c1 - next_k));
        }
        if (high == kM) {
          rows<kM>(i, k, end);
        } else {
          for (int64_t row = 0; row < high; ++row) rows<1>(i + row, k, end);
        }
      }
    }
  }
};

template <typename T, int kRule, bool kMomentum>
void sweep_as(const SweepJob& job, int64_t i0, int64_t i1, int64_t c0, int64_t c1) {
  const Sweep<T, kRule, kMomentum> sweep(job);
  return job.dense ? sweep.dense(i0, i1, c0, c1) : sweep.factored(i0, i1, c0, c1);
}

template <typename T>
void sweep_of(const SweepJob& job, int64_t i0, int64_t i1, int64_t c0, int64_t c1) {
  switch (job.rule) {
    case kSgd:
      return job.slot[0] ? sweep_as<T, kSgd, true>(job, i0, i1, c0, c1)
                         : sweep_as<T, kSgd, false>(job, i0, i1, c0, c1);
    case kRmsprop:
      return job.slot[1] ? sweep_as<T, kRmsprop, true>(job, i0, i1, c0, c1)
                         : sweep_as<T, kRmsprop, false>(job, i0, i1, c0, c1);
    default:
      return sweep_as<T, kAdam, true>(job, i0, i1, c0, c1);
  }
}

void sweep_any(const SweepJob& job, int64_t i0, int64_t i1, int64_t c0, int64_t c1) {
  return job.is_double ? sweep_of<double>(job, i0, i1, c0, c1) : sweep_of<float>(job, i0, i1, c0, c1);
}

}  // namespace
}  // namespace sketchvae
