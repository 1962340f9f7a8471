// net/thread_scope.h: teams of the size that was asked for, and an error where that cannot be had.
#include <doctest/doctest.h>
#ifdef _OPENMP
#include <omp.h>
#endif
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <string>
#include <vector>

#include "cores.h"
#include "data/json.h"
#include "error.h"
#include "net/network.h"
#include "net/runtime.h"
#include "net/thread_scope.h"
#include "ops/team.h"
#include "random/draws.h"

using namespace sketchvae;

namespace {

// Losses and gradients of a model with convolutions, a wide dense layer, and sums of LibTorch's.
std::vector<double> gradients(int threads) {
  const ModelPlan plan = plan_model(read_model(read_json(R"({
    "input": [28, 28, 1], "latent_dim": 2, "noise": "log_sd",
    "encoder": [{"kind": "conv_2d", "filters": 8, "kernel_size": 3, "activation": "relu"},
                {"kind": "flatten"}, {"kind": "dense", "units": 64, "activation": "relu"}],
    "decoder": [{"kind": "dense", "units": 784}, {"kind": "reshape", "target_shape": [28, 28, 1]}],
    "reconstruction": {"kind": "squared_error", "scale": 1},
    "kl": {"form": "log_var", "reduction": "sum", "scale": 1, "weight": 1}})")));
  Arena arena(plan.params, Dtype::float32, 0);
  initialize(arena, 3);
  NetworkOptions options;
  options.threads = threads;
  Network network(plan, arena, options);
  const int64_t batch = 60;
  std::vector<uint8_t> pixels(static_cast<size_t>(batch * 784));
  for (size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<uint8_t>(i * 37 % 251);
  Draws draws;
  draw_step(plan, {5, 1, 1, Stream::noise, 0}, batch, draws);
  std::vector<double> all = {network.backward(pixels.data(), batch, 0.5, draws).loss};
  for (size_t i = 0; i < plan.params.size(); ++i) {
    const std::vector<double> one = network.gradient(static_cast<int64_t>(i));
    all.insert(all.end(), one.begin(), one.end());
  }
  return all;
}

}  // namespace

#ifdef _OPENMP
TEST_CASE("OpenMP's own wishes for a team do not change a result, and are there again afterwards") {
  const auto expected = gradients(3);
  REQUIRE(gradients(3) == expected);
  CHECK(gradients(1) != expected);  // the number of threads itself does
  const int dynamic = omp_get_dynamic(), levels = omp_get_max_active_levels(), threads = torch_threads();
  omp_set_dynamic(1);
  omp_set_max_active_levels(0);
  set_torch_threads(1);
  CHECK(gradients(3) == expected);
  CHECK(omp_get_dynamic() == 1);
  CHECK(omp_get_max_active_levels() == 0);
  CHECK(torch_threads() == 1);
  omp_set_dynamic(dynamic);
  omp_set_max_active_levels(levels);
  set_torch_threads(threads);
  // Somebody's smaller team ends threads that ours had.
#pragma omp parallel num_threads(2)
  (void)omp_get_thread_num();
  CHECK(gradients(3) == expected);
}

TEST_CASE("within somebody's parallel region LibTorch has one thread: an error unless one is asked for") {
  int refused = 0, passed = 0;
#pragma omp parallel num_threads(2)
  if (omp_get_thread_num() == 0) {
    try {
      const ThreadScope two(2);
    } catch (const Error&) {
      ++refused;
    }
    const ThreadScope one(1);
    ++passed;
  }
  CHECK(refused == 1);
  CHECK(passed == 1);
}
#endif

TEST_CASE("a forked child forms teams of its own, though its parent had one") {
  end_teams_before_forks();
  const auto work = [](int, int) {};
  on_team(3, work);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    on_team(3, work);
    _exit(7);
  }
  int status = 0;
  pid_t ended = 0;
  for (int i = 0; i < 1000 && ended == 0; ++i) {
    usleep(10'000);
    ended = waitpid(child, &status, WNOHANG);
  }
  if (ended == 0) {
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
  }
  CHECK(ended == child);
  CHECK(WEXITSTATUS(status) == 7);
  on_team(3, work);
}

#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__)
TEST_CASE("threads that the system refuses end in an error, and fewer are still to be had") {
  int64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_AS, &before) == 0);
  rlimit tight = before;
  tight.rlim_cur = static_cast<rlim_t>(pages * 4096 + (int64_t{200} << 20));
  REQUIRE(setrlimit(RLIMIT_AS, &tight) == 0);
  const int granted = threads_granted(900);
  std::string message;
  try {
    const ThreadScope scope(900);
  } catch (const Error& error) {
    message = error.what();
  }
  int fewer = 0;
  {
    const ThreadScope scope(2);
    fewer = torch_threads();
  }
  REQUIRE(setrlimit(RLIMIT_AS, &before) == 0);
  CHECK(granted > 0);
  CHECK(granted < 900);
  CHECK(message.find("this takes 900 threads") == 0);
  CHECK(fewer == 2);
  CHECK(threads_granted(3) == 3);
}
#endif
