// A team of OpenMP threads whose exceptions come out on the calling thread: one that left a parallel
// region by itself would end the process.
#pragma once

#include <omp.h>

#include <cstdint>
#include <exception>
#include <vector>

namespace sketchvae {

// [first, last) of n for thread t of so many.
struct Share {
  int64_t first, last;
  Share(int64_t n, int t, int threads) : first(n * t / threads), last(n * (t + 1) / threads) {}
};

// Calls work(thread, threads) on each thread of a team, and throws what the first of them threw.
template <typename Work>
void on_team(int threads, Work work) {
  std::vector<std::exception_ptr> thrown(static_cast<size_t>(threads));
#pragma omp parallel num_threads(threads)
  {
    const int t = omp_get_thread_num();
    try {
      work(t, omp_get_num_threads());
    } catch (...) {
      thrown[static_cast<size_t>(t)] = std::current_exception();
    }
  }
  for (const std::exception_ptr& error : thrown) {
    if (error) std::rethrow_exception(error);
  }
}

}  // namespace sketchvae
