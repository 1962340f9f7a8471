// The size of OpenMP's teams, LibTorch's and ours, for the length of one call. LibTorch's sums depend on how
// many threads share them, so that a fit needs the number it was begun with. Tests:
// tests/cpp/test_thread_scope.cpp, tests/testthat/test-engine.R.
#pragma once

namespace sketchvae {

// As long as one lives, every team of the calling thread has `threads` members, whatever OMP_DYNAMIC,
// OMP_NUM_THREADS, OMP_MAX_ACTIVE_LEVELS and MKL_DYNAMIC say; afterwards they hold again.
class ThreadScope {
 public:
  // Throws Error where so many cannot be had: OMP_THREAD_LIMIT is lower, or the system refuses to start
  // them. OpenMP's own way to say so would be to end the process.
  explicit ThreadScope(int threads);
  ~ThreadScope();
  ThreadScope(const ThreadScope&) = delete;
  ThreadScope& operator=(const ThreadScope&) = delete;

 private:
  // What was set before, and is set again.
  struct Settings {
    Settings();
    ~Settings();
    int threads, dynamic = 0, levels = 1;
  };
  const Settings before_;
};

// From now on OpenMP's threads end before this process forks. They do not live in the child, where the first
// team would wait for them for ever, whoever had formed one before: R itself, or another package.
void end_teams_before_forks();

}  // namespace sketchvae
