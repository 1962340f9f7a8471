// src/engine/ops/team.h
#include "ops/team.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "error.h"

using namespace sketchvae;

TEST_CASE("every share is done once, however many threads OpenMP gives") {
  const auto counts = [](int shares) {
    std::vector<int> done(static_cast<size_t>(shares));
    on_team(shares, [&](int t, int of) { done[static_cast<size_t>(t)] += of; });
    return done;
  };
  CHECK(counts(5) == std::vector<int>(5, 5));
#ifdef _OPENMP
  const int levels = omp_get_max_active_levels();
  omp_set_max_active_levels(0);
  CHECK(counts(5) == std::vector<int>(5, 5));
  omp_set_max_active_levels(levels);
  std::vector<int> nested;
#pragma omp parallel num_threads(2)
  if (omp_get_thread_num() == 0) nested = counts(3);
  CHECK(nested == std::vector<int>(3, 3));
#endif
}

TEST_CASE("what a thread throws comes out, the first share's before another's") {
  CHECK_THROWS_WITH_AS(on_team(4, [](int t, int) { if (t > 0) throw Error(std::to_string(t)); }), "1", Error);
}
