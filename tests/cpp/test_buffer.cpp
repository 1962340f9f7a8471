// buffer.h: alignment, zeros, growth.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <new>

#include "buffer.h"
#include "ops/team.h"

using namespace sketchvae;

TEST_CASE("memory begins at a cache line, large pieces at a huge page, and is zero") {
  for (const int64_t bytes : {1, 63, 4097, (2 << 20) - 1, (2 << 20) + 1}) {
    const Memory memory = allocate(bytes);
    const auto at = reinterpret_cast<uintptr_t>(memory.get());
    CHECK(at % (bytes >= (2 << 20) ? 2 << 20 : 64) == 0);
    CHECK(std::all_of(memory.get(), memory.get() + bytes, [](std::byte b) { return b == std::byte{0}; }));
  }
}

TEST_CASE("what cannot be had is an error") {
  CHECK_THROWS_AS(allocate(int64_t{1} << 60), std::bad_alloc);
}

TEST_CASE("a buffer grows, keeps what it has when asked for less, and zeros on request") {
  FloatBuffer buffer;
  buffer.at_least(10)[9] = 3;
  CHECK(buffer.at_least(5) == buffer.data());
  CHECK(buffer.data()[9] == 3);
  CHECK(buffer.at_least(1000)[999] == 0);
  CHECK(buffer.zeros(10)[9] == 0);
  CHECK(buffer.size() == 10);
}

TEST_CASE("what a thread of a team throws comes out of it") {
  CHECK_THROWS_AS(on_team(3, [](int t, int) { if (t == 0) allocate(int64_t{1} << 60); }), std::bad_alloc);
  int done = 0;
  on_team(1, [&](int t, int team) { done = t + team; });
  CHECK(done == 1);
}
