// The bodies of the kernels against the engine's own code on the CPU, and the kernels against their
// bodies where there is a GPU. Sizes are around those of a block of threads; 0 and 1 are among them.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "cuda/draw.h"
#include "cuda/gather.h"
#include "error.h"
#include "net/device.h"
#include "net/runtime.h"
#include "ops/optimizer.h"
#include "ops/rules.h"
#include "random/philox.h"
#include "on_device.h"

namespace {

using namespace sketchvae;

const std::vector<int64_t> kSizes = {0, 1, 3, 31, 257, 1023, 1024, 1025, 5000};

// ---- gather

struct GatherCase {
  std::vector<uint8_t> bytes;
  std::vector<int64_t> order, step;
  GatherJob job;
};

GatherCase gather_case(int64_t batch, int64_t pixels, bool is_double, double threshold) {
  GatherCase c;
  const int64_t drawings = 3 * batch + 2;
  for (int64_t i = 0; i < drawings * pixels; ++i) {
    c.bytes.push_back(static_cast<uint8_t>((i * 7919) >> 3));
  }
  c.order = permutation({1, 1, 0, Stream::order, 0}, drawings);
  c.step = {1};
  c.job.bytes = c.bytes.data();
  c.job.order = c.order.data();
  c.job.step = c.step.data();
  c.job.batch_size = batch;
  c.job.batch = batch;
  c.job.pixels = pixels;
  c.job.is_double = is_double;
  c.job.threshold = threshold;
  return c;
}

TEST_CASE("gathering takes a step's drawings by index, as numbers from 0 to 1") {
  for (const double threshold : {-1.0, 0.5}) {
    GatherCase c = gather_case(5, 49, false, threshold);
    std::vector<float> out(5 * 49, -1);
    c.job.out = out.data();
    gather_on_host(c.job);
    for (int64_t i = 0; i < 5 * 49; ++i) {
      const int64_t drawing = c.order[static_cast<size_t>(5 + i / 49)];
      const float x = static_cast<float>(c.bytes[static_cast<size_t>(drawing * 49 + i % 49)]) / 255;
      CHECK(out[static_cast<size_t>(i)] == (threshold < 0 ? x : static_cast<float>(x > 0.5f)));
    }
  }
}

TEST_CASE("the gather kernel gives what its body gives") {
  if (!have_gpu()) return;
  for (const bool is_double : {false, true}) {
    for (const int64_t batch : {int64_t{1}, int64_t{8}, int64_t{129}}) {
      GatherCase c = gather_case(batch, 784, is_double, is_double ? 0.5 : -1);
      const size_t bytes = static_cast<size_t>(batch * 784) * (is_double ? 8 : 4);
      std::vector<std::byte> expected(bytes), out(bytes, std::byte{0x7f});
      c.job.out = expected.data();
      gather_on_host(c.job);
      OnDevice device;
      c.job.bytes = device.copy(c.bytes);
      c.job.order = device.copy(c.order);
      c.job.step = device.copy(c.step);
      c.job.out = device.copy(out);
      gather_on_device(c.job, current_stream(Device::cuda));
      device.fetch(c.job.out, out);
      CHECK(out == expected);
    }
  }
}

// ---- draw

TEST_CASE("noise and masks of a step are those of the CPU's generator, bit for bit") {
  const std::vector<StepRow> rows = {{}, {0, 0, 0, 7, 41}};
  const int64_t step = 1;
  for (const int64_t n : kSizes) {
    std::vector<float> noise(static_cast<size_t>(n)), mask(noise), expected(noise);
    DrawJob job;
    job.seed = 0x123456789abcdefULL;
    job.rows = rows.data();
    job.step = &step;
    job.tasks = 2;
    job.task[0] = {noise.data(), n, 0, -1, static_cast<uint32_t>(Stream::noise), 0};
    job.task[1] = {mask.data(), n, 0, 0.1, static_cast<uint32_t>(Stream::mask), 3};
    draw_on_host(job);
    fill_normal({job.seed, 7, 41, Stream::noise, 0}, expected.data(), n);
    CHECK(noise == expected);
    fill_mask({job.seed, 7, 41, Stream::mask, 3}, 0.1, expected.data(), n);
    CHECK(mask == expected);
  }
}

TEST_CASE("numbers from the middle of a stream are those that the whole stream has there") {
  const std::vector<StepRow> rows = {{0, 0, 0, 7, 41}};
  const int64_t step = 0;
  std::vector<float> all(50), some(50);
  for (const double rate : {-1.0, 0.3}) {
    DrawJob job;
    job.seed = 3;
    job.rows = rows.data();
    job.step = &step;
    job.tasks = 1;
    job.task[0] = {all.data(), 50, 0, rate, static_cast<uint32_t>(Stream::noise), 0};
    draw_on_host(job);
    for (int64_t first = 0; first < 9; ++first) {
      for (int64_t n = 0; n < 9; ++n) {
        std::fill(some.begin(), some.end(), -99.0f);
        job.task[0] = {some.data(), n, first, rate, static_cast<uint32_t>(Stream::noise), 0};
        draw_on_host(job);
        CHECK(std::equal(some.begin(), some.begin() + n, all.begin() + first));
        CHECK(some[static_cast<size_t>(n)] == -99.0f);
      }
    }
  }
}

TEST_CASE("the draw kernel gives the same masks, and noise up to rounding") {
  if (!have_gpu()) return;
  const std::vector<StepRow> rows = {{0, 0, 0, 7, 41}};
  for (const int64_t n : kSizes) {
    std::vector<float> noise(static_cast<size_t>(n)), mask(noise), noise_there(noise), mask_there(noise);
    const int64_t step = 0;
    DrawJob job;
    job.seed = 99;
    job.rows = rows.data();
    job.step = &step;
    job.tasks = 2;
    job.task[0] = {noise.data(), n, 0, -1, static_cast<uint32_t>(Stream::noise), 0};
    job.task[1] = {mask.data(), n, 0, 0.3, static_cast<uint32_t>(Stream::mask), 1};
    draw_on_host(job);
    OnDevice device;
    job.rows = device.copy(rows);
    job.step = device.copy(std::vector<int64_t>{0});
    job.task[0].out = device.copy(noise_there);
    job.task[1].out = device.copy(mask_there);
    draw_on_device(job, current_stream(Device::cuda));
    device.fetch(job.task[0].out, noise_there);
    device.fetch(job.task[1].out, mask_there);
    CHECK(mask_there == mask);
    // Computed in double and rounded once: at most the last bit differs.
    int64_t far = 0;
    for (size_t i = 0; i < noise.size(); ++i) {
      const bool near = std::abs(noise_there[i] - noise[i]) <= 1.2e-7f * std::max(1.0f, std::abs(noise[i]));
      far += near ? 0 : 1;
    }
    CHECK(far == 0);
  }
}

// ---- sweep

std::vector<OptimizerSpec> all_rules() {
  std::vector<OptimizerSpec> rules(9);
  rules[1].epsilon_inside = false;
  rules[2].momentum = 0.9;
  for (size_t i = 3; i < 6; ++i) rules[i].rule = Rule::sgd;
  rules[4].momentum = 0.9;
  rules[5].momentum = 0.9;
  rules[5].nesterov = true;
  rules[6].rule = Rule::adam;
  rules[7].rule = Rule::adam;
  rules[7].weight_decay = 0.01;
  rules[8].clipvalue = 0.2;
  return rules;
}

template <typename T>
T value(int64_t i, int salt) {
  return static_cast<T>(std::sin(0.37 * static_cast<double>(i + 1) * (salt + 1)));
}

// Parameters of many sizes, with gradients, moved by one SweepJob.
template <typename T>
struct SweepCase {
  std::vector<ParamSpec> params;
  std::vector<std::vector<T>> gradients;
  std::vector<double> l2;
  Dtype dtype = sizeof(T) == 4 ? Dtype::float32 : Dtype::float64;

