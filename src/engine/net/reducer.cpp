#include "net/reducer.h"

#include <ATen/ATen.h>

namespace sketchvae {
namespace {

using at::Tensor;

Tensor summed(const Reducer& reducer, const Tensor& x) {
  Tensor sum = x.detach().clone();
  reducer.sum({&sum, 1});
  return sum;
}

// With a gradient: what a rank's numbers do to the sum is done to every rank's loss, so that the
// gradient is summed as well.
Tensor sum_over_ranks(const Reducer& reducer, const Tensor& x) {
  const Tensor sum = summed(reducer, x);
  if (!x.requires_grad()) return sum;
  Tensor with_gradient = sum + (x - x.detach());  // exactly the sum: the same in all ranks
  with_gradient.register_hook(
      [&reducer](const Tensor& gradient) { return summed(reducer, gradient); });
  return with_gradient;
}

}  // namespace

Tensor Batch::mean(const Tensor& x, at::IntArrayRef axes, bool keep) const {
  if (whole()) return x.mean(axes, keep);
  int64_t count = all_;  // rows are the first axis
  for (const int64_t axis : axes) count *= axis == 0 ? 1 : x.size(axis);
  return sum_over_ranks(reducer_, x.sum(axes, keep) / count);
}

Tensor Batch::part(const Tensor& x) const {
  return whole() ? x : x * (static_cast<double>(n_) / static_cast<double>(all_));
}

}  // namespace sketchvae
