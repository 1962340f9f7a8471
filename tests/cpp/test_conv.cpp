// ops/conv.h against a direct convolution in double precision.
#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "ops/conv.h"
#include "ops/winograd.h"
#include "random/philox.h"

using namespace sketchvae;

namespace {

std::vector<float> normals(uint32_t lane, int64_t n) {
  std::vector<float> values(static_cast<size_t>(n));
  fill_normal({1, 0, 0, Stream::sample, lane}, values.data(), n);
  return values;
}

struct Direct {
  std::vector<double> y, grad_x, grad_kernel, grad_bias;
};

int64_t tap(const ConvShape& s, int64_t r, int64_t c, int64_t i, int64_t o) {
  const int64_t k = s.kernel;
  return s.transposed ? (((k - 1 - r) * k + (k - 1 - c)) * s.out + o) * s.in + i
                      : ((r * k + c) * s.in + i) * s.out + o;
}

// Calls visit(input index, kernel index, output index) for every product of the convolution.
template <typename Visit>
void each_product(const ConvShape& s, int64_t batch, Visit visit) {
  for (int64_t n = 0; n < batch; ++n)
    for (int64_t p = 0; p < s.rows; ++p)
      for (int64_t q = 0; q < s.columns; ++q)
        for (int64_t r = 0; r < s.kernel; ++r)
          for (int64_t c = 0; c < s.kernel; ++c) {
            const int64_t row = p + r - s.before_rows, column = q + c - s.before_columns;
            if (row < 0 || column < 0 || row >= s.rows || column >= s.columns) continue;
            for (int64_t i = 0; i < s.in; ++i)
              for (int64_t o = 0; o < s.out; ++o)
                visit(static_cast<size_t>(((n * s.rows + row) * s.columns + column) * s.in + i),
                      static_cast<size_t>(tap(s, r, c, i, o)),
                      static_cast<size_t>(((n * s.rows + p) * s.columns + q) * s.out + o));
          }
}

double relative(const std::vector<double>& reference, const std::vector<float>& ours) {
  double error = 0, size = 1e-30;
  for (size_t i = 0; i < reference.size(); ++i) {
    error += std::pow(reference[i] - static_cast<double>(ours[i]), 2);
    size += reference[i] * reference[i];
  }
  return std::sqrt(error / size);
}

// float32 with F(4, k): a few times the rounding of a direct convolution.
constexpr double kTolerance = 2e-5;

void check(const ConvShape& s, int64_t batch, int threads, bool relu) {
  CAPTURE(s.rows);
  CAPTURE(s.columns);
  CAPTURE(s.in);
  CAPTURE(s.out);
  CAPTURE(s.kernel);
  CAPTURE(s.transposed);
  CAPTURE(threads);
  const int64_t pixels = s.rows * s.columns;
  const auto x = normals(1, batch * pixels * s.in);
  const auto kernel = normals(2, s.kernel * s.kernel * s.in * s.out);
  const auto bias = normals(3, s.out), grad_y = normals(4, batch * pixels * s.out);
  std::vector<float> y(grad_y.size()), grad_x(x.size()), grad_kernel(kernel.size()), grad_bias(bias.size());
  Conv conv(s, threads);
  conv.forward(x.data(), kernel.data(), bias.data(), relu, batch, y.data());
  conv.backward(x.data(), y.data(), grad_y.data(), kernel.data(), relu, batch, grad_x.data(),
                grad_kernel.data(), grad_bias.data());

  Direct d{std::vector<double>(y.size()), std::vector<double>(x.size()),
           std::vector<double>(kernel.size()), std::vector<double>(bias.size())};
  for (size_t i = 0; i < y.size(); ++i) d.y[i] = bias[i % bias.size()];
  each_product(s, batch, [&](size_t from, size_t k, size_t to) {
    d.y[to] += static_cast<double>(x[from]) * kernel[k];
  });
  // Where ours was cut is taken from ours: near 0 rounding decides, and both are right.
  const auto passed = [&](size_t to) { return relu && !(y[to] > 0) ? 0.0 : double{grad_y[to]}; };
  if (relu)
    for (double& v : d.y) v = std::max(v, 0.0);
  each_product(s, batch, [&](size_t from, size_t k, size_t to) {
    d.grad_x[from] += passed(to) * kernel[k];
    d.grad_kernel[k] += passed(to) * x[from];
  });
  for (size_t i = 0; i < y.size(); ++i) d.grad_bias[i % bias.size()] += passed(i);
  CHECK(relative(d.y, y) < kTolerance);
  CHECK(relative(d.grad_x, grad_x) < kTolerance);
  CHECK(relative(d.grad_kernel, grad_kernel) < kTolerance);
  CHECK(relative(d.grad_bias, grad_bias) < kTolerance);
}

}  // namespace

TEST_CASE("a Winograd convolution is a convolution, for every shape and both directions") {
  for (const int64_t k : {3, 4}) {
    for (const bool transposed : {false, true}) {
      const int64_t before = transposed ? k - 1 - (k - 1) / 2 : (k - 1) / 2;
      for (const int64_t size : {1, 2, 3, 4, 5, 7, 8, 13, 28}) {
        const int64_t columns = size == 28 ? 28 : 9 - size % 5;
        check({size, columns, 1 + size % 4 * 5, 1 + size % 3 * 8, k, before, before, transposed}, 3,
              1 + static_cast<int>(size % 3), size % 2 == 0);
      }
    }
  }
}

TEST_CASE("any number of channels, with tails of vectors") {
  for (int64_t channels = 1; channels <= 35; channels += 1) {
    check({6, 5, channels, 36 - channels, 4, 1, 1, false}, 2, 2, true);
  }
}

TEST_CASE("fewer drawings than threads, and none of their buffers shared") {
  check({28, 28, 10, 20, 4, 1, 1, false}, 1, 7, true);
}

TEST_CASE("the generated matrices turn a correlation into products, in one dimension") {
  constexpr auto input = Winograd<4>::input();
  constexpr auto filter = Winograd<4>::filter<4>();
  constexpr auto output = Winograd<4>::output<4>();
  for (int tap_at = 0; tap_at < 4; ++tap_at) {
    for (int at = 0; at < 7; ++at) {
      for (int to = 0; to < 4; ++to) {
        double sum = 0;
        for (int p = 0; p < 7; ++p) {
          sum += double{output.at[to][p]} * filter.at[p][tap_at] * input.at[p][at];
        }
        CHECK(std::fabs(sum - (at == to + tap_at ? 1 : 0)) < 1e-5);
      }
    }
  }
}

TEST_CASE("what has no kernel is refused") {
  CHECK_FALSE(Conv::covers({28, 28, 8, 8, 5, 2, 2, false}));
  CHECK_FALSE(Conv::covers({28, 28, 8, 0, 4, 1, 1, false}));
  CHECK_THROWS(Conv({28, 28, 8, 8, 2, 0, 0, false}, 1));
}
