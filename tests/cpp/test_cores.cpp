// src/engine/cores.h
#include <doctest/doctest.h>
#ifdef __linux__
#include <sched.h>
#endif

#include <thread>

#include "cores.h"

TEST_CASE("physical cores are at least one and no more than the hardware's threads") {
  CHECK(sketchvae::physical_cores() >= 1);
  CHECK(sketchvae::physical_cores() <= static_cast<int>(std::thread::hardware_concurrency()));
}

#ifdef __linux__
TEST_CASE("a process bound to one CPU has one core") {
  cpu_set_t before, one;
  REQUIRE(sched_getaffinity(0, sizeof(before), &before) == 0);
  int cpu = 0;
  while (!CPU_ISSET(cpu, &before)) ++cpu;
  CPU_ZERO(&one);
  CPU_SET(cpu, &one);
  REQUIRE(sched_setaffinity(0, sizeof(one), &one) == 0);
  CHECK(sketchvae::physical_cores() == 1);
  REQUIRE(sched_setaffinity(0, sizeof(before), &before) == 0);
}
#endif