  SweepCase() {
    for (const int64_t n : kSizes) {
      if (n == 0) continue;
      ParamSpec p;
      p.name = "p" + std::to_string(n);
      p.shape = {n};
      params.push_back(p);
      std::vector<T> g;
      for (int64_t i = 0; i < n; ++i) g.push_back(value<T>(i, 3));
      gradients.push_back(g);
      l2.push_back(n % 2 ? 0.01 : 0);
    }
  }
  void fill(Arena& arena) const {
    for (size_t p = 0; p < params.size(); ++p) {
      const auto k = static_cast<int64_t>(p);
      for (int64_t i = 0; i < params[p].size(); ++i) {
        arena.value_as<T>(k)[i] = value<T>(i, 0);
        for (int s = 0; s < arena.slots(); ++s) {
          static_cast<T*>(arena.slot(k, s))[i] = std::abs(value<T>(i, s + 1));
        }
      }
    }
  }
  SweepJob job(const OptimizerSpec& o, const Arena& arena) const {
    SweepJob job;
    job.optimizer = o;
    job.is_double = dtype == Dtype::float64;
    for (size_t p = 0; p < params.size(); ++p) {
      job.task[job.tasks++] = sweep_task(arena, static_cast<int64_t>(p),
                                         {gradients[p].data(), nullptr, nullptr, 0}, l2[p]);
    }
    return job;
  }
};

// What a GPU's threads do, entry by entry.
template <typename T>
void sweep_entries(const SweepJob& job) {
  for (int k = 0; k < job.tasks; ++k) {
    const SweepTask& task = job.task[k];
    const StepRow& row = job.rows[*job.step];
    const Coefficients<T> c(job.optimizer, row.learning_rate, row.decay, job.factor ? *job.factor : 1, task.l2);
    const auto at = [](void* place, int64_t i) -> T& {
      static T none;
      return place ? static_cast<T*>(place)[i] : none;
    };
    with_rule(job.optimizer, [&](auto rule) {
      for (int64_t i = 0; i < task.in * task.out; ++i) {
        apply_rule<decltype(rule)>(c, static_cast<const T*>(task.g.dense)[i], at(task.w, i), at(task.s, i), at(task.m, i),
                                   RootOfNumber());
      }
    });
  }
}

constexpr double kRate = 0.05;
constexpr int64_t kStep = 3;

template <typename T>
void check_close(const Arena& a, const Arena& b) {
  const double tolerance = sizeof(T) == 4 ? 3e-6 : 1e-14;
  double worst = 0;
  for (size_t i = 0; i < a.all().size() / sizeof(T); ++i) {
    const auto x = static_cast<double>(reinterpret_cast<const T*>(a.all().data())[i]);
    const auto y = static_cast<double>(reinterpret_cast<const T*>(b.all().data())[i]);
    worst = std::max(worst, std::abs(x - y) / std::max(1.0, std::abs(y)));
  }
  CHECK(worst <= tolerance);
}

TEST_CASE_TEMPLATE("a rule moves numbers one by one as it moves vectors of them", T, float, double) {
  const SweepCase<T> c;
  for (const OptimizerSpec& o : all_rules()) {
    CAPTURE(static_cast<int>(o.rule));
    Arena ours(c.params, c.dtype, slots_of(o)), theirs(c.params, c.dtype, slots_of(o));
    c.fill(ours);
    c.fill(theirs);
    const StepRow row = step_row(o, kRate, kStep);
    const int64_t step = 0;
    const double factor = 0.5;
    SweepJob job = c.job(o, theirs);
    job.rows = &row;
    job.step = &step;
    job.factor = &factor;
    sweep_on_host(job, 1);
    const SweepJob numbers = c.job(o, ours);
    std::copy_n(numbers.task, numbers.tasks, job.task);
    sweep_entries<T>(job);
    check_close<T>(ours, theirs);
  }
}

TEST_CASE_TEMPLATE("the sweep kernel moves parameters as the CPU's sweep does", T, float, double) {
  if (!have_gpu()) return;
  const SweepCase<T> c;
  for (const OptimizerSpec& o : all_rules()) {
    CAPTURE(static_cast<int>(o.rule));
    Arena ours(c.params, c.dtype, slots_of(o)), theirs(c.params, c.dtype, slots_of(o));
    c.fill(ours);
    c.fill(theirs);
    const StepRow row = step_row(o, kRate, kStep);
    const int64_t step = 0;
    const double factor = 0.5;
    SweepJob job = c.job(o, theirs);
    job.rows = &row;
    job.step = &step;
    job.factor = &factor;
    sweep_on_host(job, 1);

    job = c.job(o, ours);
    OnDevice device;
    std::vector<std::byte> block(ours.all().begin(), ours.all().end());
    std::byte* there = device.copy(block);
    const auto moved = [&](void* place) -> void* {
      return place ? there + (static_cast<std::byte*>(place) - ours.all().data()) : nullptr;
    };
    for (int k = 0; k < job.tasks; ++k) {
      SweepTask& task = job.task[k];
      task.w = moved(task.w);
      task.s = moved(task.s);
      task.m = moved(task.m);
      task.g.dense = device.copy(c.gradients[static_cast<size_t>(k)]);
    }
    job.rows = device.copy(std::vector<StepRow>{row});
    job.step = device.copy(std::vector<int64_t>{0});
    job.factor = device.copy(std::vector<double>{factor});
    sweep_on_device(job, current_stream(Device::cuda));
    device.fetch(there, block);
    std::memcpy(ours.all().data(), block.data(), block.size());
    check_close<T>(ours, theirs);
  }
}

TEST_CASE("a build without CUDA says so when a kernel is asked for") {
  if (gpu_status().reason.find("built for the CPU") == std::string::npos) return;
  CHECK_THROWS_WITH_AS(gather_on_device({}, nullptr), doctest::Contains("built without CUDA"), Error);
  CHECK_THROWS_AS(draw_on_device({}, nullptr), Error);
  CHECK_THROWS_AS(sweep_on_device({}, nullptr), Error);
  CHECK_THROWS_WITH_AS(require_device(Device::cuda), doctest::Contains("no GPU can be used"), Error);
}

}  // namespace
