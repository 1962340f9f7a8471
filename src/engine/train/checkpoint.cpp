#include "train/checkpoint.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "data/files.h"
#include "data/safetensors.h"
#include "error.h"

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

}  // namespace

void write_checkpoint(const std::string& folder, int64_t steps, const std::string& fingerprint,
                      const Checkpoint& checkpoint, const Arena& arena, int64_t keep) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Error("cannot make the folder '" + folder + "': " + error.message());
  const std::string state = write_json(checkpoint.state, NonFinite::named);
  uint64_t hash = hash_bytes(arena.all());
  hash = hash_bytes(checkpoint.snapshot, hash);
  hash = hash_bytes(std::as_bytes(std::span(state)), hash);
  std::vector<TensorView> tensors = {bytes_tensor("arena", arena.all())};
  if (!checkpoint.snapshot.empty()) {
    tensors.push_back(bytes_tensor("snapshot", checkpoint.snapshot));
  }
  const std::vector<std::byte> file = write_safetensors(
      tensors,
      {{"format", "1"}, {"fingerprint", fingerprint}, {"state", state}, {"hash", hex(hash)}});
  write_file(folder + "/" + file_name(steps), file);
  const auto names = list_checkpoints(folder);
  for (size_t i = static_cast<size_t>(std::max<int64_t>(keep, 1)); i < names.size(); ++i) {
    fs::remove(folder + "/" + names[i], error);
  }
}

std::optional<Checkpoint> read_checkpoint(const std::string& folder,
                                          const std::string& fingerprint, Arena& arena,
                                          std::vector<std::string>& warnings) {
  remove_leftovers(folder);
  for (const std::string& name : list_checkpoints(folder)) {
    const std::string path = folder + "/" + name;
    std::vector<std::byte> file;
    Safetensors content;
    Checkpoint checkpoint;
    try {
      file = read_file(path);
      content = read_safetensors(file);
      const std::string *state = content.meta("state"), *hash = content.meta("hash");
      const TensorView *block = content.find("arena"), *snapshot = content.find("snapshot");
      if (!state || !hash || !block || !content.meta("fingerprint")) {
        throw Error("parts of it are missing");
      }
      if (snapshot) checkpoint.snapshot.assign(snapshot->bytes.begin(), snapshot->bytes.end());
      uint64_t sum = hash_bytes(block->bytes);
      sum = hash_bytes(checkpoint.snapshot, sum);
      sum = hash_bytes(std::as_bytes(std::span(*state)), sum);
      if (hex(sum) != *hash) throw Error("its checksum is wrong");
      checkpoint.state = read_json(*state, NonFinite::named);
    } catch (const Error& error) {
      warnings.push_back("the checkpoint " + path + " is damaged and was passed over (" +
                         error.what() + ")");
      continue;
    }
    if (*content.meta("fingerprint") != fingerprint) {
      throw Error("the folder '" + folder +
                  "' holds checkpoints of another fit: other drawings, another model, or other "
                  "arguments that change the result. Give it another folder, or empty this one");
    }
    const TensorView* block = content.find("arena");
    if (block->bytes.size() != arena.all().size() ||
        (!checkpoint.snapshot.empty() && checkpoint.snapshot.size() != arena.values().size())) {
      throw Error("the checkpoint " + path + " has another size than this model");
    }
    std::memcpy(arena.all().data(), block->bytes.data(), block->bytes.size());
    return checkpoint;
  }
  return std::nullopt;
}

}  // namespace sketchvae
