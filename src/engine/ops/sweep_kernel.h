// An optimizer's sweep: SweepFn of ops/sweep.h. Included by ops/kernels_body.h alone, which says what
// must be defined. A factored gradient is formed in registers, SKETCHVAE_SWEEP_ROWS rows by four
// vectors at a time, and used up there, so that it never travels to memory; prefetching the next
// rows of weights and state is what makes the sweep run at the memory's speed.
// Tests: tests/cpp/test_optimizer.cpp.

#include <cmath>
#include <cstdint>

#include "ops/rules.h"

namespace sketchvae {
namespace {

constexpr int64_t kVectors = 4;

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
struct Root {
  using X = typename Vector<T, kL>::Type;
  SKETCHVAE_INLINE X operator()(X x) const {
    if constexpr (kL == 1) {
      return std::sqrt(x);
#ifdef SKETCHVAE_SQRT_PS
    } else if constexpr (sizeof(X) == SKETCHVAE_LANES * 4 && sizeof(T) == 4) {
      return (X)SKETCHVAE_SQRT_PS((SKETCHVAE_PS)x);
    } else if constexpr (sizeof(X) == SKETCHVAE_LANES * 4) {
      return (X)SKETCHVAE_SQRT_PD((SKETCHVAE_PD)x);
#endif
#if defined(__x86_64__)
    } else if constexpr (sizeof(X) == 16 && sizeof(T) == 4) {
      return (X)_mm_sqrt_ps((__m128)x);
#endif
    } else {
      for (int64_t i = 0; i < kL; ++i) x[i] = std::sqrt(x[i]);
      return x;
    }
  }
};

// Rows [i0, i1), columns [c0, c1) of one parameter by one rule.
template <typename T, typename R>
struct Sweep {
  static constexpr int64_t kWide = SKETCHVAE_LANES * 4 / static_cast<int64_t>(sizeof(T));

  const SweepTask& task;
  const Coefficients<T> c;
  T* const w = static_cast<T*>(task.w);
  T* const s = static_cast<T*>(task.s);
  T* const m = static_cast<T*>(task.m);

  Sweep(const SweepJob& job, const SweepTask& task_, const StepRow& row)
      : task(task_),
        c(job.optimizer, row.learning_rate, row.decay, job.factor ? *job.factor : 1, task_.l2) {}

  template <int64_t kL>
  SKETCHVAE_INLINE void move_at(int64_t at, typename Vector<T, kL>::Type g) const {
    typename Vector<T, kL>::Type weight = get<T, kL>(w + at), first{}, second{};
    if constexpr (R::slots > 0) first = get<T, kL>(s + at);
    if constexpr (R::slots > 1) second = get<T, kL>(m + at);
    apply_rule<R>(c, g, weight, first, second, Root<T, kL>());
    if constexpr (R::slots > 0) put<T, kL>(s + at, first);
    if constexpr (R::slots > 1) put<T, kL>(m + at, second);
    put<T, kL>(w + at, weight);
  }

  void dense(int64_t i0, int64_t i1, int64_t c0, int64_t c1) const {
    const T* g = static_cast<const T*>(task.g.dense);
    for (int64_t i = i0; i < i1; ++i) {
      int64_t at = i * task.out + c0;
      const int64_t end = i * task.out + c1;
      for (; at + kWide <= end; at += kWide) move_at<kWide>(at, get<T, kWide>(g + at));
      for (; at < end; ++at) move_at<1>(at, g[at]);
    }
  }

  // kM rows from i on, kN vectors of kL columns from k on: gradient formed, weights moved.
  template <int64_t kM, int64_t kN, int64_t kL>
  SKETCHVAE_INLINE void block(int64_t i, int64_t k) const {
    using X = typename Vector<T, kL>::Type;
    const T* a = static_cast<const T*>(task.g.a) + i;
    const T* b = static_cast<const T*>(task.g.b) + k;
    X sum[kM][kN] = {};
    for (int64_t r = 0; r < task.g.rows; ++r, a += task.in, b += task.out) {
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
      for (int64_t v = 0; v < kN; ++v) move_at<kL>((i + row) * task.out + k + v * kL, sum[row][v]);
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
          fetch((i + row + (last ? high : 0)) * task.out + next_k, least(kChunk, c1 - next_k));
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

template <typename T>
void sweep_of(const SweepJob& job, const SweepTask& task, int64_t i0, int64_t i1, int64_t c0,
              int64_t c1) {
  with_rule(job.optimizer, [&](auto rule) {
    const Sweep<T, decltype(rule)> sweep(job, task, job.rows[*job.step]);
    task.g.dense ? sweep.dense(i0, i1, c0, c1) : sweep.factored(i0, i1, c0, c1);
  });
}

void sweep_any(const SweepJob& job, const SweepTask& task, int64_t i0, int64_t i1, int64_t c0,
               int64_t c1) {
  job.is_double ? sweep_of<double>(job, task, i0, i1, c0, c1)
                : sweep_of<float>(job, task, i0, i1, c0, c1);
}

}  // namespace
}  // namespace sketchvae
