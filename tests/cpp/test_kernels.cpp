// ops/kernels.h on every instruction set of this machine, whatever SKETCHVAE_CPU says: NaN goes through them
// as through LibTorch, in its own lane and in no other.
#include "ops/kernels.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "cpu.h"
#include "random/philox.h"

using namespace sketchvae;

namespace {

struct Build {
  std::string name;
  const Kernels& kernels;
};

std::vector<Build> builds() {
  std::vector<Build> all = {{"baseline", kernels_baseline()}};
#ifdef SKETCHVAE_X86_BUILDS
  if (best_cpu_level() >= CpuLevel::avx2) all.push_back({"avx2", kernels_avx2()});
  if (best_cpu_level() >= CpuLevel::avx512) all.push_back({"avx512", kernels_avx512()});
#endif
  return all;
}

const float kNan = std::numeric_limits<float>::quiet_NaN();

std::vector<float> normals(uint32_t lane, int64_t n) {
  std::vector<float> values(static_cast<size_t>(n));
  fill_normal({6, 0, 0, Stream::sample, lane}, values.data(), n);
  return values;
}

// Whether exactly those of n entries are NaN that `is` says.
template <typename Is>
bool nan_where(const float* x, int64_t n, Is is) {
  for (int64_t i = 0; i < n; ++i) {
    if (std::isnan(x[i]) != is(i)) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("ReLU and its gradient let NaN through, in every lane") {
  for (const Build& build : builds()) {
    CAPTURE(build.name);
    const RowKernels& rows = build.kernels.rows;
    for (int64_t n = 1; n <= 67; ++n) {
      for (int64_t at = 0; at < n; at += n > 20 ? 5 : 1) {
        const auto bias = normals(1, n), g = normals(2, n);
        auto y = normals(3, n), out = y;
        y[static_cast<size_t>(at)] = kNan;
        const auto before = y;
        rows.shift(bias.data(), n, true, y.data());
        REQUIRE(nan_where(y.data(), n, [&](int64_t i) { return i == at; }));
        for (size_t i = 0; i < y.size(); ++i) {
          if (static_cast<int64_t>(i) != at) REQUIRE(y[i] == std::max(before[i] + bias[i], 0.0f));
        }
        rows.cut(g.data(), y.data(), n, out.data());
        for (size_t i = 0; i < y.size(); ++i) REQUIRE(out[i] == (y[i] <= 0 ? 0.0f : g[i]));
        // A NaN in the gradient stays where y let it through.
        auto broken = g;
        broken[static_cast<size_t>(at)] = kNan;
        rows.cut(broken.data(), before.data(), n, out.data());
        REQUIRE(nan_where(out.data(), n, [&](int64_t i) { return i == at; }));
      }
    }
  }
}

TEST_CASE("a NaN in either matrix of a product is in its row or column of the result") {
  for (const Build& build : builds()) {
    CAPTURE(build.name);
    const ProductKernels& products = build.kernels.products;
    for (const int64_t n : {1, 3, 4, 7, 8, 15, 16, 17, 31, 33, 50}) {
      const int64_t m = 9, k = 53;
      for (const int64_t l : {int64_t{0}, int64_t{20}, k - 1}) {
        for (const bool left : {true, false}) {
          CAPTURE(n);
          CAPTURE(l);
          CAPTURE(left);
          const int64_t row = l % m, column = l % n;
          auto a = normals(1, m * k), b = normals(2, k * n), dotted = normals(3, n * k);
          if (left) a[static_cast<size_t>(row * k + l)] = kNan;
          if (!left) b[static_cast<size_t>(l * n + column)] = kNan;
          if (!left) dotted[static_cast<size_t>(column * k + l)] = kNan;
          for (const auto kernel : {products.set, products.add, products.add_wide, products.add_dots}) {
            std::vector<float> c(static_cast<size_t>(m * n), 1.0f);
            const bool dots = kernel == products.add_dots;
            kernel({a.data(), k, 1, dots ? dotted.data() : b.data(), dots ? k : n, c.data(), n, m, n, k});
            CHECK(nan_where(c.data(), m * n, [&](int64_t i) { return left ? i / n == row : i % n == column; }));
          }
        }
      }
    }
  }
}

TEST_CASE("a NaN in a kernel's taps makes its channel of a Winograd convolution NaN, through ReLU") {
  constexpr int64_t kIn = 3, kOut = 10, kRows = 9, kColumns = 7;
  for (const Build& build : builds()) {
    for (const WinogradKernels& steps : build.kernels.winograd) {
      CAPTURE(build.name);
      CAPTURE(steps.taps);
      CAPTURE(steps.tile);
      const TileGrid grid(kRows, kColumns, steps.tile);
      const int64_t wide_in = padded(kIn), wide_out = padded(kOut), plane = kIn * wide_out;
      for (const int64_t broken : {0, 7, 9}) {
        auto taps = normals(1, steps.taps * steps.taps * wide_out);
        std::vector<float> transformed(static_cast<size_t>(steps.points * plane));
        for (int64_t i = 0; i < kIn; ++i) {
          taps[static_cast<size_t>(broken)] = i == 1 ? kNan : 1.0f;
          steps.kernel(taps.data(), wide_out, plane, transformed.data() + i * wide_out);
        }
        const auto x = normals(2, kRows * kColumns * kIn), bias = normals(3, wide_out);
        std::vector<float> buffer(static_cast<size_t>(steps.buffer_size(kIn)));
        std::vector<float> left(static_cast<size_t>(steps.points * grid.tiles() * wide_in));
        std::vector<float> product(static_cast<size_t>(steps.points * grid.tiles() * wide_out));
        std::vector<float> y(static_cast<size_t>(kRows * kColumns * kOut));
        steps.windows(x.data(), grid, kIn, 1, 1, buffer.data(), left.data());
        steps.multiply(left.data(), wide_in, transformed.data(), grid.tiles(), kIn, wide_out, product.data());
        steps.drawing(product.data(), grid, kOut, bias.data(), true, y.data());
        CHECK(nan_where(y.data(), kRows * kColumns * kOut, [&](int64_t i) { return i % kOut == broken; }));
        for (const float v : y) REQUIRE_FALSE(v < 0);
      }
    }
  }
}

TEST_CASE("a NaN in a gradient goes into its own weight, dense and factored, clipped or not") {
  for (const Build& build : builds()) {
    for (const Rule rule : {Rule::sgd, Rule::rmsprop, Rule::adam}) {
      for (const double clip : {0.0, 0.5}) {
        for (const int64_t out : {1, 5, 16, 35, 64, 129}) {
          CAPTURE(build.name);
          CAPTURE(static_cast<int>(rule));
          CAPTURE(clip);
          CAPTURE(out);
          const int64_t in = 3, at = out / 2;
          StepRow row;
          row.learning_rate = 0.01;
          const int64_t step = 0;
          SweepJob job;
          job.optimizer.rule = rule;
          job.optimizer.clipvalue = clip;
          job.rows = &row;
          job.step = &step;
          // The weights after a step by such a gradient.
          const auto moved = [&](const Gradient& g) {
            auto w = normals(1, in * out);
            std::vector<float> first(w.size()), second(w.size());
            SweepTask task{w.data(), first.data(), second.data(), g, in, out, 0};
            build.kernels.sweep(job, task, 0, in, 0, out);
            return w;
          };
          auto dense = normals(2, in * out);
          dense[static_cast<size_t>(out + at)] = kNan;
          const auto one = moved({dense.data(), nullptr, nullptr, 0});
          CHECK(nan_where(one.data(), in * out, [&](int64_t i) { return i == out + at; }));
          // Column `at` of b is in all rows.
          const auto a = normals(3, 2 * in);
          auto b = normals(4, 2 * out);
          b[static_cast<size_t>(out + at)] = kNan;
          const auto column = moved({nullptr, a.data(), b.data(), 2});
          CHECK(nan_where(column.data(), in * out, [&](int64_t i) { return i % out == at; }));
        }
      }
    }
  }
}
