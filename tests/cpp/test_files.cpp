// src/engine/data/files.h
#include "data/files.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <set>

#include "error.h"
#include "temporary.h"

using namespace sketchvae;

namespace {

std::vector<std::byte> some_bytes(size_t n) {
  std::vector<std::byte> bytes(n);
  for (size_t i = 0; i < n; ++i) bytes[i] = static_cast<std::byte>(i * 2654435761u >> 11);
  return bytes;
}

}  // namespace

TEST_CASE("what is read is what was written, and nothing else is left in the folder") {
  const TemporaryFolder folder;
  const std::string path = folder.path("a file");
  for (const size_t n : {0, 1, 4096, 100001}) {
    write_file(path, some_bytes(n));
    CHECK(read_file(path) == some_bytes(n));
    CHECK(folder.count() == 1);
  }
}

TEST_CASE("a failed write leaves the old file, names the path, and cleans up") {
  const TemporaryFolder folder;
  const std::string path = folder.path("x");
  // A folder of that name: the rename fails.
  std::filesystem::create_directories(path + "/inside");
  CHECK_THROWS_AS(write_file(path, some_bytes(10)), Error);
  CHECK(folder.count() == 1);
  const std::string nowhere = folder.path("no/such/x");
  CHECK_THROWS_WITH_AS(write_file(nowhere, some_bytes(10)),
                       ("cannot write '" + nowhere + "': No such file or directory").c_str(), Error);
}

TEST_CASE("what cannot be read is named") {
  const TemporaryFolder folder;
  const std::string path = folder.path("x");
  CHECK_THROWS_WITH_AS(read_file(path), ("cannot read '" + path + "': No such file or directory").c_str(),
                       Error);
  CHECK_THROWS_AS(read_file(folder.path("")), Error);
}

TEST_CASE("a folder is held by one at a time, and let go by an end of any kind") {
  const TemporaryFolder folder;
  const std::string path = folder.path(".");
  const auto held = [&] {
    try {
      const FolderLock again(path);
      return false;
    } catch (const Error& error) {
      CHECK(std::string(error.what()).find("'" + path + "' is in use") != std::string::npos);
      return true;
    }
  };
  {
    const FolderLock lock(path);
    CHECK(held());
  }
  CHECK(!held());
  // A child that is killed; the pipe says when it holds the folder.
  int pipes[2];
  REQUIRE(::pipe(pipes) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const FolderLock lock(path);
    if (::write(pipes[1], "x", 1) != 1) ::_exit(1);
    for (;;) ::pause();
  }
  char byte;
  REQUIRE(::read(pipes[0], &byte, 1) == 1);
  CHECK(held());
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  CHECK(!held());
  {
    // One that is forked while the folder is held, and lives on, holds nothing.
    auto lock = std::make_unique<FolderLock>(path);
    CHECK(lock->is_there());
    const pid_t forked = ::fork();
    REQUIRE(forked >= 0);
    if (forked == 0) {
      for (;;) ::pause();
    }
    CHECK(held());
    lock.reset();
    CHECK(!held());
    ::kill(forked, SIGKILL);
    ::waitpid(forked, nullptr, 0);
  }
  {
    const FolderLock lock(path);
    std::filesystem::remove(path + "/lock");
    CHECK(!lock.is_there());
  }
  ::close(pipes[0]);
  ::close(pipes[1]);
  CHECK_NOTHROW(FolderLock(folder.path("not there")));
}

TEST_CASE("the hash tells lengths, orders, single bits and seeds apart") {
  std::set<uint64_t> seen;
  size_t asked = 0;
  const auto add = [&](const std::vector<std::byte>& bytes, uint64_t seed = 0) {
    seen.insert(hash_bytes(bytes, seed));
    ++asked;
  };
  for (size_t n = 0; n < 200; ++n) add(std::vector<std::byte>(n));
  for (size_t n = 33; n < 100; ++n) {
    for (size_t bit = 0; bit < 8 * n; ++bit) {
      auto bytes = some_bytes(n);
      bytes[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
      add(bytes);
    }
  }
  add(some_bytes(64), 1);
  auto swapped = some_bytes(64);
  std::swap_ranges(swapped.begin(), swapped.begin() + 8, swapped.begin() + 8);
  add(swapped);
  CHECK(seen.size() == asked);
}
