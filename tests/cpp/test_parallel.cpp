// src/engine/latent/parallel: every task once, failures and stops reach the caller.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

#include "error.h"
#include "latent/parallel.h"
#include "latent/sorted.h"

using namespace sketchvae;

namespace {

class Counting final : public Host {
 public:
  explicit Counting(int64_t stop_after) : stop_after_(stop_after) {}
  bool should_stop() override { return ++asked_ > stop_after_; }
  void progress(int64_t done, int64_t total) override {
    CHECK(done >= last_);
    CHECK(done <= total);
    last_ = done;
  }
  int64_t last() const { return last_; }

 private:
  int64_t asked_ = 0;
  int64_t stop_after_;
  int64_t last_ = 0;
};

}  // namespace

TEST_CASE("each task runs once, whatever the number of threads") {
  for (const int threads : {1, 2, 7}) {
    for (const bool show : {false, true}) {
      Counting host(1 << 30);
      std::vector<int> runs(1000);
      parallel_tasks(threads, 1000, host, show, [&](int64_t task, int worker, const StopFlag&) {
        CHECK(worker < threads);
        ++runs[task];
      });
      for (const int count : runs) CHECK(count == 1);
      CHECK(host.last() == (show ? 1000 : 0));
    }
    SilentHost host;
    std::vector<int> runs(1000);
    short_tasks(threads, 1000, host, [&](int64_t task, int worker, const StopFlag&) {
      CHECK(worker < threads);
      ++runs[task];
    });
    for (const int count : runs) CHECK(count == 1);
  }
}

TEST_CASE("an exception in a task reaches the caller") {
  for (const int threads : {1, 3}) {
    SilentHost host;
    const auto fail = [](int64_t task, int, const StopFlag&) {
      if (task == 17) throw Error("no");
    };
    CHECK_THROWS_AS(parallel_tasks(threads, 100, host, false, fail), Error);
    CHECK_THROWS_AS(short_tasks(threads, 100, host, fail), Error);
  }
}

TEST_CASE("a stop ends endless work within a moment") {
  const auto endless = [](int64_t, int, const StopFlag& stop) {
    while (!stop) {
    }
  };
  // With one thread the task that looks at the flag asks the host itself.
  for (const int threads : {1, 2, 7}) {
    for (const int64_t tasks : {1, 100}) {
      Counting host(2);
      CHECK_THROWS_AS(parallel_tasks(threads, tasks, host, false, endless), Interrupted);
      Counting another(2);
      CHECK_THROWS_AS(short_tasks(threads, tasks, another, endless), Interrupted);
    }
  }
}

TEST_CASE("sorting in parts is sorting, and can be stopped") {
  std::vector<int> values(1000003);
  unsigned state = 1;
  for (int& value : values) value = static_cast<int>((state = state * 1664525 + 1013904223) >> 8);
  auto expected = values;
  std::sort(expected.begin(), expected.end());
  SilentHost host;
  Poll poll(host);
  sort_in_parts(values, poll);
  CHECK(values == expected);
  std::vector<int> few{3, 1, 2}, none;
  sort_in_parts(few, poll, std::greater<>());
  CHECK(few == std::vector<int>{3, 2, 1});
  sort_in_parts(none, poll);
  Counting stopping(0);
  Poll impatient(stopping);
  std::this_thread::sleep_for(2 * Poll::kPoll);
  CHECK_THROWS_AS(sort_in_parts(values, impatient), Interrupted);
}

TEST_CASE("a stop ends many short tasks within a moment, whoever runs them") {
  for (const int threads : {1, 2, 7}) {
    Counting host(2);
    std::atomic<int64_t> runs = 0;
    const auto brief = [&](int64_t, int, const StopFlag&) {
      ++runs;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    };
    CHECK_THROWS_AS(short_tasks(threads, 1000000, host, brief), Interrupted);
    CHECK(runs < 10000);
  }
}
