#include "ops/sweep.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/kernels.h"

namespace sketchvae {
namespace {

// Sum of squares of one gradient, the l2 term included.
template <typename T>
double squares(const SweepTask& task) {
  const Gradient& g = task.g;
  const T* w = static_cast<const T*>(task.w);
  const int64_t in = task.in, out = task.out;
  const double l2 = task.l2;
  double sum = 0;
  if (g.dense) {
    const T* dense = static_cast<const T*>(g.dense);
    for (int64_t i = 0; i < in * out; ++i) {
      const double x = static_cast<double>(dense[i]) + l2 * static_cast<double>(w[i]);
      sum += x * x;
    }
    return sum;
  }
  // |a'b|^2 = sum over pairs of rows of (a_r . a_s)(b_r . b_s): two small Gram matrices.
  const T* a = static_cast<const T*>(g.a);
  const T* b = static_cast<const T*>(g.b);
  const auto dot = [](const T* x, const T* y, int64_t n) {
    double s = 0;
    for (int64_t i = 0; i < n; ++i) s += static_cast<double>(x[i]) * static_cast<double>(y[i]);
    return s;
  };
  for (int64_t r = 0; r < g.rows; ++r) {
    for (int64_t s = 0; s < g.rows; ++s) {
      sum += dot(a + r * in, a + s * in, in) * dot(b + r * out, b + s * out, out);
    }
  }
  if (l2 != 0) {
    for (int64_t i = 0; i < in; ++i) {
      const T* row = w + i * out;
      sum += l2 * l2 * dot(row, row, out);
      for (int64_t r = 0; r < g.rows; ++r) {
        sum += 2 * l2 * static_cast<double>(a[r * in + i]) * dot(b + r * out, row, out);
      }
    }
  }
  return sum;
}

void sweep(const SweepJob& job, const SweepTask& task, int threads) {
  const SweepFn part = kernels().sweep;
  const int64_t size = task.in * task.out;
  constexpr int64_t kSmall = 1 << 14;  // not worth waking a second thread
  if (size < kSmall || threads <= 1) return part(job, task, 0, task.in, 0, task.out);
  // Blocks along the longer side, taken as threads come free: entries are independent, so any split
  // gives the same result.
  const bool rows = task.in >= task.out;
  const int64_t block = rows ? 64 : 2048, length = rows ? task.in : task.out;
  const int64_t blocks = (length + block - 1) / block;
#pragma omp parallel for schedule(dynamic) num_threads(threads)
  for (int64_t k = 0; k < blocks; ++k) {
    const int64_t first = k * block, last = std::min(first + block, length);
    if (rows) {
      part(job, task, first, last, 0, task.out);
    } else {
      part(job, task, 0, task.in, first, last);
    }
  }
}

}  // namespace

void sweep_on_host(const SweepJob& job, int threads) {
  for (int k = 0; k < job.tasks; ++k) sweep(job, job.task[k], threads);
}

double sum_of_squares(const std::vector<SweepTask>& tasks, bool is_double) {
  double sum = 0;
  for (const SweepTask& task : tasks) {
    sum += is_double ? squares<double>(task) : squares<float>(task);
  }
  return sum;
}

double clip_factor(double clipnorm, double norm) {
  if (!std::isfinite(norm)) return std::numeric_limits<double>::quiet_NaN();
  return norm > clipnorm ? clipnorm / norm : 1;
}

}  // namespace sketchvae
