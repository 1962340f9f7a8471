// ops/conv.h against a direct convolution in double precision.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <vector>

#include "ops/conv.h"
#include "ops/conv_chain.h"
#include "ops/winograd.h"
#include "random/philox.h"

using namespace sketchvae;

namespace {

std::vector<float> normals(uint32_t lane, int64_t n) {
  std::vector<float> values(static_cast<size_t>(n));
  fill_normal({1, 0, 0, Stream::sample, lane}, values.data(), n);
  return values;
}

struct Reference {
  std::vector<double> y, grad_x, grad_kernel, grad_bias;
};

// Calls visit(input index, kernel index, output index) for every product of the convolution: pixel
// (row, column) of the big drawing meets (p, q) of the small one through tap (r, c).
template <typename Visit>
void each_product(const ConvShape& s, int64_t batch, Visit visit) {
  const int64_t small_rows = s.transposed ? s.rows : s.out_rows;
  const int64_t small_columns = s.transposed ? s.columns : s.out_columns;
  const int64_t big_rows = s.transposed ? s.out_rows : s.rows;
  const int64_t big_columns = s.transposed ? s.out_columns : s.columns;
  for (int64_t n = 0; n < batch; ++n)
    for (int64_t p = 0; p < small_rows; ++p)
      for (int64_t q = 0; q < small_columns; ++q)
        for (int64_t r = 0; r < s.kernel_rows; ++r)
          for (int64_t c = 0; c < s.kernel_columns; ++c) {
            const int64_t row = p * s.stride_rows + r - s.before_rows;
            const int64_t column = q * s.stride_columns + c - s.before_columns;
            if (row < 0 || column < 0 || row >= big_rows || column >= big_columns) continue;
            const int64_t small = (n * small_rows + p) * small_columns + q;
            const int64_t big = (n * big_rows + row) * big_columns + column;
            const int64_t x = s.transposed ? small : big, y = s.transposed ? big : small;
            const int64_t tap = r * s.kernel_columns + c;
            for (int64_t i = 0; i < s.in; ++i)
              for (int64_t o = 0; o < s.out; ++o)
                visit(static_cast<size_t>(x * s.in + i),
                      static_cast<size_t>(s.transposed ? (tap * s.out + o) * s.in + i
                                                       : (tap * s.in + i) * s.out + o),
                      static_cast<size_t>(y * s.out + o));
          }
}

double relative(const std::vector<double>& reference, const float* ours) {
  double error = 0, size = 1e-30;
  for (size_t i = 0; i < reference.size(); ++i) {
    error += std::pow(reference[i] - double{ours[i]}, 2);
    size += reference[i] * reference[i];
  }
  return std::sqrt(error / size);
}

// float32 by Winograd: about twice the rounding of a direct convolution.
constexpr double kTolerance = 2e-6;

// A convolution as Keras' "same" makes it.
ConvShape same(int64_t rows, int64_t columns, int64_t in, int64_t out, int64_t k, int64_t stride,
               bool transposed) {
  ConvShape s{rows, columns, in, 0, 0, out, k, k, stride, stride, 0, 0, transposed};
  const auto pad = [&](int64_t big, int64_t small) {
    return std::max<int64_t>((small - 1) * stride + k - big, 0) / 2;
  };
  s.out_rows = transposed ? rows * stride : (rows + stride - 1) / stride;
  s.out_columns = transposed ? columns * stride : (columns + stride - 1) / stride;
  s.before_rows = transposed ? pad(s.out_rows, rows) : pad(rows, s.out_rows);
  s.before_columns = transposed ? pad(s.out_columns, columns) : pad(columns, s.out_columns);
  return s;
}

// How far a convolution's y, grad_x, grad_kernel and grad_bias are from those in double precision,
// over their size.
std::array<double, 4> errors(std::unique_ptr<Conv> conv, const std::vector<float>& x, int64_t batch,
                             size_t threads, bool relu) {
  REQUIRE(conv);
  const ConvShape s = conv->shape();
  const auto kernel = normals(2, s.kernel_size()), bias = normals(3, s.out);
  const auto grad_y = normals(4, batch * s.y_size());
  std::vector<float> grad_kernel(kernel.size()), grad_bias(bias.size());
  std::vector<ConvScratch> scratch(threads);
  std::vector<ConvChain::Link> links;
  links.push_back({std::move(conv), relu});
  ConvChain chain(std::move(links), scratch);
  const std::vector<ConvChain::Weights> weights = {{kernel.data(), bias.data()}};
  const float* y = chain.forward(x.data(), weights, batch, true);
  const float* grad_x = chain.backward(x.data(), weights, grad_y.data(), batch, true,
                                       {{grad_kernel.data(), grad_bias.data()}});

  Reference d{std::vector<double>(grad_y.size()), std::vector<double>(x.size()),
              std::vector<double>(kernel.size()), std::vector<double>(bias.size())};
  for (size_t i = 0; i < d.y.size(); ++i) d.y[i] = bias[i % bias.size()];
  each_product(s, batch, [&](size_t from, size_t k, size_t to) {
    d.y[to] += double{x[from]} * double{kernel[k]};
  });
  // Where ours was cut is taken from ours: near 0 rounding decides, and both are right.
  const auto passed = [&](size_t to) { return relu && !(y[to] > 0) ? 0.0 : double{grad_y[to]}; };
  if (relu)
    for (double& v : d.y) v = std::max(v, 0.0);
  each_product(s, batch, [&](size_t from, size_t k, size_t to) {
    d.grad_x[from] += passed(to) * double{kernel[k]};
    d.grad_kernel[k] += passed(to) * double{x[from]};
  });
  for (size_t i = 0; i < d.y.size(); ++i) d.grad_bias[i % bias.size()] += passed(i);
  return {relative(d.y, y), relative(d.grad_x, grad_x), relative(d.grad_kernel, grad_kernel.data()),
          relative(d.grad_bias, grad_bias.data())};
}

void check(std::unique_ptr<Conv> conv, int64_t batch, size_t threads, bool relu) {
  REQUIRE(conv);
  const ConvShape s = conv->shape();
  CAPTURE(s.rows);
  CAPTURE(s.columns);
  CAPTURE(s.in);
  CAPTURE(s.out);
  CAPTURE(s.kernel_rows);
  CAPTURE(s.kernel_columns);
  CAPTURE(s.stride_rows);
  CAPTURE(s.before_rows);
  CAPTURE(s.transposed);
  CAPTURE(threads);
  const auto x = normals(1, batch * s.x_size());
  for (const double error : errors(std::move(conv), x, batch, threads, relu)) CHECK(error < kTolerance);
}

}  // namespace

