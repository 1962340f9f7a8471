// A fit on disk: parameters, optimizer state, counters, sums and history, from which it goes on bit
// for bit. Files are checkpoint-<steps>.safetensors, sealed (data/sealed.h). Tests: tests/cpp/test_checkpoint.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/json.h"
#include "params/arena.h"

namespace sketchvae {

struct Checkpoint {
  Json state;                             // counters, sums, history: train/trainer writes and reads it
  std::vector<std::byte> snapshot = {};  // values after the last finished epoch; empty: as the arena
  std::vector<std::byte> kept = {};      // values that are to be restored at the end; may be empty
};

// Writes one file and keeps it and the newest good ones before it, `keep` in all; damaged ones go
// first. Throws Error (full disk, read-only).
void write_checkpoint(const std::string& folder, int64_t steps, const std::string& fingerprint,
                      const Checkpoint& checkpoint, const Arena& arena, int64_t keep);

// The newest good checkpoint of the folder, read into `arena`, or nothing when there is none.
// Damaged ones are passed over with a warning; what a killed write left behind is removed. Throws
// Error when it belongs to another fit (train/fingerprint.h), and says what differs.
std::optional<Checkpoint> read_checkpoint(const std::string& folder,
                                          const std::string& fingerprint, Arena& arena,
                                          std::vector<std::string>& warnings);

}  // namespace sketchvae
