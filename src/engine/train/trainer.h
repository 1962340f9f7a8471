// The training loop: batches, schedules, history, checkpoints, and when to stop. It owns no
// arithmetic: that is net/network.h. One trainer serves every model and device.
// Tests: tests/cpp/test_trainer.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "host.h"
#include "net/network.h"
#include "net/resident.h"
#include "ops/optimizer.h"
#include "params/arena.h"
#include "spec/layer_table.h"
#include "train/batches.h"
#include "data/files.h"
#include "train/checkpoint.h"
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
  Device device = Device::cpu;
  Precision precision = Precision::float32;
  bool resident = false;  // enqueue steps as on a GPU (net/resident.h): so tests need none

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

// What a host says to going on: `finish` ends the fit for good (early stopping) when the epoch is
// whole, `fail` and `interrupt` end this run only, at once.
enum class Verdict { go_on, finish, fail, interrupt };

// Who watches a fit. Called on the main thread only.
class FitHost : public Host {
 public:
  // Before the first batch, checkpoint and weights read. Nothing is called when nothing is to do.
  virtual Verdict on_begin(Trainer&) { return Verdict::go_on; }
  // After a batch.
  virtual Verdict on_batch(const BatchState&) { return Verdict::go_on; }
  // On a GPU on_batch comes after every so many batches, and the parameters are then those of that
  // batch; 0: about ten times a second, with losses that lag behind by as much.
  virtual int64_t batch_every() const { return 0; }
  // After an epoch and its validation.
  virtual Verdict on_epoch(Trainer&) { return Verdict::go_on; }
  // The folder of checkpoints was gone and has been made anew: what else belongs into it is missing.
  // Throws Error when that cannot be written.
  virtual void on_new_folder() {}
  void progress(int64_t, int64_t) override {}
};

enum class Ending { finished, interrupted, non_finite, callback, failed };

class Trainer {
 public:
  // `train` and `validation` (may be null) must outlive the trainer.
  Trainer(const ModelSpec& model, const FitOptions& options, const BatchSource& train,
          const BatchSource* validation);
  Trainer(const Trainer&) = delete;
  Trainer& operator=(const Trainer&) = delete;

  // Starts from a safetensors file's values instead of the seed's.
  void set_weights(std::span<const std::byte> file) { read_weights(arena_, file); }

  // Where checkpoints go; goes on from the newest good one there is. `fingerprint` (see
  // train/fingerprint.h) is everything that changes the result: another one in the folder is an Error,
  // and so is a folder that another trainer uses. It is this one's as long as it lives.
  void use_checkpoints(const std::string& folder, const std::string& fingerprint, double minutes,
                       int64_t keep);

  // Did use_checkpoints() find one to go on from?
  bool resumed() const { return total_steps_ > 0; }

  // Trains. However it ends, by an exception too, the parameters are those of the last finished
  // epoch (or the initial ones); before the first epoch's end an interrupt throws Interrupted. A fit
  // that its host finished early stays finished when it is read back, until there are more epochs.
  Ending run(FitHost& host);

  // What went wrong without ending the fit: damaged checkpoints, ones that could not be written,
  // steps that a GPU could not capture.
  const std::vector<std::string>& warnings() const { return warnings_; }

  const ModelPlan& plan() const { return plan_; }
  const std::vector<EpochRow>& history() const { return history_; }
  Network& network() { return network_; }
  // The parameters as they are: on a GPU the steps under way are waited for.
  Arena& arena();
  const FitOptions& options() const { return options_; }
  // Factor on the learning rate from the next epoch on, for callbacks; kept in checkpoints, as the two
  // below are.
  double learning_rate_factor = 1;
  // Shall a fit that its host finished end with the parameters that were kept?
  bool restore_kept = false;
  // Keeps the parameters of the last finished epoch.
  void keep_weights();
  // The epoch whose parameters a finished run has restored; 0: those of its last one.
  int64_t restored_epoch() const { return restored_epoch_; }

 private:
  struct Sums {
    double loss = 0, reconstruction = 0, kl = 0, regularization = 0;
    int64_t drawings = 0;
    void add(const Losses& losses, int64_t n);
    Losses mean() const;
  };

  Ending run_epochs(FitHost& host);
  // Interrupted: with an epoch done an ending, else the exception.
  Ending interrupted() const;
  bool train_epoch(FitHost& host);  // false: it did not reach its end
  // The steps of an epoch, one by one or enqueued on a GPU (train/device_epoch.cpp).
  bool steps_on_host(FitHost& host, const std::vector<int64_t>& order);
  bool steps_on_device(FitHost& host, const std::vector<int64_t>& order);
  bool heeds(Verdict verdict);  // false: the epoch ends here
  bool checkpoint_due() const;
  Losses validate(FitHost& host, double kl_weight);
  int64_t steps_per_epoch() const;
  double rate_now() const;
  Checkpoint checkpoint() const;
  void save_checkpoint(FitHost& host);
  void take_snapshot();
  void restore_snapshot();
  void leave();  // waits for a GPU and restores the snapshot

  ModelPlan plan_;
  FitOptions options_;
  const BatchSource& train_;
  const BatchSource* validation_;
  Arena arena_;
  Network network_;
  std::unique_ptr<Resident> resident_;  // on a GPU, from the first epoch on
  std::vector<EpochRow> history_;
  std::vector<std::byte> snapshot_;  // parameter values after the last finished epoch
  std::vector<std::byte> kept_;      // parameter values that keep_weights() kept
  int64_t kept_epoch_ = 0, restored_epoch_ = 0;
  // The factor on the learning rate in the epoch in work, and whether it shall be the last.
  double epoch_factor_ = 1;
  bool last_asked_ = false;
  // Where training stands: the epoch in work, its next step, what it has summed, all steps so far.
  int64_t epoch_ = 1, step_ = 0, total_steps_ = 0;
  Sums sums_;
  double epoch_seconds_ = 0;
  int64_t drawings_ = 0;
  double seconds_ = 0;
  Ending ending_ = Ending::finished;

  std::string checkpoint_folder_, fingerprint_;
  std::unique_ptr<FolderLock> lock_;
  double checkpoint_minutes_ = 10;
  int64_t checkpoint_keep_ = 2;
  double last_checkpoint_ = 0;
  bool checkpoint_failed_ = false, told_uncaptured_ = false;
  int64_t finished_at_ = 0;  // last_epoch() of the run that the host finished early
  std::vector<std::string> warnings_;
};

// Reads the wire form {folder, fingerprint, minutes, keep} and calls use_checkpoints(); an empty
// list does nothing.
void start_checkpoints(Trainer& trainer, const Json& checkpoint);

}  // namespace sketchvae
