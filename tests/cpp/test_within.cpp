// src/engine/latent/within: every instruction set counts alike, at every length and offset.
#include "latent/exact.h"
//
#include <doctest/doctest.h>

#include <random>
#include <vector>

#include "cpu.h"
#include "latent/within.h"

using namespace sketchvae;

TEST_CASE("all sets count alike for lengths 0 to 67, every offset mod 8, d 1 to 19") {
  std::mt19937_64 random(5);
  // Multiples of a tenth put many pairs at exactly the bound, where a fused sum would differ.
  std::uniform_int_distribution<int> tenth(-9, 9);
  const int64_t stride = 80;
  for (int d = 1; d <= 19; d += d < 9 ? 1 : 5) {
    std::vector<double> x(stride * d);
    for (double& value : x) value = 0.1 * tenth(random);
    double q[19];
    for (double& value : q) value = 0.1 * tenth(random);
    for (const double eps : {0.0, 0.1 * 3, 0.5, 0.7, 1.3, 100.0}) {
      for (int64_t begin = 0; begin < 8; ++begin) {
        for (int64_t length = 0; length <= 67; ++length) {
          int64_t expected = 0;
          for (int64_t i = begin; i < begin + length; ++i) {
            double sum = 0;
            for (int k = 0; k < d; ++k) {
              const double step = x[k * stride + i] - q[k];
              sum += step * step;
            }
            expected += sum <= eps * eps;
          }
          for (const Isa isa : {Isa::kAuto, Isa::kBaseline, Isa::kAvx2, Isa::kAvx512}) {
            const auto count = count_within(d, isa);
            const auto first = static_cast<int32_t>(begin);
            const auto middle = static_cast<int32_t>(begin + length / 3);
            const auto last = static_cast<int32_t>(begin + length);
            const Stretch parts[2] = {{first, middle}, {middle, last}};
            const Stretch whole{first, last};
            CHECK(count(d, x.data(), stride, parts, 2, q, eps * eps, 1000) == expected);
            CHECK(count(d, x.data(), stride, &whole, 1, q, eps * eps, 1000) == expected);
            const auto some = count(d, x.data(), stride, parts, 2, q, eps * eps, 3);
            CHECK((some >= 3) == (expected >= 3));
            std::vector<double> out(length + 8, -1);
            distances_within(isa)(d, x.data(), stride, begin, begin + length, q, eps * eps,
                                  out.data());
            int64_t within = 0;
            for (int64_t i = 0; i < length; ++i) within += out[i] <= eps * eps;
            CHECK(within == expected);
            CHECK(out[length] == -1);
          }
        }
      }
    }
  }
}

TEST_CASE("SKETCHVAE_CPU reaches these loops") {
  const CpuLevel level = cpu_level();
  const Isa isa = level == CpuLevel::avx512 ? Isa::kAvx512 : level == CpuLevel::avx2 ? Isa::kAvx2 : Isa::kBaseline;
  CHECK((count_within(3) == count_within(3, isa)));
  CHECK((distances_within() == distances_within(isa)));
}
