// src/engine/README.md: a file of the engine includes its own floor and those below.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <string>

namespace {

const std::map<std::string, int> kFloors = {
    {"", 0},        {"data", 1}, {"params", 1}, {"random", 1}, {"spec", 1}, {"cuda", 2},
    {"latent", 2}, {"log", 2},  {"ops", 2},    {"layers", 3}, {"net", 3},  {"quality", 3}, {"train", 4}};

}  // namespace

TEST_CASE("includes of the engine run downwards") {
  namespace fs = std::filesystem;
  const fs::path engine = fs::path(SKETCHVAE_TEST_DIR) / "../../src/engine";
  const std::regex include("^#include \"(?:([^/\"]+)/)?([^/\"]+)\"");
  int seen = 0;
  for (const auto& entry : fs::recursive_directory_iterator(engine)) {
    const fs::path path = fs::relative(entry.path(), engine);
    if (!std::regex_match(path.extension().string(), std::regex(".(h|cpp|cu)"))) continue;
    CAPTURE(path.string());
    const auto floor = kFloors.find(path.parent_path().string());
    REQUIRE(floor != kFloors.end());
    std::ifstream file(entry.path());
    std::smatch found;
    for (std::string line; std::getline(file, line);) {
      if (!std::regex_search(line, found, include)) continue;
      CAPTURE(line);
      const auto below = kFloors.find(found[1].str());
      REQUIRE(below != kFloors.end());
      CHECK(below->second <= floor->second);
      ++seen;
    }
  }
  CHECK(seen > 300);
}
