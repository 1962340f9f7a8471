#include "net/scopes.h"

#include <ATen/Context.h>
#include <ATen/autocast_mode.h>

namespace sketchvae {
namespace {

void set_precision(bool products, bool convolutions, bool benchmark) {
  auto& context = at::globalContext();
  context.setAllowTF32CuBLAS(products);
  context.setAllowTF32CuDNN(convolutions);
  context.setBenchmarkCuDNN(benchmark);
}

}  // namespace

PrecisionScope::PrecisionScope(const NetworkOptions& options)
    : used_(options.device == Device::cuda) {
  if (!used_) return;
  auto& context = at::globalContext();
  products_ = context.allowTF32CuBLAS();
  convolutions_ = context.allowTF32CuDNN();
  benchmark_ = context.benchmarkCuDNN();
  const bool tf32 = options.precision != Precision::float32;
  set_precision(tf32, tf32, true);
}

PrecisionScope::~PrecisionScope() {
  if (used_) set_precision(products_, convolutions_, benchmark_);
}

AutocastScope::AutocastScope(const NetworkOptions& options)
    : used_(options.device == Device::cuda && options.precision == Precision::bf16) {
  if (!used_) return;
  cache_ = at::autocast::is_autocast_cache_enabled();
  // A cached cast would be a tensor of one step that a captured graph uses in all others.
  at::autocast::set_autocast_cache_enabled(false);
  at::autocast::set_autocast_dtype(at::kCUDA, at::kBFloat16);
  at::autocast::set_autocast_enabled(at::kCUDA, true);
}

AutocastScope::~AutocastScope() {
  if (!used_) return;
  at::autocast::set_autocast_enabled(at::kCUDA, false);
  at::autocast::set_autocast_cache_enabled(cache_);
}

}  // namespace sketchvae