TEST_CASE("a Winograd convolution is a convolution, for every shape and both directions") {
  for (const int64_t k : {3, 4}) {
    for (const bool transposed : {false, true}) {
      for (const int64_t size : {1, 2, 3, 4, 5, 7, 8, 13, 28}) {
        const int64_t columns = size == 28 ? 28 : 9 - size % 5;
        check(make_winograd_conv(same(size, columns, 1 + size % 4 * 5, 1 + size % 3 * 8, k, 1, transposed)),
              3, 1 + static_cast<size_t>(size % 3), size % 2 == 0);
      }
    }
  }
}

TEST_CASE("a Winograd convolution of 64 channels rounds to a few units of float32's last place") {
  for (const int64_t k : {3, 4}) {
    for (const int64_t size : {12, 28}) {
      CAPTURE(k);
      CAPTURE(size);
      const ConvShape s = same(size, size, 64, 16, k, 1, false);
      // What ReLU leaves: means that are not zero round most.
      auto x = normals(1, s.x_size());
      for (float& v : x) v = std::max(v, 0.0f);
      for (const double error : errors(make_winograd_conv(s), x, 1, 1, false)) CHECK(error < 8e-7);
    }
  }
}

TEST_CASE("any number of channels, with tails of vectors") {
  for (int64_t channels = 1; channels <= 35; channels += 1) {
    check(make_winograd_conv(same(6, 5, channels, 36 - channels, 4, 1, false)), 2, 2, true);
    check(make_direct_conv(same(6, 5, channels, 36 - channels, 3, 2, channels % 2 == 0)), 2, 2, true);
  }
}

TEST_CASE("a direct convolution is a convolution, for any kernel, stride and padding") {
  for (int64_t i = 0; i < 60; ++i) {
    const int64_t k = 1 + i % 6, stride = 1 + i % 4, rows = 1 + i * 7 % 17, columns = 1 + i * 5 % 13;
    const bool transposed = i % 2 == 1;
    check(make_direct_conv(same(rows, columns, 1 + i % 3, 1 + i % 5, k, stride, transposed)), 2,
          1 + static_cast<size_t>(i % 3), i % 4 < 2);
    // 'valid', and a kernel that is not square.
    ConvShape s{k + rows, 2 + columns, 2, rows / stride + 1, columns / 2 + 1, 3, k, 2, stride, 2};
    s.out_columns = (s.columns - 2) / 2 + 1;
    if (transposed) {
      s = {rows, columns, 2, (rows - 1) * stride + k, (columns - 1) * 2 + 2, 3, k, 2, stride, 2, 0, 0, true};
      s.out_rows += i % 3;  // rows that nothing reaches
    }
    check(make_direct_conv(s), 2, 2, false);
  }
}

TEST_CASE("fifty random shapes, sizes 1 to 65, batches of 1 to 130") {
  std::vector<float> u(50 * 8);
  fill_uniform({9, 0, 0, Stream::sample, 0}, u.data(), static_cast<int64_t>(u.size()));
  for (size_t i = 0; i < 50; ++i) {
    const auto pick = [&](size_t which, int64_t low, int64_t high) {
      return low + static_cast<int64_t>(u[8 * i + which] * static_cast<float>(high - low + 1) * 0.999f);
    };
    const ConvShape s = same(pick(0, 1, 65), pick(1, 1, 65), pick(2, 1, 24), pick(3, 1, 24),
                             pick(4, 1, 6), pick(5, 1, 3), pick(6, 0, 1) == 1);
    // As many drawings as the reference below can do in a moment.
    const int64_t work = std::max(s.x_size() * s.out, s.y_size() * s.in) * s.kernel_rows * s.kernel_rows;
    const int64_t batch = std::clamp<int64_t>(int64_t{20'000'000} / work, 1, pick(7, 1, 130));
    check(Conv::make(s), batch, 2, i % 2 == 0);
  }
}

