// See within.h. The vector bodies spell out subtract, multiply, add: exact.h's pragma keeps the
// compiler from fusing them, which it would do even with intrinsics. Test:
// tests/cpp/test_within.cpp.
#include "latent/exact.h"
//
#include "latent/error_checks.h"
#include "latent/within.h"

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#define SKETCHVAE_X86 1
#include <immintrin.h>
#endif

namespace sketchvae {
namespace {

template <int D>
struct Baseline {
  static int64_t count(const double* x, int64_t stride, const Stretch* stretches, int64_t many,
                       const double* q, double eps2, int64_t limit) {
    constexpr int64_t kStep = 32;  // points between two looks at the limit
    int64_t found = 0;
    for (const Stretch* at = stretches; at != stretches + many; ++at) {
      int64_t begin = at->begin;
      while (begin < at->end && found < limit) {
        const int64_t stop = std::min<int64_t>(at->end, begin + kStep);
        for (; begin < stop; ++begin) {
          found += point_distance<D>(q, x, stride, begin) <= eps2;
        }
      }
    }
    return found;
  }
};

#ifdef SKETCHVAE_X86
template <int D>
struct Avx2 {
  __attribute__((target("avx2,popcnt"))) static int64_t count(const double* x, int64_t stride,
                                                              const Stretch* stretches,
                                                              int64_t many, const double* q,
                                                              double eps2, int64_t limit) {
    const __m256d bound = _mm256_set1_pd(eps2);
    int64_t found = 0;
    for (const Stretch* at = stretches; at != stretches + many; ++at) {
      int64_t begin = at->begin;
      const int64_t end = at->end;
      for (; begin + 4 <= end && found < limit; begin += 4) {
        __m256d sum = _mm256_setzero_pd();
        for (int k = 0; k < D; ++k) {
          const __m256d step =
              _mm256_sub_pd(_mm256_loadu_pd(x + k * stride + begin), _mm256_set1_pd(q[k]));
          sum = _mm256_add_pd(sum, _mm256_mul_pd(step, step));
        }
        const int mask = _mm256_movemask_pd(_mm256_cmp_pd(sum, bound, _CMP_LE_OQ));
        found += __builtin_popcount(static_cast<unsigned>(mask));
      }
      for (; begin < end && found < limit; ++begin) {
        found += point_distance<D>(q, x, stride, begin) <= eps2;
      }
    }
    return found;
  }
};

template <int D>
struct Avx512 {
  __attribute__((target("avx512f,popcnt"))) static int64_t count(const double* x, int64_t stride,
                                                                 const Stretch* stretches,
                                                                 int64_t many, const double* q,
                                                                 double eps2, int64_t limit) {
    const __m512d bound = _mm512_set1_pd(eps2);
    int64_t found = 0;
    for (const Stretch* at = stretches; at != stretches + many; ++at) {
      const int64_t end = at->end;
      for (int64_t begin = at->begin; begin < end && found < limit; begin += 8) {
        const int64_t left = end - begin;
        const __mmask8 live = left >= 8 ? 0xff : static_cast<__mmask8>((1u << left) - 1);
        __m512d sum = _mm512_setzero_pd();
        for (int k = 0; k < D; ++k) {
          const __m512d step = _mm512_sub_pd(_mm512_maskz_loadu_pd(live, x + k * stride + begin),
                                             _mm512_set1_pd(q[k]));
          sum = _mm512_add_pd(sum, _mm512_mul_pd(step, step));
        }
        found += __builtin_popcount(_mm512_mask_cmp_pd_mask(live, sum, bound, _CMP_LE_OQ));
      }
    }
    return found;
  }
};
#endif

template <template <int> class Body>
CountWithin pick(int d) {
  switch (d) {
    case 1:
      return Body<1>::count;
    case 2:
      return Body<2>::count;
    case 3:
      return Body<3>::count;
    case 4:
      return Body<4>::count;
    case 5:
      return Body<5>::count;
    case 6:
      return Body<6>::count;
    case 7:
      return Body<7>::count;
    default:
      return Body<8>::count;
  }
}

}  // namespace

bool isa_available(Isa isa) {
#ifdef SKETCHVAE_X86
  if (isa == Isa::kAvx512) return __builtin_cpu_supports("avx512f") != 0;
  if (isa == Isa::kAvx2) return __builtin_cpu_supports("avx2") != 0;
#endif
  return isa == Isa::kBaseline || isa == Isa::kAuto;
}

CountWithin count_within(int d, Isa isa) {
  check_dims(d);
#ifdef SKETCHVAE_X86
  if ((isa == Isa::kAuto || isa == Isa::kAvx512) && isa_available(Isa::kAvx512)) {
    return pick<Avx512>(d);
  }
  if (isa != Isa::kBaseline && isa_available(Isa::kAvx2)) return pick<Avx2>(d);
#endif
  return pick<Baseline>(d);
}

}  // namespace sketchvae
