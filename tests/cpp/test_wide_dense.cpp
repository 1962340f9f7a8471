// ops/wide_dense.h against sums in double precision.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "ops/wide_dense.h"
#include "random/philox.h"

using namespace sketchvae;

namespace {

std::vector<float> normals(uint32_t lane, int64_t n) {
  std::vector<float> values(static_cast<size_t>(n));
  fill_normal({2, 0, 0, Stream::sample, lane}, values.data(), n);
  return values;
}

void check(int64_t batch, int64_t in, int64_t out, int threads) {
  CAPTURE(batch);
  CAPTURE(in);
  CAPTURE(out);
  const auto x = normals(1, batch * in), w = normals(2, in * out), bias = normals(3, out);
  const auto grad = normals(4, batch * out);
  std::vector<float> y(grad.size()), grad_x(x.size());
  wide_forward(x.data(), w.data(), bias.data(), false, batch, in, out, y.data(), threads);
  wide_backward(grad.data(), w.data(), batch, in, out, grad_x.data(), threads);
  double worst = 0;
  const auto at = [](const std::vector<float>& v, int64_t i) { return double{v[static_cast<size_t>(i)]}; };
  for (int64_t b = 0; b < batch; ++b) {
    for (int64_t o = 0; o < out; ++o) {
      double sum = at(bias, o);
      for (int64_t i = 0; i < in; ++i) sum += at(x, b * in + i) * at(w, i * out + o);
      worst = std::max(worst, std::fabs(sum - at(y, b * out + o)) / std::sqrt(1.0 + in));
    }
    for (int64_t i = 0; i < in; ++i) {
      double sum = 0;
      for (int64_t o = 0; o < out; ++o) sum += at(grad, b * out + o) * at(w, i * out + o);
      worst = std::max(worst, std::fabs(sum - at(grad_x, b * in + i)) / std::sqrt(1.0 + out));
    }
  }
  CHECK(worst < 2e-6);  // float32 rounding of sums of products of standard normals
}

}  // namespace

TEST_CASE("products with a wide kernel are right for every size and tail") {
  for (int64_t n = 1; n <= 65; ++n) {
    check(1 + n % 11, n, 66 - n, 1 + static_cast<int>(n % 3));
    check(1 + n % 19, 300 + n, n, 2);
    check(1 + n % 19, n, 1100 + n, 2);
  }
  check(130, 257, 100, 2);
}

TEST_CASE("ReLU cuts what is not positive, and its gradient") {
  const auto x = normals(1, 3 * 20), w = normals(2, 20 * 30000), bias = normals(3, 30000);
  std::vector<float> plain(90000), cut(90000), grad = normals(4, 90000), kept(90000);
  wide_forward(x.data(), w.data(), bias.data(), false, 3, 20, 30000, plain.data(), 2);
  wide_forward(x.data(), w.data(), bias.data(), true, 3, 20, 30000, cut.data(), 2);
  wide_cut(grad.data(), cut.data(), 90000, kept.data(), 2);
  for (size_t i = 0; i < plain.size(); ++i) {
    REQUIRE(cut[i] == std::max(plain[i], 0.0f));
    REQUIRE(kept[i] == (plain[i] > 0 ? grad[i] : 0.0f));
  }
}

TEST_CASE("more threads than work") { check(2, 3, 5, 7); }
