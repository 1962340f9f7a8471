// See parallel.h. Test: tests/cpp/test_parallel.cpp.
#include "latent/parallel.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "cores.h"
#include "error.h"

namespace sketchvae {

bool Poll::stopped() {
  if (stopped_) return true;
  const auto now = std::chrono::steady_clock::now();
  if (now - asked_ < kPoll) return false;
  asked_ = now;
  return stopped_ = host_.should_stop();
}

void Poll::check() {
  if (stopped()) throw Interrupted();
}

bool StopFlag::ask() const {
  if (++looks_ < kLooks) return false;
  looks_ = 0;
  return poll_->stopped();
}

namespace {

// The calling thread's share when there are no workers.
void run_inline(int64_t tasks, Host& host, const Task& run) {
  const std::atomic<bool> never{false};
  Poll poll(host);
  const StopFlag stop(never, &poll);
  for (int64_t task = 0; task < tasks; ++task) {
    run(task, 0, stop);
    poll.check();
  }
}

struct Shared {
  std::atomic<int64_t> next{0};
  std::atomic<int64_t> done{0};
  std::atomic<bool> stop{false};
  std::mutex mutex;
  std::condition_variable wake;
  int running = 0;             // workers alive, under mutex
  std::exception_ptr failure;  // the first one, under mutex
};

// Runs tasks until there are none; `between` is called after each.
template <class Between>
void take_tasks(Shared& shared, int64_t tasks, int worker, const Task& run, const StopFlag& stop,
                const Between& between) {
  try {
    while (!shared.stop.load(std::memory_order_relaxed)) {
      const int64_t task = shared.next.fetch_add(1, std::memory_order_relaxed);
      if (task >= tasks) break;
      run(task, worker, stop);
      shared.done.fetch_add(1, std::memory_order_relaxed);
      between();
    }
  } catch (...) {
    const std::lock_guard<std::mutex> lock(shared.mutex);
    if (!shared.failure) shared.failure = std::current_exception();
    shared.stop = true;
  }
}

void work(Shared& shared, int64_t tasks, int worker, const Task& run) {
  take_tasks(shared, tasks, worker, run, StopFlag(shared.stop), [] {});
  const std::lock_guard<std::mutex> lock(shared.mutex);
  if (--shared.running == 0) shared.wake.notify_one();
}

// Joins what was started even when the host's callbacks throw.
class Workers {
 public:
  explicit Workers(Shared& shared) : shared_(shared) {}
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  ~Workers() {
    if (!joined_) {
      shared_.stop = true;
      join();
    }
  }

  // Starts as many as the system grants, which may be fewer than asked, for want of threads or of
  // memory.
  void start(int count, int64_t tasks, const Task& run) {
    threads_.reserve(count);
    for (int worker = 0; worker < count; ++worker) {
      {
        const std::lock_guard<std::mutex> lock(shared_.mutex);
        ++shared_.running;
      }
      try {
        threads_.emplace_back([this, tasks, worker, &run] { work(shared_, tasks, worker, run); });
      } catch (const std::exception&) {
        const std::lock_guard<std::mutex> lock(shared_.mutex);
        --shared_.running;
        break;
      }
    }
  }

  bool none() const { return threads_.empty(); }

  void join() {
    for (auto& thread : threads_) thread.join();
    joined_ = true;
  }

 private:
  Shared& shared_;
  std::vector<std::thread> threads_;
  bool joined_ = false;
};

// Waits for the workers, asking the host; then throws what there is to throw.
void finish(Shared& shared, Workers& workers, int64_t tasks, Host& host, bool show, bool stopped) {
  for (;;) {
    {
      std::unique_lock<std::mutex> lock(shared.mutex);
      if (shared.wake.wait_for(lock, Poll::kPoll, [&] { return shared.running == 0; })) break;
    }
    if (show) host.progress(shared.done.load(std::memory_order_relaxed), tasks);
    if (!stopped && host.should_stop()) {
      stopped = true;
      shared.stop = true;
    }
  }
  workers.join();
  if (shared.failure) std::rethrow_exception(shared.failure);
  if (stopped) throw Interrupted();
  if (show) host.progress(tasks, tasks);
}

}  // namespace

void parallel_tasks(int threads, int64_t tasks, Host& host, bool show, const Task& run) {
  if (tasks <= 0) return;
  const int count = static_cast<int>(std::min<int64_t>(threads, tasks));
  if (count <= 1 && !show) return run_inline(tasks, host, run);

  Shared shared;
  Workers workers(shared);
  workers.start(count, tasks, run);
  if (workers.none()) return run_inline(tasks, host, run);
  finish(shared, workers, tasks, host, show, /*stopped=*/false);
}

void short_tasks(int threads, int64_t tasks, Host& host, const Task& run) {
  if (tasks <= 0) return;
  const int count = static_cast<int>(std::min<int64_t>(threads, tasks));
  if (count <= 1) return run_inline(tasks, host, run);

  Shared shared;
  Workers workers(shared);
  workers.start(count - 1, tasks, run);
  Poll poll(host);
  take_tasks(shared, tasks, count - 1, run, StopFlag(shared.stop, &poll), [&] {
    if (poll.stopped()) shared.stop = true;
  });
  finish(shared, workers, tasks, host, /*show=*/false, poll.stopped());
}

int resolve_threads(int threads) {
  if (threads <= 0) return default_threads();
  const auto processors = static_cast<int>(std::thread::hardware_concurrency());
  return std::min(threads, std::max(kMostThreads, processors));
}

}  // namespace sketchvae
