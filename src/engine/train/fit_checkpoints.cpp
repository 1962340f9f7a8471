#include "train/fit_checkpoints.h"

#include <utility>

#include "clock.h"
#include "data/json.h"
#include "error.h"
#include "train/checkpoint.h"

namespace sketchvae {

CheckpointPlace read_checkpoint_place(const Json& json) {
  if (!json.is_object()) return {};
  return {json.at("folder").string("folder"), json.at("fingerprint").string("fingerprint"),
          json.at("minutes").number("minutes"), json.at("keep").integer("keep")};
}

FitCheckpoints::FitCheckpoints(CheckpointPlace place) : place_(std::move(place)) {
  if (!place_.folder.empty()) lock_ = std::make_unique<FolderLock>(place_.folder);
}

void FitCheckpoints::read(FitState& state, Arena& arena) {
  if (!lock_) return;
  auto found = read_checkpoint(place_.folder, place_.fingerprint, arena, state.warnings);
  if (!found) return;
  auto warnings = std::move(state.warnings);
  state = read_fit_state(std::move(*found));
  state.warnings = std::move(warnings);
  if (state.step > 0 && state.snapshot.empty()) {
    throw Error("a checkpoint in '" + place_.folder + "' has no weights of the last finished epoch");
  }
}

void FitCheckpoints::begin() { last_ = seconds_now(); }

bool FitCheckpoints::due() const {
  return !place_.folder.empty() && seconds_now() - last_ > place_.minutes * 60;
}

void FitCheckpoints::save(FitState& state, const Arena& arena, FitHost& host) {
  if (place_.folder.empty()) return;
  try {
    if (lock_ && !lock_->is_there()) {  // somebody removed the folder
      make_folder(place_.folder);
      lock_ = std::make_unique<FolderLock>(place_.folder);
      host.on_new_folder();
    }
    write_checkpoint(place_.folder, state.total_steps, place_.fingerprint, write_fit_state(state),
                     arena, place_.keep);
  } catch (const Error& error) {
    if (!failed_) {
      state.warnings.push_back("a checkpoint could not be written after epoch " +
                               std::to_string(state.history.empty() ? 0 : state.history.back().epoch) +
                               ": " + error.what());
    }
    failed_ = true;
  }
  last_ = seconds_now();
}

}  // namespace sketchvae
