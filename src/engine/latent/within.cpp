// See within.h. The vector bodies spell out subtract, multiply, add: exact.h's pragma keeps the
// compiler from fusing them, which it would do even with intrinsics. Test:
// tests/cpp/test_within.cpp.
#include "latent/exact.h"
//
#include "cpu.h"
#include "latent/within.h"

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#define SKETCHVAE_X86 1
#include <immintrin.h>
#endif

namespace sketchvae {
namespace {

// Of many dimensions, after so many the loops look whether any point is still within the bound.
constexpr int kPart = 4;

template <int D>
struct Baseline {
  static int64_t count(int d, const double* x, int64_t stride, const Stretch* stretches,
                       int64_t many, const double* q, double eps2, int64_t limit) {
    constexpr int64_t kStep = 32;  // points between two looks at the limit
    const Dims<D> dims(d);
    int64_t found = 0;
    for (const Stretch* at = stretches; at != stretches + many; ++at) {
      int64_t begin = at->begin;
      while (begin < at->end && found < limit) {
        const int64_t stop = std::min<int64_t>(at->end, begin + kStep);
        for (; begin < stop; ++begin) {
          found += point_distance(dims, q, x, stride, begin) <= eps2;
        }
      }
    }
    return found;
  }

  static void distances(int d, const double* x, int64_t stride, int64_t begin, int64_t end,
                        const double* q, double, double* out) {
    const Dims<D> dims(d);
    for (int64_t i = begin; i < end; ++i) *out++ = point_distance(dims, q, x, stride, i);
  }
};

#ifdef SKETCHVAE_X86
template <int D>
struct Avx2 {
  // Four points from `at`; sums above the bound may lack dimensions.
  __attribute__((target("avx2,popcnt"))) static inline __m256d four(Dims<D> dims, const double* at,
                                                                    int64_t stride, const double* q,
                                                                    __m256d bound) {
    __m256d sum = _mm256_setzero_pd();
    for (int k = 0; k < dims.count; ++k) {
      const __m256d step = _mm256_sub_pd(_mm256_loadu_pd(at + k * stride), _mm256_set1_pd(q[k]));
      sum = _mm256_add_pd(sum, _mm256_mul_pd(step, step));
      if (D == kAnyDims && k % kPart == kPart - 1 &&
          _mm256_movemask_pd(_mm256_cmp_pd(sum, bound, _CMP_LE_OQ)) == 0) {
        break;
      }
    }
    return sum;
  }

  __attribute__((target("avx2,popcnt"))) static int64_t count(int d, const double* x,
                                                              int64_t stride,
                                                              const Stretch* stretches,
                                                              int64_t many, const double* q,
                                                              double eps2, int64_t limit) {
    const Dims<D> dims(d);
    const __m256d bound = _mm256_set1_pd(eps2);
    int64_t found = 0;
    for (const Stretch* at = stretches; at != stretches + many; ++at) {
      int64_t begin = at->begin;
      const int64_t end = at->end;
      for (; begin + 4 <= end && found < limit; begin += 4) {
        const __m256d sum = four(dims, x + begin, stride, q, bound);
        const int mask = _mm256_movemask_pd(_mm256_cmp_pd(sum, bound, _CMP_LE_OQ));
        found += __builtin_popcount(static_cast<unsigned>(mask));
      }
      for (; begin < end && found < limit; ++begin) {
        found += point_distance(dims, q, x, stride, begin) <= eps2;
      }
    }
    return found;
  }

