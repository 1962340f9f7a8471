// Training steps that stay on the device: all drawings lie there as bytes, order, noise, masks and
// scalars are found by a step counter that lies there too, and losses are summed there. The host
// only enqueues, one captured CUDA graph a step, and now and then looks at the sums. Where a step
// cannot be captured (an epoch's short last batch, or LibTorch says no) it is enqueued operation by
// operation. On the CPU the same steps run at once, for tests.
// The numbers are those of Network::backward() and update() up to rounding.
// Tests: tests/cpp/test_resident.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cuda/step_row.h"
#include "net/network.h"
#include "data/batches.h"

namespace sketchvae {

// Sums over drawings: each step's means times its batch.
struct ResidentSums {
  double reconstruction = 0, kl = 0, weighted_kl = 0, regularization = 0;
  int64_t drawings = 0;
  // False as soon as one step's loss was not.
  bool finite() const;
};

class Resident {
 public:
  // Copies every drawing to the network's device. `network` must outlive this. Throws Error when
  // they do not fit there.
  Resident(Network& network, const ModelPlan& plan, const BatchSource& train,
           const OptimizerSpec& optimizer, int64_t batch_size, uint64_t seed, Dtype dtype);
  ~Resident();
  Resident(const Resident&) = delete;
  Resident& operator=(const Resident&) = delete;

  // An epoch: the order of all drawings, a row for each of its steps, and the step to begin with.
  // Sums begin at nothing.
  void begin_epoch(const std::vector<int64_t>& order, const std::vector<StepRow>& rows,
                   int64_t first_step);

  // Enqueues `steps` steps and gives the sums as of the end of the call before, which is waited
  // for: at most two calls' steps are ever outstanding. Throws Error when memory runs out, saying
  // which batch size fits.
  ResidentSums run(int64_t steps);

  // Waits for everything enqueued; the sums are then those of all steps.
  ResidentSums finish();

  // Why steps are not captured; empty when they are, or when no step was taken yet.
  const std::string& why_not_captured() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sketchvae
