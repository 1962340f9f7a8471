// A training step, the same on every device: gather drawings, draw noise and masks, pass forward and
// back, reduce over ranks, sweep the parameters, add to the sums of losses. Everything is found by a
// step counter that lies on the device, and is run through a queue (net/device.h): on the CPU it is
// done at once; on a GPU it is enqueued, one captured CUDA graph a step, and the host only now and then
// looks at the sums. Where a step cannot be captured (an epoch's short last batch, or LibTorch says
// no) it is enqueued operation by operation. Tests: tests/cpp/test_step.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "data/batches.h"
#include "net/network.h"

namespace sketchvae {

// Losses of drawings so far: each batch's means times its size.
struct Sums {
  Losses of;
  int64_t drawings = 0;

  void add(const Losses& l, int64_t n) {
    const auto weight = static_cast<double>(n);
    of = {of.loss + l.loss * weight, of.reconstruction + l.reconstruction * weight,
          of.kl + l.kl * weight, of.regularization + l.regularization * weight};
    drawings += n;
  }
  Losses mean() const {
    const auto n = static_cast<double>(drawings > 0 ? drawings : 1);
    return {of.loss / n, of.reconstruction / n, of.kl / n, of.regularization / n};
  }
};

struct StepOptions {
  OptimizerSpec optimizer;
  int64_t batch_size = 8;
  uint64_t seed = 1;
  bool resident = false;  // all drawings lie on the device: always so on a GPU
};

class Steps {
 public:
  // All must outlive it. Throws Error when the drawings do not fit on the device.
  Steps(Network& network, const ModelPlan& plan, const BatchSource& train, const StepOptions& options);
  ~Steps();
  Steps(const Steps&) = delete;
  Steps& operator=(const Steps&) = delete;

  // An epoch: the order of all drawings, a row for each of its steps, the step to begin with, and the
  // sums that its steps are added to.
  void begin_epoch(const std::vector<int64_t>& order, const std::vector<StepRow>& rows,
                   int64_t first_step, const Sums& sums);

  // Enqueues `steps` steps and gives the sums as of the end of the call before, which is waited
  // for: at most two calls' steps are ever outstanding. Throws Error when memory runs out, saying
  // which batch size fits.
  Sums run(int64_t steps);

  // Waits for everything enqueued; the sums are then those of all steps.
  Sums finish();

  // Why steps are not captured; empty when they are, when no step was taken yet, and on the CPU.
  const std::string& why_not_captured() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sketchvae
