#include "train/checkpoint.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "data/files.h"
#include "data/sealed.h"
#include "error.h"
#include "train/fingerprint.h"

namespace sketchvae {
namespace {

namespace fs = std::filesystem;

constexpr char kPrefix[] = "checkpoint-";
constexpr char kSuffix[] = ".safetensors";

std::string file_name(int64_t steps) {
  const std::string digits = std::to_string(steps);
  return kPrefix + std::string(12 - std::min<size_t>(digits.size(), 12), '0') + digits + kSuffix;
}

// Newest first: the names are padded, so that their order is the order of steps.
std::vector<std::string> list_checkpoints(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (name.starts_with(kPrefix) && name.ends_with(kSuffix)) names.push_back(name);
  }
  std::sort(names.rbegin(), names.rend());
  return names;
}

// What a killed process left half-written: a folder belongs to one fit, and to one run at a time.
void remove_leftovers(const std::string& folder) {
  std::vector<fs::path> leftovers;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (name.starts_with(kPrefix) && name.find(".safetensors.part") != std::string::npos) {
      leftovers.push_back(it->path());
    }
  }
  for (const fs::path& path : leftovers) fs::remove(path, error);
}

std::string hex(uint64_t value) {
  char text[17] = {};
  const auto result = std::to_chars(text, text + 16, value, 16);
  return {text, result.ptr};
}

TensorView bytes_tensor(const char* name, std::span<const std::byte> bytes) {
  return {name, "U8", {static_cast<int64_t>(bytes.size())}, bytes};
}

constexpr char kFormat[] = "2";

// A checkpoint's file and views into it.
struct CheckpointFile {
  std::vector<std::byte> bytes;
  Safetensors content;

  const std::string& meta(const char* key) const {
    const std::string* value = content.meta(key);
    if (!value) throw Error(std::string("its ") + key + " is missing");
    return *value;
  }
  std::span<const std::byte> tensor(const char* name) const {
    const TensorView* found = content.find(name);
    return found ? found->bytes : std::span<const std::byte>();
  }
};

// Format 1 had a checksum of its tensors and its state among the metadata.
bool old_hash_holds(const CheckpointFile& file) {
  const std::string* hash = file.content.meta("hash");
  if (!hash) return false;
  uint64_t sum = hash_bytes(file.tensor("arena"));
  sum = hash_bytes(file.tensor("snapshot"), sum);
  return hex(hash_bytes(std::as_bytes(std::span(file.meta("state"))), sum)) == *hash;
}

// Throws Error with what is wrong with a damaged one.
CheckpointFile check_whole(std::vector<std::byte> bytes) {
  CheckpointFile file;
  file.bytes = std::move(bytes);
  file.content = read_safetensors(file.bytes);
  if (!seal_holds(file.bytes) && !old_hash_holds(file)) throw Error("its checksum is wrong");
  return file;
}

bool is_whole(std::vector<std::byte> bytes) {
  try {
    check_whole(std::move(bytes));
    return true;
  } catch (const Error&) {
    return false;
  }
}

// What cannot be read now may be good: it does not count, and stays.
void remove_old(const std::string& folder, const std::string& newest, size_t keep) {
  std::vector<std::string> names = list_checkpoints(folder);
  if (names.size() <= keep) return;
  std::erase(names, newest);
  size_t good = 1;
  for (const std::string& name : names) {
    const std::string path = folder + "/" + name;
    try {
      if (good < keep && is_whole(read_file(path))) {
        ++good;
        continue;
      }
    } catch (const Error&) {
      continue;
    }
    std::error_code error;
    fs::remove(path, error);
  }
}

void refuse_another_fit(const std::string& folder, const std::string& here, const std::string& there) {
  const auto differences = fingerprint_differences(here, there);
  if (differences.empty()) return;
  constexpr size_t kSaid = 3;
  std::string said;
  for (size_t i = 0; i < std::min(kSaid, differences.size()); ++i) said += (i ? "; " : "") + differences[i];
  if (differences.size() > kSaid) {
    said += "; and " + std::to_string(differences.size() - kSaid) + " more";
  }
  throw Error("the folder '" + folder + "' holds checkpoints of another fit: " + said +
              ". Give this fit another folder, or empty that one");
}

}  // namespace

void write_checkpoint(const std::string& folder, int64_t steps, const std::string& fingerprint,
                      const Checkpoint& checkpoint, const Arena& arena, int64_t keep) {
  make_folder(folder);
  std::vector<TensorView> tensors = {bytes_tensor("arena", arena.all())};
  if (!checkpoint.snapshot.empty()) {
    tensors.push_back(bytes_tensor("snapshot", checkpoint.snapshot));
  }
  if (!checkpoint.kept.empty()) tensors.push_back(bytes_tensor("kept", checkpoint.kept));
  const std::string name = file_name(steps);
  write_file(folder + "/" + name,
             write_sealed(std::move(tensors),
                          {{"format", kFormat},
                           {"fingerprint", fingerprint},
                           {"state", write_json(checkpoint.state, NonFinite::named)}}));
  remove_old(folder, name, static_cast<size_t>(std::max<int64_t>(keep, 1)));
}

std::optional<Checkpoint> read_checkpoint(const std::string& folder,
                                          const std::string& fingerprint, Arena& arena,
                                          std::vector<std::string>& warnings) {
  remove_leftovers(folder);
  for (const std::string& name : list_checkpoints(folder)) {
    const std::string path = folder + "/" + name;
    CheckpointFile file;
    Checkpoint checkpoint;
    try {
      file = check_whole(read_file(path));
    } catch (const Error& error) {
      warnings.push_back("the checkpoint " + path + " is damaged and was passed over (" +
                         error.what() + ")");
      continue;
    }
    if (file.meta("format") != "1" && file.meta("format") != kFormat) {
      throw Error("the checkpoint " + path + " was written by a newer sketchvae: update the package");
    }
    refuse_another_fit(folder, fingerprint, file.meta("fingerprint"));
    checkpoint.state = read_json(file.meta("state"), NonFinite::named);
    const auto block = file.tensor("arena"), snapshot = file.tensor("snapshot"),
               kept = file.tensor("kept");
    const auto other = [&](const auto& values) {
      return !values.empty() && values.size() != arena.values().size();
    };
    if (block.size() != arena.all().size() || other(snapshot) || other(kept)) {
      throw Error("the checkpoint " + path + " has another size than this model");
    }
    checkpoint.snapshot.assign(snapshot.begin(), snapshot.end());
    checkpoint.kept.assign(kept.begin(), kept.end());
    std::memcpy(arena.all().data(), block.data(), block.size());
    return checkpoint;
  }
  return std::nullopt;
}

}  // namespace sketchvae
