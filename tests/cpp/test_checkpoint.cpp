// src/engine/train/checkpoint.h
#include "train/checkpoint.h"

#include <doctest/doctest.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "data/files.h"
#include "data/sealed.h"
#include "error.h"
#include "temporary.h"

using namespace sketchvae;

namespace {

constexpr char kPrint[] = R"({"options":{"seed":1}})";

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
    write_checkpoint(path, i * 100, kPrint, i == 3 ? with : some_state(i), some_arena(static_cast<uint64_t>(i)), 2);
  }
  CHECK(std::distance(std::filesystem::directory_iterator(path), {}) == 2);
  Arena arena = some_arena(0);
  std::vector<std::string> warnings;
  const auto found = read_checkpoint(path, kPrint, arena, warnings);
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
  CHECK_FALSE(read_checkpoint(folder.path(""), kPrint, arena, warnings));
  CHECK_FALSE(read_checkpoint(folder.path("nowhere"), kPrint, arena, warnings));
  CHECK(warnings.empty());
  CHECK(same(arena, some_arena(0)));
}

TEST_CASE("another fit's checkpoint is refused") {
  const TemporaryFolder folder;
  write_checkpoint(folder.path("run"), 1, kPrint, some_state(1), some_arena(1), 2);
  Arena arena = some_arena(0);
  std::vector<std::string> warnings;
  CHECK_THROWS_WITH_AS(read_checkpoint(folder.path("run"), R"({"options":{"seed":2}})", arena, warnings),
                       doctest::Contains("holds checkpoints of another fit: seed is 2 here and 1 there."), Error);
  CHECK(same(arena, some_arena(0)));
}

TEST_CASE("a file cut anywhere, or with any bit flipped, gives way to the one before") {
  const TemporaryFolder folder;
  const std::string run = folder.path("run");
  write_checkpoint(run, 1, kPrint, some_state(1), some_arena(1), 2);
  write_checkpoint(run, 2, kPrint, some_state(2), some_arena(2), 2);
  const std::string newest = run + "/checkpoint-000000000002.safetensors";
  const std::string good = read_text(newest);
  const auto expect_older = [&](const std::string& content) {
    std::ofstream(newest, std::ios::binary) << content;
    Arena arena = some_arena(0);
    std::vector<std::string> warnings;
    const auto found = read_checkpoint(run, kPrint, arena, warnings);
    return found && warnings.size() == 1 && same(arena, some_arena(1)) &&
           found->state.at("epoch").integer() == 1;
  };
  for (size_t n = 0; n < good.size(); n += 7) CHECK(expect_older(good.substr(0, n)));
  CHECK(expect_older(good + "x"));
  for (size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ (1 << (at % 8)));
    CHECK(expect_older(bad));
  }
}

TEST_CASE("only good checkpoints count for those that are kept") {
  const auto damage = [](const std::string& path) {
    std::string bytes = read_text(path);
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    std::ofstream(path, std::ios::binary) << bytes;
  };
  const auto name = [](int64_t steps) { return "checkpoint-00000000000" + std::to_string(steps) + ".safetensors"; };
  for (const int64_t keep : {1, 2, 3}) {
    CAPTURE(keep);
    const TemporaryFolder folder;
    const std::string run = folder.path("run");
    const auto write = [&](int64_t steps) {
      write_checkpoint(run, steps, kPrint, some_state(steps), some_arena(static_cast<uint64_t>(steps)), keep);
    };
    const auto newest = [&] {
      Arena arena = some_arena(0);
      std::vector<std::string> warnings;
      const auto found = read_checkpoint(run, kPrint, arena, warnings);
      return found ? found->state.at("epoch").integer() : 0;
    };
    const auto there = [&](int64_t steps) { return std::filesystem::exists(run + "/" + name(steps)); };
    // The newest are damaged: the fit goes on from before them, and is killed before it comes to them.
    write(2);
    write(6);
    damage(run + "/" + name(6));
    write(3);
    CHECK(newest() == 3);
    write(4);
    CHECK(newest() == 4);
    CHECK(there(3) == (keep >= 2));
    CHECK(there(2) == (keep >= 3));
    CHECK_FALSE(there(6));
    // One in the middle.
    if (keep >= 2) damage(run + "/" + name(3));
    write(5);
    CHECK(newest() == 5);
    CHECK(there(4) == (keep >= 2));
    CHECK(there(2) == (keep >= 3));
  }
}

TEST_CASE("checkpoints of format 1 are read") {
  const std::string file = std::string(SKETCHVAE_TEST_DIR) + "/../fixtures/checkpoint-format-1.safetensors";
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.path("run"));
  folder.file("run/checkpoint-000000000003.safetensors", read_text(file));
  Arena arena = some_arena(0);
  std::vector<std::string> warnings;
  const auto found = read_checkpoint(folder.path("run"), kPrint, arena, warnings);
  REQUIRE(found);
  CHECK(same(arena, some_arena(3)));
  CHECK(found->state.at("epoch").integer() == 3);
  const Arena nine = some_arena(9);
  REQUIRE(found->snapshot.size() == nine.values().size());
  CHECK(std::memcmp(found->snapshot.data(), nine.values().data(), found->snapshot.size()) == 0);
  // Its tensors and its state are known to be whole.
  std::string bad = read_text(file);
  bad[bad.size() - 9] = static_cast<char>(bad[bad.size() - 9] ^ 1);
  folder.file("run/checkpoint-000000000003.safetensors", bad);
  CHECK_FALSE(read_checkpoint(folder.path("run"), kPrint, arena, warnings));
}

TEST_CASE("a checkpoint of a later version is refused, not passed over") {
  const TemporaryFolder folder;
  const std::string run = folder.path("run");
  write_checkpoint(run, 1, kPrint, some_state(1), some_arena(1), 2);
  write_file(run + "/checkpoint-000000000002.safetensors", write_sealed({}, {{"format", "3"}}));
  Arena arena = some_arena(0);
  std::vector<std::string> warnings;
  CHECK_THROWS_WITH_AS(read_checkpoint(run, kPrint, arena, warnings), doctest::Contains("newer sketchvae"), Error);
}

TEST_CASE("what a killed write left behind is removed") {
  const TemporaryFolder folder;
  write_checkpoint(folder.path("run"), 1, kPrint, some_state(1), some_arena(1), 2);
  folder.file("run/checkpoint-000000000002.safetensors.part123", "half");
  folder.file("run/notes.txt", "mine");
  Arena arena = some_arena(0);
  std::vector<std::string> warnings;
  CHECK(read_checkpoint(folder.path("run"), kPrint, arena, warnings));
  CHECK_FALSE(std::filesystem::exists(folder.path("run/checkpoint-000000000002.safetensors.part123")));
  CHECK(std::filesystem::exists(folder.path("run/notes.txt")));
}

TEST_CASE("a folder that is a file is named") {
  const TemporaryFolder folder;
  const std::string file = folder.file("x", "");
  CHECK_THROWS_WITH_AS(write_checkpoint(file, 1, kPrint, some_state(1), some_arena(1), 2),
                       doctest::Contains("cannot"), Error);
}
