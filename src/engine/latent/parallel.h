// Tasks shared out over std::thread workers. The calling thread only waits, so that it can ask the
// Host every few milliseconds whether to stop, unless tasks are short; no OpenMP, so it works in a
// forked child.
// Test: tests/cpp/test_parallel.cpp.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

#include "host.h"

namespace sketchvae {

using StopFlag = std::atomic<bool>;

// task: 0 to tasks - 1, each done once, in any order; worker: 0 to threads - 1, for scratch space.
// A long task should look at the flag and return early once it is set.
using Task = std::function<void(int64_t task, int worker, const StopFlag& stop)>;

// Runs all tasks and reports finished ones to host.progress() when `show` is set. With one thread
// (or one task) and `show` unset everything runs on the calling thread. Throws Interrupted when
// the host asked to stop, and rethrows the first exception of a task.
void parallel_tasks(int threads, int64_t tasks, Host& host, bool show, const Task& run);

// The same, without progress, for tasks that take some milliseconds each: the calling thread does
// its share, and asks the host between two tasks. Saves what it costs to start a thread and to
// wait.
void short_tasks(int threads, int64_t tasks, Host& host, const Task& run);

// threads > 0: that many. 0: the physical cores this process may use.
int resolve_threads(int threads);

}  // namespace sketchvae
