// A team of OpenMP threads whose exceptions come out on the calling thread: one that left a parallel
// region by itself would end the process.
#pragma once

#ifdef _OPENMP
#include <omp.h>
#endif

#include <cstdint>
#include <exception>
#include <vector>

namespace sketchvae {

// [first, last) of n for share t of so many.
struct Share {
  int64_t first, last;
  Share(int64_t n, int t, int shares) : first(n * t / shares), last(n * (t + 1) / shares) {}
};

// Calls work(t, shares) for every share t, each on one thread of a team, and throws what the first of them
// threw. There are as many shares as threads are asked for, and all of them are done, however many threads
// OpenMP gives: the result does not depend on it.
template <typename Work>
void on_team(int shares, Work work) {
  std::vector<std::exception_ptr> thrown(static_cast<size_t>(shares));
#pragma omp parallel num_threads(shares)
  {
#ifdef _OPENMP
    int t = omp_get_thread_num();
    const int team = omp_get_num_threads();
#else
    int t = 0;
    const int team = 1;
#endif
    for (; t < shares; t += team) {
      try {
        work(t, shares);
      } catch (...) {
        thrown[static_cast<size_t>(t)] = std::current_exception();
      }
    }
  }
  for (const std::exception_ptr& error : thrown) {
    if (error) std::rethrow_exception(error);
  }
}

}  // namespace sketchvae