TEST_CASE("fewer drawings than threads, and none of their buffers shared") {
  check(Conv::make(same(28, 28, 10, 20, 4, 1, false)), 1, 7, true);
}

TEST_CASE("a chain gives what its links give one after another") {
  const ConvShape shapes[] = {same(9, 7, 1, 10, 4, 1, false), same(9, 7, 10, 12, 4, 1, true),
                              same(9, 7, 12, 9, 3, 2, false), same(5, 4, 9, 1, 3, 2, true)};
  const int64_t batch = 5;
  const auto x = normals(1, batch * shapes[0].x_size());
  std::vector<std::vector<float>> kernels, biases;
  for (uint32_t l = 0; l < 4; ++l) {
    kernels.push_back(normals(10 + l, shapes[l].kernel_size()));
    biases.push_back(normals(20 + l, shapes[l].out));
  }
  const bool relu[] = {true, false, true, false};
  const auto grad = normals(3, batch * shapes[3].y_size());
  const auto run = [&](size_t from, size_t to, std::vector<ConvScratch>& scratch) {
    std::vector<ConvChain::Link> links;
    for (size_t l = from; l < to; ++l) links.push_back({Conv::make(shapes[l]), relu[l]});
    return std::make_unique<ConvChain>(std::move(links), scratch);
  };
  std::vector<ConvScratch> scratch(2);
  std::vector<ConvChain::Weights> weights;
  std::vector<std::vector<float>> grads[2];
  std::vector<ConvChain::Gradients> into[2];
  for (auto& g : grads) g.resize(8);
  for (size_t l = 0; l < 4; ++l) {
    weights.push_back({kernels[l].data(), biases[l].data()});
    for (int way = 0; way < 2; ++way) {
      grads[way][2 * l].resize(kernels[l].size());
      grads[way][2 * l + 1].resize(biases[l].size());
      into[way].push_back({grads[way][2 * l].data(), grads[way][2 * l + 1].data()});
    }
  }
  const auto chain = run(0, 4, scratch);
  const float* y = chain->forward(x.data(), weights, batch, true);
  const float* grad_x = chain->backward(x.data(), weights, grad.data(), batch, true, into[0]);

  std::vector<std::unique_ptr<ConvChain>> singles;
  std::vector<const float*> outputs = {x.data()};
  for (size_t l = 0; l < 4; ++l) {
    singles.push_back(run(l, l + 1, scratch));
    outputs.push_back(singles[l]->forward(outputs[l], {weights[l]}, batch, true));
  }
  const float* back = grad.data();
  for (size_t l = 4; l-- > 0;) {
    back = singles[l]->backward(outputs[l], {weights[l]}, back, batch, true, {into[1][l]});
  }
  CHECK(std::equal(y, y + batch * shapes[3].y_size(), outputs[4]));
  CHECK(std::equal(grad_x, grad_x + x.size(), back));
  CHECK(grads[0] == grads[1]);
  // Without keeping what lies between, the same.
  const std::vector<float> kept(y, y + batch * shapes[3].y_size());
  CHECK(std::equal(kept.begin(), kept.end(), chain->forward(x.data(), weights, batch, false)));
}

TEST_CASE_TEMPLATE("the generated matrices turn a correlation into products, in one dimension", W,
                   Winograd<3, SixPoints>, Winograd<4, SixPoints>, Winograd<4, TenPoints>) {
  constexpr int outputs = W::kTile, window = W::kWindow, points = W::kSide;
  constexpr int taps = window + 1 - outputs;
  constexpr auto input = W::input();
  // of taps for outputs, and of a tile's gradients for those of taps
  constexpr auto filter = W::template filter<taps>();
  constexpr auto output = W::template output<outputs>();
  constexpr auto gradients = W::template filter<outputs>();
  constexpr auto sums = W::template output<taps>();
  for (int tap = 0; tap < taps; ++tap) {
    for (int at = 0; at < window; ++at) {
      for (int to = 0; to < outputs; ++to) {
        double forward = 0, gradient = 0;
        for (int p = 0; p < points; ++p) {
          forward += double{output.at[to][p]} * filter.at[p][tap] * input.at[p][at];
          gradient += double{sums.at[tap][p]} * gradients.at[p][to] * input.at[p][at];
        }
        const double is = at == to + tap ? 1 : 0;
        CHECK(std::fabs(forward - is) < 1e-6);
        CHECK(std::fabs(gradient - is) < 1e-6);
      }
    }
  }
}

TEST_CASE("what has no kernel is refused") {
  CHECK(Conv::make(same(28, 28, 8, 0, 4, 1, false)) == nullptr);
  CHECK(Conv::make(same(28, 28, 200, 100, 5, 1, false)) == nullptr);
}
