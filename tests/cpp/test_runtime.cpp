// src/engine/net/runtime.h
#include <doctest/doctest.h>

#include <string>

#include "error.h"
#include "net/runtime.h"

using namespace sketchvae;

TEST_CASE("the LibTorch that is loaded is the one that was compiled against") {
  CHECK(libtorch_loaded_version() == libtorch_compiled_version());
  CHECK(libtorch_path().find("/libtorch_cpu.") != std::string::npos);
}

TEST_CASE("one LibTorch is in the process, and it is ours") {
  const auto loaded = loaded_libtorch_paths();
  REQUIRE(loaded.size() == 1);
  CHECK(loaded[0] == libtorch_path());
}

TEST_CASE("LibTorch's threads can be set, but not to nothing") {
  const int before = torch_threads();
  set_torch_threads(1);
  CHECK(torch_threads() == 1);
  CHECK_THROWS_AS(set_torch_threads(0), Error);
  CHECK(torch_threads() == 1);
  set_torch_threads(before);
  CHECK(torch_threads() == before);
}

TEST_CASE("a GPU that cannot be used has a reason") { CHECK_FALSE(gpu_status().reason.empty()); }
