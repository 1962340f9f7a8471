#include "net/thread_scope.h"

#include <ATen/Parallel.h>
#ifdef _OPENMP
#include <omp.h>
#endif
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <string>

#include "cores.h"
#include "error.h"

namespace sketchvae {
namespace {

// Threads that have been in a team of ours and live. OpenMP ends those that a smaller team does not need,
// and whoever else uses OpenMP in this process may form one.
std::atomic<int> alive{0};

struct Member {
  Member() { ++alive; }
  ~Member() { --alive; }
};

void enter_team() {
  static thread_local const Member member;
  (void)member;
}

// LibTorch keeps another pool beside OpenMP's, as large as the largest number that it was told.
std::atomic<int> largest_told{1};

// Threads that the system has to start before a team of so many can work.
int to_start(int threads) {
  const int team = std::max(threads - 1 - alive, 0);
  return threads > largest_told ? team + threads - 1 : team;
}

[[noreturn]] void refuse(int threads, int possible, const std::string& why) {
  throw Error("this takes " + std::to_string(threads) +
              " threads (argument `threads`, or what a checkpoint recorded), and no more than " +
              std::to_string(possible) + " can be had: " + why + ".");
}

// Where the system would not start what is missing, OpenMP would end the process and LibTorch's other pool
// would wait for ever. One thread more is room for what is allocated in between.
void ask_system(int threads) {
  const int wanted = to_start(threads) + 1, granted = threads_granted(wanted);
  if (granted >= wanted) return;
  int possible = threads - 1;
  while (possible > 1 && to_start(possible) + 1 > granted) --possible;
  refuse(threads, possible, "the system starts no more for this process (ulimit -u, ulimit -v)");
}

// Forms LibTorch's team while the threads are there to be had, and counts it.
void form_team(int threads) {
  at::set_num_threads(threads);
  largest_told = std::max<int>(largest_told, threads);
  std::atomic<int> members{0};
  at::parallel_for(0, threads, 1, [&](int64_t first, int64_t) {
    if (first > 0) enter_team();
    ++members;
  });
  if (members < threads) refuse(threads, members, "OpenMP gives a smaller team here");
}

}  // namespace

ThreadScope::Settings::Settings() : threads(at::get_num_threads()) {
#ifdef _OPENMP
  dynamic = omp_get_dynamic();
  levels = omp_get_max_active_levels();
  omp_set_dynamic(0);
  if (levels < 1) omp_set_max_active_levels(1);
#endif
}

ThreadScope::Settings::~Settings() {
#ifdef _OPENMP
  omp_set_dynamic(dynamic);
  if (levels < 1) omp_set_max_active_levels(levels);
  omp_set_num_threads(threads);
#endif
  // Told of more than ever before, LibTorch would start threads.
  if (threads <= largest_told) at::set_num_threads(threads);
}

ThreadScope::ThreadScope(int threads) {
  if (threads > thread_limit()) refuse(threads, thread_limit(), "OMP_THREAD_LIMIT says so");
#ifdef _OPENMP
  if (threads > 1 && omp_in_parallel()) {
    refuse(threads, 1, "the call comes from within a parallel region of OpenMP");
  }
#endif
  if (threads > largest_told || threads - 1 > alive) {
    ask_system(threads);
    form_team(threads);
  } else {
    at::set_num_threads(threads);  // even where it has this number already: that holds MKL to it
  }
}

ThreadScope::~ThreadScope() = default;

void end_teams_before_forks() {
#ifdef _OPENMP
  pthread_atfork([] { omp_pause_resource_all(omp_pause_soft); }, nullptr, nullptr);
#endif
}

}  // namespace sketchvae
