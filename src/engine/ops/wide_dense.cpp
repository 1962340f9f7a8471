#include "ops/wide_dense.h"

#include <algorithm>
#include <vector>

#include "ops/kernels.h"
#include "ops/team.h"

namespace sketchvae {
namespace {

// A sum over k that is long: every thread sums its stretch of k, block by block so that a block of b
// stays in cache for all rows of a, and the threads' sums are added in their order.
template <typename Block>
void split_sum(int64_t k, int64_t block, int64_t size, int threads, float* c, Block add_block) {
  std::vector<std::vector<float>> sums(static_cast<size_t>(threads));
  on_team(threads, [&](int t, int team) {
    auto& mine = sums[static_cast<size_t>(t)];
    mine.assign(static_cast<size_t>(size), 0.0f);
    const Share share(k, t, team);
    for (int64_t l = share.first; l < share.last; l += block) {
      add_block(l, std::min(block, share.last - l), mine.data());
    }
  });
  for (const auto& part : sums) {
    for (size_t i = 0; i < part.size(); ++i) c[i] += part[i];
  }
}

// Columns of c, split among threads in blocks.
template <typename Block>
void split_columns(int64_t n, int64_t block, int threads, Block add_block) {
  const int64_t blocks = (n + block - 1) / block;
#pragma omp parallel for schedule(static) num_threads(threads)
  for (int64_t b = 0; b < blocks; ++b) add_block(b * block, std::min(block, n - b * block));
}

}  // namespace

void wide_forward(const float* x, const float* w, const float* bias, bool relu, int64_t batch,
                  int64_t in, int64_t out, float* y, int threads) {
  const ProductKernels& products = kernels().products;
  for (int64_t i = 0; i < batch; ++i) std::copy_n(bias, out, y + i * out);
  if (in >= out) {
    split_sum(in, 128, batch * out, threads, y, [&](int64_t l, int64_t n, float* c) {
      products.add_wide({x + l, in, 1, w + l * out, out, c, out, batch, out, n});
    });
  } else {
    split_columns(out, 960, threads, [&](int64_t j, int64_t n) {
      products.add_wide({x, in, 1, w + j, out, y + j, out, batch, n, in});
    });
  }
  if (relu) wide_cut(y, y, batch * out, y, threads);
}

void wide_cut(const float* g, const float* y, int64_t n, float* out, int threads) {
  split_columns(n, 1 << 14, n > 1 << 15 ? threads : 1, [&](int64_t at, int64_t count) {
    kernels().rows.cut(g + at, y + at, count, out + at);
  });
}

void wide_backward(const float* grad_y, const float* w, int64_t batch, int64_t in, int64_t out,
                   float* grad_x, int threads) {
  const ProductKernels& products = kernels().products;
  std::fill_n(grad_x, batch * in, 0.0f);
  if (in >= out) {
    split_columns(in, 64, threads, [&](int64_t j, int64_t n) {
      products.add_dots({grad_y, out, 1, w + j * out, out, grad_x + j, in, batch, n, out});
    });
  } else {
    split_sum(out, 1024, batch * in, threads, grad_x, [&](int64_t l, int64_t n, float* c) {
      products.add_dots({grad_y + l, out, 1, w + l, out, c, in, batch, in, n});
    });
  }
}

}  // namespace sketchvae
