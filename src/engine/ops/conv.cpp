#include "ops/conv.h"

#include <omp.h>

#include <algorithm>
#include <cstring>

#include "error.h"
#include "ops/conv_steps.h"
#include "ops/cpu.h"

namespace sketchvae {
namespace {

const ConvSteps& best_steps(int64_t kernel) {
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
  if (cpu_level() >= CpuLevel::avx512) return conv_steps_avx512(kernel);
  if (cpu_level() >= CpuLevel::avx2) return conv_steps_avx2(kernel);
#endif
  return conv_steps_baseline(kernel);
}

using Buffer = std::vector<float>;

Buffer zeros(int64_t n) { return Buffer(static_cast<size_t>(n), 0.0f); }

// One thread's buffers.
struct Scratch {
  Buffer staged_x, staged_g;       // drawings with their borders
  Buffer left, right, product;     // transformed: points x tiles x channels
  Buffer kernel_sums, bias_sums;   // this thread's share of the gradients
};

}  // namespace

struct Conv::Work {
  ConvShape shape;
  TileGrid grid;
  const ConvSteps& steps;
  int threads = 1;
  int64_t points, in_padded, out_padded;
  Buffer packed, forward_kernel;           // k x k x in x padded out, and transformed
  Buffer packed_turned, backward_kernel;   // k x k x out x padded in, turned, and transformed
  Buffer bias;
  std::vector<Scratch> scratch;

  explicit Work(const ConvShape& s)
      : shape(s),
        grid{s.rows, s.columns, (s.rows + 3) / 4, (s.columns + 3) / 4},
        steps(best_steps(s.kernel)),
        points(steps.window * steps.window),
        in_padded(padded_channels(s.in)),
        out_padded(padded_channels(s.out)) {
    const int64_t taps = s.kernel * s.kernel;
    packed = zeros(taps * s.in * out_padded);
    packed_turned = zeros(taps * s.out * in_padded);
    forward_kernel = zeros(points * s.in * out_padded);
    backward_kernel = zeros(points * s.out * in_padded);
    bias = zeros(out_padded);
  }

  int64_t staged_size(int64_t channels) const {
    const int64_t border = shape.kernel - 1;
    return (grid.tile_rows * 4 + border) * (grid.tile_columns * 4 + border) * channels;
  }

  // Where tap (r, c) from channel i to channel o stands in the user's kernel.
  int64_t tap(int64_t r, int64_t c, int64_t i, int64_t o) const {
    const int64_t k = shape.kernel;
    if (shape.transposed) {
      return (((k - 1 - r) * k + (k - 1 - c)) * shape.out + o) * shape.in + i;
    }
    return ((r * k + c) * shape.in + i) * shape.out + o;
  }

  void pack(const float* kernel, bool turned) {
    const int64_t k = shape.kernel;
    for (int64_t r = 0; r < k; ++r) {
      for (int64_t c = 0; c < k; ++c) {
        for (int64_t i = 0; i < shape.in; ++i) {
          for (int64_t o = 0; o < shape.out; ++o) {
            const float value = kernel[tap(r, c, i, o)];
            if (turned) {
              const int64_t q = (k - 1 - r) * k + (k - 1 - c);
              packed_turned[static_cast<size_t>((q * shape.out + o) * in_padded + i)] = value;
            } else {
              packed[static_cast<size_t>(((r * k + c) * shape.in + i) * out_padded + o)] = value;
            }
          }
        }
      }
    }
  }

  void unpack_gradient(const float* gradient, float* kernel) const {
    const int64_t k = shape.kernel;
    for (int64_t r = 0; r < k; ++r) {
      for (int64_t c = 0; c < k; ++c) {
        for (int64_t i = 0; i < shape.in; ++i) {
          for (int64_t o = 0; o < shape.out; ++o) {
            kernel[tap(r, c, i, o)] = gradient[((r * k + c) * shape.in + i) * out_padded + o];
          }
        }
      }
    }
  }

