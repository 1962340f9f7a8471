// The checkpoints of one fit: the folder that is this fit's alone as long as it runs, when one is due,
// and what becomes of those that cannot be written. Tests: tests/cpp/test_trainer.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "data/files.h"
#include "params/arena.h"
#include "train/fit_host.h"
#include "train/fit_state.h"

namespace sketchvae {

struct CheckpointPlace {
  std::string folder;       // empty: no checkpoints
  std::string fingerprint;  // see train/fingerprint.h
  double minutes = 10;      // between two within an epoch
  int64_t keep = 2;
};

// Reads the wire form {folder, fingerprint, minutes, keep}; an empty list is no folder.
CheckpointPlace read_checkpoint_place(const Json& checkpoint);

class FitCheckpoints {
 public:
  FitCheckpoints() = default;  // none
  // Locks the folder. Throws Error when another fit uses it.
  explicit FitCheckpoints(CheckpointPlace place);

  // Reads the newest good checkpoint, if there is one: state and parameters.
  void read(FitState& state, Arena& arena);
  // The run begins: minutes count from here.
  void begin();
  bool due() const;
  // Nothing without a folder. What cannot be written does not end the night's training: it is said
  // once among the state's warnings, and tried again when the next one is due.
  void save(FitState& state, const Arena& arena, FitHost& host);
  // The folder is free again.
  void leave() { lock_.reset(); }

 private:
  CheckpointPlace place_;
  std::unique_ptr<FolderLock> lock_;
  double last_ = 0;
  bool failed_ = false;
};

}  // namespace sketchvae
