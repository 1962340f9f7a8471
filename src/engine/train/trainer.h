// The training loop: batches, schedules, history, checkpoints, and when to stop. It owns no
// arithmetic: that is net/network.h. One trainer serves every model and device.
// Tests: tests/cpp/test_trainer.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "host.h"
#include "net/network.h"
#include "ops/optimizer.h"
#include "params/arena.h"
#include "spec/layer_table.h"
#include "train/batches.h"
#include "train/schedule.h"

namespace sketchvae {

struct FitOptions {
  int64_t epochs = 1;       // epochs of this call, after first_epoch
  int64_t first_epoch = 1;  // > 1 when training goes on: numbers and schedules go on too
  int64_t batch_size = 8;
  bool shuffle = true;
  OptimizerSpec optimizer;
  KlSchedule kl;
  LrSchedule learning_rate;
  uint64_t seed = 1;
  int threads = 1;
  Dtype dtype = Dtype::float32;
  bool reference = false;

  int64_t last_epoch() const { return first_epoch + epochs - 1; }
};

// Reads and checks the wire form (R/vae_fit.R writes it).
FitOptions read_fit_options(const Json& options);

// One row of history: means over the epoch's drawings, the last short batch counting by its size.
struct EpochRow {
  int64_t epoch = 0;
  double kl_weight = 0, learning_rate = 0;
  Losses train;
  std::optional<Losses> validation;
  double seconds = 0;  // of the epoch's steps, without validation and callbacks
};

// After one batch.
struct BatchState {
  int64_t epoch = 0, last_epoch = 0;
  int64_t step = 0, steps = 0;         // 1 .. steps of this epoch
  int64_t drawings = 0;                // drawings seen in this call
  double seconds = 0;                  // spent in steps in this call
  double kl_weight = 0;
  Losses mean;                         // over the epoch so far
};

class Trainer;

// Who watches a fit. Called on the main thread only.
class FitHost : public Host {
 public:
  virtual void on_batch(const BatchState&) {}
  // After an epoch and its validation. Returns false to stop training here.
  virtual bool on_epoch(const EpochRow&, Trainer&) { return true; }
  void progress(int64_t, int64_t) override {}
};

enum class Ending { finished, interrupted, non_finite, callback };

class Trainer {
 public:
  // `train` and `validation` (may be null) must outlive the trainer.
  Trainer(const ModelSpec& model, const FitOptions& options, const BatchSource& train,
          const BatchSource* validation);
  Trainer(const Trainer&) = delete;
  Trainer& operator=(const Trainer&) = delete;

  // Starts from a safetensors file's values instead of the seed's.
  void set_weights(std::span<const std::byte> file) { read_weights(arena_, file); }

  // Where checkpoints go; goes on from the newest good one there is. `fingerprint` describes
  // everything that changes the result: another one in the folder is an Error. Returns warnings.
  std::vector<std::string> use_checkpoints(const std::string& folder, const std::string& fingerprint,
                                           double minutes, int64_t keep);

  // Trains. Interrupted or not finite: parameters are those of the last finished epoch; before
  // the first epoch's end an interrupt throws Interrupted.
  Ending run(FitHost& host);

  const ModelPlan& plan() const { return plan_; }
  const std::vector<EpochRow>& history() const { return history_; }
  Network& network() { return network_; }
  Arena& arena() { return arena_; }
  const FitOptions& options() const { return options_; }
  // Factor on the learning rate from now on, for callbacks; kept in checkpoints.
  double learning_rate_factor = 1;

 private:
  struct Sums {
    double loss = 0, reconstruction = 0, kl = 0, regularization = 0;
    int64_t drawings = 0;
    void add(const Losses& losses, int64_t n);
    Losses mean() const;
  };

  bool train_epoch(FitHost& host);  // false: interrupted or not finite
  Losses validate(FitHost& host, double kl_weight);
  int64_t steps_per_epoch() const;
  void save_checkpoint();
  void take_snapshot();
  void restore_snapshot();

  ModelPlan plan_;
  FitOptions options_;
  const BatchSource& train_;
  const BatchSource* validation_;
  Arena arena_;
  Network network_;
  std::vector<EpochRow> history_;
  std::vector<std::byte> snapshot_;  // parameter values after the last finished epoch
  // Where training stands: the epoch in work, its next step, what it has summed, all steps so far.
  int64_t epoch_ = 1, step_ = 0, total_steps_ = 0;
  Sums sums_;
  double epoch_seconds_ = 0;
  int64_t drawings_ = 0;
  double seconds_ = 0;
  Ending ending_ = Ending::finished;

  std::string checkpoint_folder_, fingerprint_;
  double checkpoint_minutes_ = 10;
  int64_t checkpoint_keep_ = 2;
  double last_checkpoint_ = 0;
};

// Reads the wire form {folder, fingerprint, minutes, keep} and calls use_checkpoints(); an empty
// list does nothing.
std::vector<std::string> start_checkpoints(Trainer& trainer, const Json& checkpoint);

}  // namespace sketchvae
