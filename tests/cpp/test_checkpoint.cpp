// src/engine/train/checkpoint.h
#include "train/checkpoint.h"

#include <doctest/doctest.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "error.h"
#include "temporary.h"

using namespace sketchvae;

namespace {

Arena some_arena(uint64_t seed) {
  Arena arena({{"a/kernel", Role::kernel, {9, 7}, 9, 7, false}}, Dtype::float32, 2);
  initialize(arena, seed);
  arena.value_as<float>(0)[3] = -0.0f;
  static_cast<float*>(arena.slot(0, 1))[5] = static_cast<float>(seed);
  return arena;
}

bool same(const Arena& a, const Arena& b) {
  return std::memcmp(a.all().data(), b.all().data(), a.all().size()) == 0;
}

Checkpoint some_state(int64_t epoch) {
  return {Json(Json::Object{{"epoch", Json(epoch)}, {"loss", Json(0.1)}}), {}};
}

}  // namespace

TEST_CASE("the newest checkpoint comes back, bit for bit, and the last k are kept") {
  const TemporaryFolder folder;
  const std::string path = folder.path("run/of/mine");
  Checkpoint with = some_state(3);
  const Arena nine = some_arena(9);
  with.snapshot.assign(nine.values().begin(), nine.values().end());
  for (int64_t i = 1; i <= 3; ++i) {
    write_checkpoint(path, i * 100, "print", i == 3 ? with : some_state(i), some_arena(static_cast<uint64_t>(i)), 2);
  }
  CHECK(std::distance(std::filesystem::directory_iterator(path), {}) == 2);
  Arena arena = some_arena(0);
  std::vector<std::string> warnings;
  const auto found = read_checkpoint(path, "print", arena, warnings);
  REQUIRE(found);
  CHECK(warnings.empty());
  CHECK(same(arena, some_arena(3)));
  CHECK(found->snapshot == with.snapshot);
  CHECK(found->state.at("epoch").integer() == 3);
  CHECK(found->state.at("loss").number() == 0.1);
}

TEST_CASE("an empty folder, or none, holds nothing") {
  const TemporaryFolder folder;
  Arena arena = some_arena(0);
  std::vector<std::string> warnings;
  CHECK_FALSE(read_checkpoint(folder.path(""), "print", arena, warnings));
  CHECK_FALSE(read_checkpoint(folder.path("nowhere"), "print", arena, warnings));
  CHECK(warnings.empty());
  CHECK(same(arena, some_arena(0)));
}

TEST_CASE("another fit's checkpoint is refused") {
  const TemporaryFolder folder;
  write_checkpoint(folder.path("run"), 1, "print", some_state(1), some_arena(1), 2);
  Arena arena = some_arena(0);
  std::vector<std::string> warnings;
  CHECK_THROWS_WITH_AS(read_checkpoint(folder.path("run"), "other", arena, warnings),
                       doctest::Contains("holds checkpoints of another fit"), Error);
  CHECK(same(arena, some_arena(0)));
}

TEST_CASE("a file cut anywhere, or with any bit flipped, gives way to the one before") {
  const TemporaryFolder folder;
  const std::string run = folder.path("run");
  write_checkpoint(run, 1, "print", some_state(1), some_arena(1), 2);
  write_checkpoint(run, 2, "print", some_state(2), some_arena(2), 2);
  const std::string newest = run + "/checkpoint-000000000002.safetensors";
  const std::string good = read_text(newest);
  const auto expect_older = [&](const std::string& content) {
    std::ofstream(newest, std::ios::binary) << content;
    Arena arena = some_arena(0);
    std::vector<std::string> warnings;
    const auto found = read_checkpoint(run, "print", arena, warnings);
    return found && warnings.size() == 1 && same(arena, some_arena(1)) &&
           found->state.at("epoch").integer() == 1;
  };
  for (size_t n = 0; n < good.size(); n += 37) CHECK(expect_older(good.substr(0, n)));
  CHECK(expect_older(good + "x"));
  // Bits of tensors and of the state; the header's own texts may change their case and be caught
  // as another fingerprint, which is an error and no silent damage.
  const size_t data = good.size() - 3 * static_cast<size_t>(some_arena(1).bytes_of(0));
  for (size_t at = data; at < good.size(); at += 11) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 16);
    CHECK(expect_older(bad));
  }
  std::string bad = good;
  const size_t at = bad.find("epoch");
  bad[at + 9] = '7';
  CHECK(expect_older(bad));
}

TEST_CASE("what a killed write left behind is removed") {
  const TemporaryFolder folder;
  write_checkpoint(folder.path("run"), 1, "print", some_state(1), some_arena(1), 2);
  folder.file("run/checkpoint-000000000002.safetensors.part123", "half");
  folder.file("run/notes.txt", "mine");
  Arena arena = some_arena(0);
  std::vector<std::string> warnings;
  CHECK(read_checkpoint(folder.path("run"), "print", arena, warnings));
  CHECK_FALSE(std::filesystem::exists(folder.path("run/checkpoint-000000000002.safetensors.part123")));
  CHECK(std::filesystem::exists(folder.path("run/notes.txt")));
}

TEST_CASE("a folder that is a file is named") {
  const TemporaryFolder folder;
  const std::string file = folder.file("x", "");
  CHECK_THROWS_WITH_AS(write_checkpoint(file, 1, "print", some_state(1), some_arena(1), 2),
                       doctest::Contains("cannot"), Error);
}
