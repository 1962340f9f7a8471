// Where a fit stands: plain data, and all of a checkpoint but the parameters themselves.
// Tests: tests/cpp/test_fit_state.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "net/step.h"
#include "train/checkpoint.h"

namespace sketchvae {

enum class Ending { finished, interrupted, non_finite, callback, failed };

// One row of history: means over the epoch's drawings, the last short batch counting by its size.
struct EpochRow {
  int64_t epoch = 0;
  double kl_weight = 0, learning_rate = 0;
  Losses train;
  std::optional<Losses> validation;
  double seconds = 0;  // of the epoch's steps, without validation and callbacks
};

struct FitState {
  // The epoch in work, its next step, what it has summed, and all steps so far.
  int64_t epoch = 1, step = 0, total_steps = 0;
  Sums sums;
  double epoch_seconds = 0;
  std::vector<EpochRow> history;
  // Factor on the learning rate from the next epoch on, and in the one in work.
  double learning_rate_factor = 1, epoch_factor = 1;
  bool last_asked = false;   // the epoch in work shall be the last
  int64_t finished_at = 0;   // last_epoch() of the run that the host finished early
  // Shall a fit that its host finished end with the parameters that were kept, and whose are they?
  bool restore_kept = false;
  int64_t kept_epoch = 0;
  int threads = 1;
  std::string plan;  // its rule's name; empty: of a version without rules
  std::vector<std::byte> snapshot;  // parameter values after the last finished epoch
  std::vector<std::byte> kept;      // those that are to be restored at the end; may be empty

  // Of this run alone, in no checkpoint.
  int64_t restored_epoch = 0;  // whose parameters the finished run has restored
  int64_t drawings = 0;        // seen in this run
  double seconds = 0;          // spent in steps in this run
  std::vector<std::string> warnings;  // what went wrong without ending the fit
};

// The one place where a state becomes a checkpoint's content, and is read from one. Numbers that are
// not finite come back as they were.
Checkpoint write_fit_state(const FitState& state);
FitState read_fit_state(Checkpoint checkpoint);

}  // namespace sketchvae
