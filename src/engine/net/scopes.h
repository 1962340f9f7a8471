// LibTorch's global state as a network needs it, for the length of one call: threads
// (net/thread_scope.h), how a GPU computes, autocast. What was set before is its user's, and is set again.
#pragma once

#include "net/network.h"
#include "net/thread_scope.h"
#include "net/torch_error.h"

namespace sketchvae {

// TF32 and cuDNN's choice of algorithms; LibTorch's own default for convolutions is tf32.
class PrecisionScope {
 public:
  explicit PrecisionScope(const NetworkOptions& options);
  ~PrecisionScope();
  PrecisionScope(const PrecisionScope&) = delete;
  PrecisionScope& operator=(const PrecisionScope&) = delete;

 private:
  bool used_, products_ = false, convolutions_ = false, benchmark_ = false;
};

// Layers in bf16, when that is asked for: convolutions and products of matrices take and give bf16,
// their parameters stay float32.
class AutocastScope {
 public:
  explicit AutocastScope(const NetworkOptions& options);
  ~AutocastScope();
  AutocastScope(const AutocastScope&) = delete;
  AutocastScope& operator=(const AutocastScope&) = delete;

 private:
  bool used_, cache_ = false;
};

// call(), with threads and precision set and LibTorch's errors turned into ours.
template <typename Call>
auto guarded(const NetworkOptions& options, Call call) {
  return translated([&] {
    const ThreadScope threads(options.threads);
    const PrecisionScope precision(options);
    return call();
  });
}

}  // namespace sketchvae
