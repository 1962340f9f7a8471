// The training loop: a loop over a FitState. It owns no arithmetic: that is net/. One trainer serves
// every model and device. Tests: tests/cpp/test_trainer.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/batches.h"
#include "net/network.h"
#include "net/step.h"
#include "params/arena.h"
#include "spec/model_plan.h"
#include "train/fit_checkpoints.h"
#include "train/fit_host.h"
#include "train/fit_options.h"
#include "train/fit_state.h"

namespace sketchvae {

class Trainer {
 public:
  // `train` and `validation` (may be null) must outlive the trainer.
  Trainer(const ModelSpec& model, const FitOptions& options, const BatchSource& train,
          const BatchSource* validation);
  Trainer(const Trainer&) = delete;
  Trainer& operator=(const Trainer&) = delete;

  // Starts from a safetensors file's values instead of the seed's.
  void set_weights(std::span<const std::byte> file) { read_weights(arena_, file); }

  // Where checkpoints go; goes on from the newest good one there is. The fingerprint is everything
  // that changes the result: another one in the folder is an Error, and so is a folder that another
  // trainer uses.
  void use_checkpoints(const CheckpointPlace& place);

  // Did use_checkpoints() find one to go on from?
  bool resumed() const { return state_.total_steps > 0; }

  // Trains. However it ends, by an exception too, the parameters are those of the last finished
  // epoch (or the initial ones); before the first epoch's end an interrupt throws Interrupted. A fit
  // that its host finished early stays finished when it is read back, until there are more epochs.
  Ending run(FitHost& host);

  const ModelPlan& plan() const { return plan_; }
  const FitOptions& options() const { return options_; }
  Network& network() { return network_; }
  // The parameters as they are: on a GPU the steps under way are waited for.
  Arena& arena();

  // Where the fit stands. A host may set learning_rate_factor and restore_kept.
  const FitState& state() const { return state_; }
  FitState& state() { return state_; }
  // Keeps the parameters of the last finished epoch.
  void keep_weights();

 private:
  // Each gives how the run ends here, or nothing when it goes on.
  using Ended = std::optional<Ending>;
  Ending run_epochs(FitHost& host);
  Ended run_epoch(FitHost& host);
  Ended run_steps(FitHost& host);  // train/epoch.cpp
  std::vector<int64_t> order() const;
  std::vector<StepRow> step_rows() const;
  Ended obey(Verdict verdict);
  int64_t steps_per_epoch() const;
  double kl_weight(int64_t step) const;
  double learning_rate() const;
  void take_snapshot();
  void leave();  // waits for a GPU, frees the folder and restores the snapshot

  ModelPlan plan_;
  FitOptions options_;
  const BatchSource& train_;
  const BatchSource* validation_;
  Arena arena_;
  Network network_;
  std::unique_ptr<Steps> steps_;  // from the first epoch on
  FitState state_;
  FitCheckpoints checkpoints_;
};

}  // namespace sketchvae