  __attribute__((target("avx2,popcnt"))) static void distances(int d, const double* x,
                                                               int64_t stride, int64_t begin,
                                                               int64_t end, const double* q,
                                                               double bound, double* out) {
    const Dims<D> dims(d);
    const __m256d bounds = _mm256_set1_pd(bound);
    for (; begin + 4 <= end; begin += 4, out += 4) {
      _mm256_storeu_pd(out, four(dims, x + begin, stride, q, bounds));
    }
    for (; begin < end; ++begin) *out++ = point_distance(dims, q, x, stride, begin);
  }
};

template <int D>
struct Avx512 {
  // Up to eight points from `at`, those of `live`.
  __attribute__((target("avx512f,popcnt"))) static inline __m512d eight(
      Dims<D> dims, __mmask8 live, const double* at, int64_t stride, const double* q,
      __m512d bound) {
    __m512d sum = _mm512_setzero_pd();
    for (int k = 0; k < dims.count; ++k) {
      const __m512d step =
          _mm512_sub_pd(_mm512_maskz_loadu_pd(live, at + k * stride), _mm512_set1_pd(q[k]));
      sum = _mm512_add_pd(sum, _mm512_mul_pd(step, step));
      if (D == kAnyDims && k % kPart == kPart - 1 &&
          _mm512_mask_cmp_pd_mask(live, sum, bound, _CMP_LE_OQ) == 0) {
        break;
      }
    }
    return sum;
  }

  static __mmask8 first(int64_t many) {
    return many >= 8 ? 0xff : static_cast<__mmask8>((1u << many) - 1);
  }

  __attribute__((target("avx512f,popcnt"))) static int64_t count(int d, const double* x,
                                                                 int64_t stride,
                                                                 const Stretch* stretches,
                                                                 int64_t many, const double* q,
                                                                 double eps2, int64_t limit) {
    const Dims<D> dims(d);
    const __m512d bound = _mm512_set1_pd(eps2);
    int64_t found = 0;
    for (const Stretch* at = stretches; at != stretches + many; ++at) {
      const int64_t end = at->end;
      for (int64_t begin = at->begin; begin < end && found < limit; begin += 8) {
        const __mmask8 live = first(end - begin);
        const __m512d sum = eight(dims, live, x + begin, stride, q, bound);
        found += __builtin_popcount(_mm512_mask_cmp_pd_mask(live, sum, bound, _CMP_LE_OQ));
      }
    }
    return found;
  }

  __attribute__((target("avx512f,popcnt"))) static void distances(int d, const double* x,
                                                                  int64_t stride, int64_t begin,
                                                                  int64_t end, const double* q,
                                                                  double bound, double* out) {
    const Dims<D> dims(d);
    const __m512d bounds = _mm512_set1_pd(bound);
    for (; begin < end; begin += 8, out += 8) {
      const __mmask8 live = first(end - begin);
      _mm512_mask_storeu_pd(out, live, eight(dims, live, x + begin, stride, q, bounds));
    }
  }
};
#endif

#ifdef SKETCHVAE_X86
// The set that is asked for, or the next narrower one that the machine has.
Isa taken(Isa isa) {
  if (isa == Isa::kAuto) {
    const CpuLevel level = cpu_level();
    isa = level == CpuLevel::avx512 ? Isa::kAvx512
          : level == CpuLevel::avx2 ? Isa::kAvx2
                                    : Isa::kBaseline;
  }
  if (isa == Isa::kAvx512 && !isa_available(isa)) isa = Isa::kAvx2;
  return isa_available(isa) ? isa : Isa::kBaseline;
}
#endif

template <template <int> class Body>
CountWithin pick(int d) {
  return with_dims(d, [](auto dims) -> CountWithin { return Body<dims>::count; });
}

}  // namespace

bool isa_available(Isa isa) {
#ifdef SKETCHVAE_X86
  if (isa == Isa::kAvx512) return __builtin_cpu_supports("avx512f") != 0;
  if (isa == Isa::kAvx2) return __builtin_cpu_supports("avx2") != 0;
#endif
  return isa == Isa::kBaseline || isa == Isa::kAuto;
}

CountWithin count_within(int d, [[maybe_unused]] Isa isa) {
#ifdef SKETCHVAE_X86
  if (taken(isa) == Isa::kAvx512) return pick<Avx512>(d);
  if (taken(isa) == Isa::kAvx2) return pick<Avx2>(d);
#endif
  return pick<Baseline>(d);
}

Distances distances_within([[maybe_unused]] Isa isa) {
#ifdef SKETCHVAE_X86
  if (taken(isa) == Isa::kAvx512) return Avx512<kAnyDims>::distances;
  if (taken(isa) == Isa::kAvx2) return Avx2<kAnyDims>::distances;
#endif
  return Baseline<kAnyDims>::distances;
}

}  // namespace sketchvae