  // Gives each thread buffers of its own, on first use, in its own memory.
  Scratch& mine(bool backward) {
    Scratch& s = scratch[static_cast<size_t>(omp_get_thread_num())];
    const int64_t wide = points * grid.tiles() * std::max(in_padded, out_padded);
    if (s.left.empty()) {
      s.staged_x = zeros(staged_size(in_padded));
      s.left = zeros(wide);
      s.product = zeros(wide);
    }
    if (backward && s.right.empty()) {
      s.staged_g = zeros(staged_size(out_padded));
      s.right = zeros(wide);
      s.kernel_sums = zeros(points * shape.in * out_padded);
      s.bias_sums = zeros(out_padded);
    }
    return s;
  }
};

Conv::Conv(const ConvShape& shape, int threads) : work_(std::make_unique<Work>(shape)) {
  if (!covers(shape)) throw Error("this convolution has no kernel of ours");
  set_threads(threads);
}

Conv::~Conv() = default;

bool Conv::covers(const ConvShape& s) {
  return (s.kernel == 3 || s.kernel == 4) && s.rows > 0 && s.columns > 0 && s.in > 0 && s.out > 0 &&
         s.before_rows >= 0 && s.before_rows < s.kernel && s.before_columns >= 0 &&
         s.before_columns < s.kernel;
}

void Conv::set_threads(int threads) {
  work_->threads = std::max(threads, 1);
  work_->scratch.resize(static_cast<size_t>(work_->threads));
}

void Conv::forward(const float* x, const float* kernel, const float* bias, bool relu, int64_t batch,
                   float* y) {
  Work& w = *work_;
  const ConvShape& s = w.shape;
  const int64_t pixels = s.rows * s.columns;
  w.pack(kernel, false);
  std::copy_n(bias, s.out, w.bias.begin());
#pragma omp parallel num_threads(w.threads)
  {
#pragma omp for schedule(static)
    for (int64_t i = 0; i < s.in; ++i) {
      w.steps.kernel_transform(w.packed.data(), s.in, w.out_padded, i, i + 1,
                               w.forward_kernel.data());
    }
    Scratch& mine = w.mine(false);
#pragma omp for schedule(static)
    for (int64_t b = 0; b < batch; ++b) {
      w.steps.stage(x + b * pixels * s.in, nullptr, w.grid, s.in, s.before_rows, s.before_columns,
                    mine.staged_x.data(), nullptr);
      w.steps.window_transform(mine.staged_x.data(), w.grid, w.in_padded, mine.left.data());
      w.steps.multiply(mine.left.data(), w.in_padded, w.forward_kernel.data(), w.grid.tiles(), s.in,
                       w.out_padded, mine.product.data());
      w.steps.inverse_transform(mine.product.data(), w.grid, s.out, w.bias.data(), relu,
                                y + b * pixels * s.out);
    }
  }
}

void Conv::backward(const float* x, const float* y, const float* grad_y, const float* kernel,
                    bool relu, int64_t batch, float* grad_x, float* grad_kernel, float* grad_bias) {
  Work& w = *work_;
  const ConvShape& s = w.shape;
  const int64_t pixels = s.rows * s.columns;
  const int64_t after_rows = s.kernel - 1 - s.before_rows;
  const int64_t after_columns = s.kernel - 1 - s.before_columns;
  const int64_t stride = (w.grid.tile_columns * 4 + s.kernel - 1) * w.out_padded;
  if (grad_x) w.pack(kernel, true);
  Buffer& gradient = w.packed;  // forward() packs anew
#pragma omp parallel num_threads(w.threads)
  {
    if (grad_x) {
#pragma omp for schedule(static)
      for (int64_t o = 0; o < s.out; ++o) {
        w.steps.kernel_transform(w.packed_turned.data(), s.out, w.in_padded, o, o + 1,
                                 w.backward_kernel.data());
      }
    }
    Scratch& mine = w.mine(true);
    std::fill(mine.kernel_sums.begin(), mine.kernel_sums.end(), 0.0f);
    std::fill(mine.bias_sums.begin(), mine.bias_sums.end(), 0.0f);
#pragma omp for schedule(static)
    for (int64_t b = 0; b < batch; ++b) {
      w.steps.stage(x + b * pixels * s.in, nullptr, w.grid, s.in, s.before_rows, s.before_columns,
                    mine.staged_x.data(), nullptr);
      w.steps.window_transform(mine.staged_x.data(), w.grid, w.in_padded, mine.left.data());
      w.steps.stage(grad_y + b * pixels * s.out, relu ? y + b * pixels * s.out : nullptr, w.grid,
                    s.out, after_rows, after_columns, mine.staged_g.data(), mine.bias_sums.data());
      w.steps.tile_transform(
          mine.staged_g.data() + after_rows * stride + after_columns * w.out_padded, stride, w.grid,
          w.out_padded, mine.right.data());
      w.steps.accumulate(mine.left.data(), w.in_padded, mine.right.data(), w.grid.tiles(), s.in,
                         w.out_padded, mine.kernel_sums.data());
      if (grad_x) {
        w.steps.window_transform(mine.staged_g.data(), w.grid, w.out_padded, mine.right.data());
        w.steps.multiply(mine.right.data(), w.out_padded, w.backward_kernel.data(), w.grid.tiles(),
                         s.out, w.in_padded, mine.product.data());
        w.steps.inverse_transform(mine.product.data(), w.grid, s.in, nullptr, false,
                                  grad_x + b * pixels * s.in);
      }
    }
    // Sums over threads in their order: the same for the same number of threads.
    Scratch& total = w.scratch[0];
#pragma omp for schedule(static)
    for (int64_t i = 0; i < s.in; ++i) {
      for (int t = 1; t < w.threads; ++t) {
        const Buffer& share = w.scratch[static_cast<size_t>(t)].kernel_sums;
        if (share.empty()) continue;
        for (int64_t p = 0; p < w.points; ++p) {
          const int64_t at = (p * s.in + i) * w.out_padded;
          for (int64_t o = 0; o < w.out_padded; ++o) {
            total.kernel_sums[static_cast<size_t>(at + o)] += share[static_cast<size_t>(at + o)];
          }
        }
      }
      w.steps.kernel_gradient(total.kernel_sums.data(), s.in, w.out_padded, i, i + 1,
                              gradient.data());
    }
  }
  w.unpack_gradient(gradient.data(), grad_kernel);
  std::fill_n(grad_bias, s.out, 0.0f);
  for (const Scratch& share : w.scratch) {
    for (int64_t o = 0; o < s.out && !share.bias_sums.empty(); ++o) {
      grad_bias[o] += share.bias_sums[static_cast<size_t>(o)];
    }
  }
}

}  // namespace sketchvae
