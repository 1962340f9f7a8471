// Tasks shared out over std::thread workers, of which the system may grant fewer than asked for, or
// none. The calling thread asks the Host every few milliseconds whether to stop; no OpenMP, so it
// works in a forked child. Test: tests/cpp/test_parallel.cpp.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>

#include "host.h"

namespace sketchvae {

// Asks the host at most every kPoll, which costs next to nothing in between; says yes from the
// first time on that the host does. For the thread that may use the Host.
class Poll {
 public:
  static constexpr auto kPoll = std::chrono::milliseconds(20);

  explicit Poll(Host& host) : host_(host), asked_(std::chrono::steady_clock::now()) {}

  bool stopped();

  // Throws Interrupted when the host asked to stop.
  void check();

 private:
  Host& host_;
  std::chrono::steady_clock::time_point asked_;
  bool stopped_ = false;
};

// What a task looks at to end early: true once somebody asked to stop. Where the calling thread
// runs the task itself, looking also asks the host, now and then.
class StopFlag {
 public:
  explicit StopFlag(const std::atomic<bool>& stop, Poll* poll = nullptr)
      : stop_(stop), poll_(poll) {}

  operator bool() const {
    return stop_.load(std::memory_order_relaxed) || (poll_ && ask());
  }

 private:
  static constexpr int kLooks = 16;  // between two looks at the clock

  bool ask() const;

  const std::atomic<bool>& stop_;
  Poll* const poll_;
  mutable int looks_ = 0;
};

// task: 0 to tasks - 1, each done once, in any order; worker: 0 to threads - 1, for scratch space.
// A long task should look at the flag and return early once it is set.
using Task = std::function<void(int64_t task, int worker, const StopFlag& stop)>;

// Runs all tasks and reports finished ones to host.progress() when `show` is set. With one thread
// (or one task) and `show` unset everything runs on the calling thread, as it does when the system
// grants no other. Throws Interrupted when the host asked to stop, and rethrows the first exception
// of a task.
void parallel_tasks(int threads, int64_t tasks, Host& host, bool show, const Task& run);

// The same, without progress, for tasks that take some milliseconds each: the calling thread does
// its share, and asks the host in between. Saves what it costs to start a thread and to wait.
void short_tasks(int threads, int64_t tasks, Host& host, const Task& run);

// threads > 0: that many, but no more than kMostThreads or the machine's processors, whichever is
// more. 0: default_threads() of cores.h.
int resolve_threads(int threads);

// More than this many share one processor only where somebody wants to see that they may.
inline constexpr int kMostThreads = 64;

}  // namespace sketchvae
