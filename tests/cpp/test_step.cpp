// src/engine/net/step.h: steps against Network::backward() and update(), whose random numbers are handed to
// them: on the CPU, where they are done at once, and on a GPU where there is one.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "data/json.h"
#include "error.h"
#include "net/step.h"
#include "on_device.h"
#include "random/draws.h"

namespace {

using namespace sketchvae;

ModelPlan preset(const std::string& name) {
  std::ifstream file(std::string(SKETCHVAE_TEST_DIR) + "/../fixtures/models/" + name + ".json",
                     std::ios::binary);
  REQUIRE(file.good());
  return plan_model(read_model(read_json(std::string(std::istreambuf_iterator<char>(file), {}))));
}

std::vector<uint8_t> drawings(int64_t n, int64_t pixels) {
  std::vector<uint8_t> bytes;
  for (int64_t i = 0; i < n * pixels; ++i) bytes.push_back((i * i / 7) % 11 == 0 ? 255 : 0);
  return bytes;
}

struct Fit {
  const ModelPlan& plan;
  NetworkOptions options;
  OptimizerSpec optimizer;
  int64_t n = 19, batch = 8, epochs = 2;
  Dtype dtype = Dtype::float64;
  uint64_t seed = 5;

  std::unique_ptr<Arena> arena() const {
    auto arena = std::make_unique<Arena>(plan.params, dtype, slots_of(optimizer));
    initialize(*arena, seed);
    return arena;
  }
  double kl_weight(int64_t epoch) const { return epoch == 1 ? 0.25 : 1; }
  std::vector<int64_t> order(int64_t epoch) const {
    return permutation({seed, static_cast<uint32_t>(epoch), 0, Stream::order, 0}, n);
  }
  int64_t steps() const { return (n + batch - 1) / batch; }
};

// A host that reads, draws, calls backward() and update().
std::vector<double> step_by_step(const Fit& fit, Arena& arena, const MemorySource& source) {
  Network network(fit.plan, arena, fit.options);
  std::vector<double> losses;
  int64_t total = 0;
  for (int64_t epoch = 1; epoch <= fit.epochs; ++epoch) {
    const auto order = fit.order(epoch);
    double sum = 0;
    for (int64_t step = 0; step < fit.steps(); ++step) {
      const int64_t first = step * fit.batch, batch = std::min(fit.batch, fit.n - first);
      std::vector<uint8_t> pixels(static_cast<size_t>(batch * source.pixels()));
      source.read(order.data() + first, batch, pixels.data());
      Draws draws;
      draw_step(fit.plan, {fit.seed, static_cast<uint32_t>(epoch), static_cast<uint32_t>(step),
                           Stream::noise, 0}, batch, draws);
      const Losses l = network.backward(pixels.data(), batch, fit.kl_weight(epoch), draws);
      network.update(fit.optimizer, fit.optimizer.learning_rate, ++total);
      sum += l.loss * static_cast<double>(batch);
    }
    losses.push_back(sum);
  }
  network.download();
  return losses;
}

StepOptions step_options(const Fit& fit, bool resident = true) {
  return {fit.optimizer, fit.batch, fit.seed, resident};
}

std::vector<double> enqueued(const Fit& fit, Arena& arena, const MemorySource& source, bool resident = true,
                             std::string* why_not = nullptr) {
  Network network(fit.plan, arena, fit.options);
  Steps steps(network, fit.plan, source, step_options(fit, resident));
  std::vector<double> losses;
  int64_t total = 0;
  for (int64_t epoch = 1; epoch <= fit.epochs; ++epoch) {
    std::vector<StepRow> rows;
    for (int64_t step = 0; step < fit.steps(); ++step) {
      StepRow row = step_row(fit.optimizer, fit.optimizer.learning_rate, ++total);
      row.kl_weight = fit.kl_weight(epoch);
      row.epoch = static_cast<uint32_t>(epoch);
      row.step = static_cast<uint32_t>(step);
      rows.push_back(row);
    }
    steps.begin_epoch(fit.order(epoch), rows, 0, {});
    const Sums none = steps.run(1);
    CHECK(none.drawings == 0);
    const Sums one = steps.run(fit.steps() - 1);
    CHECK(one.drawings == fit.batch);
    const Sums all = steps.finish();
    CHECK(all.drawings == fit.n);
    CHECK(std::isfinite(all.of.loss));
    losses.push_back(all.of.loss);
    network.download();  // after every epoch: steps that only replay must count as steps
  }
  if (why_not) *why_not = steps.why_not_captured();
  return losses;
}

double largest_difference(const Arena& a, const Arena& b) {
  double most = 0;
  for (size_t p = 0; p < a.params().size(); ++p) {
    const auto k = static_cast<int64_t>(p);
    for (int64_t i = 0; i < a.params()[p].size(); ++i) {
      const double d = a.dtype() == Dtype::float32
                           ? static_cast<double>(a.value_as<float>(k)[i] - b.value_as<float>(k)[i])
                           : a.value_as<double>(k)[i] - b.value_as<double>(k)[i];
      most = std::max(most, std::abs(d));
      if (!std::isfinite(d)) return INFINITY;
    }
  }
  return most;
}

void compare(const Fit& ours, const Fit& theirs, double tolerance, bool resident = true,
             std::string* why_not = nullptr) {
  const int64_t pixels = size_of(ours.plan.model.input);
  const auto bytes = drawings(ours.n, pixels);
  const MemorySource source(bytes.data(), ours.n, ours.plan.model.input);
  const auto a = ours.arena(), b = theirs.arena();
  const auto losses = enqueued(ours, *a, source, resident, why_not);
  const auto expected = step_by_step(theirs, *b, source);
  for (size_t i = 0; i < losses.size(); ++i) {
    CHECK(std::abs(losses[i] - expected[i]) <= tolerance * std::abs(expected[i]));
  }
  CHECK(largest_difference(*a, *b) <= tolerance);
}

TEST_CASE("steps are backward and update bit for bit, short last batch included") {
  const ModelPlan plan = preset("binary");
  Fit fit{plan, {1, PlanRule::libtorch}, {}};
  SUBCASE("adam, l2 and binarized drawings") { fit.optimizer.rule = Rule::adam; }
  SUBCASE("clipping by norm") { fit.optimizer.clipnorm = 0.5; }
  SUBCASE("one batch larger than the data") { fit.batch = 64, fit.epochs = 1; }
  if (fit.batch > fit.n) {
    const auto bytes = drawings(fit.n, 784);
    const MemorySource source(bytes.data(), fit.n, fit.plan.model.input);
    const auto a = fit.arena(), b = fit.arena();
    Network network(plan, *a, fit.options);
    Steps steps(network, plan, source, step_options(fit));
    steps.begin_epoch(fit.order(1), {{0.25, 1e-3, 0, 1, 0}}, 0, {});
    steps.run(1);
    CHECK(steps.finish().drawings == fit.n);
    step_by_step(fit, *b, source);
    CHECK(largest_difference(*a, *b) == 0);
  } else {
    for (const bool resident : {false, true}) compare(fit, fit, 0, resident);
  }
}

TEST_CASE("steps of the digits preset, with dropout, batch norm and strides") {
  ModelSpec model = preset("digits").model;
  for (const char* layer : {R"({"kind": "dropout", "name": "drop", "rate": 0.25})",
                            R"({"kind": "batch_norm", "name": "norm"})"}) {
    model.encoder.push_back(read_layer(read_json(layer)));
  }
  const ModelPlan plan = plan_model(model);
  Fit fit{plan, {1, PlanRule::libtorch}, {}};
  fit.n = 5;
  fit.batch = 2;
  for (const bool resident : {false, true}) compare(fit, fit, 0, resident);
}

TEST_CASE("steps by the engine's own kernels, factored gradients among them, are backward and update too") {
  const ModelPlan plan = preset("sheep");
  Fit fit{plan, {2}, {}};
  fit.dtype = Dtype::float32;
  fit.n = 5;
  fit.batch = 2;
  fit.epochs = 1;
  SUBCASE("rmsprop") {}
  SUBCASE("clipping by norm") { fit.optimizer.clipnorm = 0.5; }
  compare(fit, fit, 0, false);
}

TEST_CASE("a loss that is not finite shows in the sums") {
  const ModelPlan plan = preset("binary");
  Fit fit{plan, {1, PlanRule::libtorch}, {}};
  const auto bytes = drawings(fit.n, 784);
  const MemorySource source(bytes.data(), fit.n, fit.plan.model.input);
  const auto arena = fit.arena();
  arena->value_as<double>(0)[0] = NAN;
  Network network(plan, *arena, fit.options);
  Steps steps(network, plan, source, step_options(fit));
  steps.begin_epoch(fit.order(1), std::vector<StepRow>(3), 0, {});
  steps.run(1);
  CHECK_FALSE(std::isfinite(steps.finish().of.loss));
}

TEST_CASE("a GPU's steps are the CPU's, captured as a graph") {
  if (!have_gpu()) return;
  std::string name;
  int64_t n = 83;  // ten full batches, of which three warm up, and a short one
  OptimizerSpec optimizer;
  // Sheep forget a difference of 1e-15 slowly: after 22 steps it is 1e-2 in their parameters.
  int64_t epochs = 2;
  SUBCASE("sheep") { name = "sheep", n = 43, epochs = 1; }
  SUBCASE("digits") { name = "digits"; }
  SUBCASE("binary") { name = "binary"; }
  SUBCASE("binary, full batches alone") { name = "binary", n = 80; }
  SUBCASE("binary, clipped, with momentum") {
    name = "binary";
    optimizer.clipnorm = 0.5;
    optimizer.momentum = 0.5;
  }
  const ModelPlan plan = preset(name);
  Fit cpu{plan, {4, PlanRule::libtorch}, optimizer};
  cpu.n = n;
  cpu.epochs = epochs;
  Fit gpu = cpu;
  gpu.options.device = Device::cuda;
  std::string why_not;
  // float64 on both sides: what differs is the order of sums.
  compare(gpu, cpu, 1e-6, true, &why_not);
  CHECK(why_not == "");
}

TEST_CASE("a GPU's steps in each precision are captured, and come near the CPU's") {
  if (!have_gpu()) return;
  Precision precision = Precision::float32;
  double tolerance = 0.01;
  SUBCASE("float32") {}
  SUBCASE("tf32") { precision = Precision::tf32, tolerance = 0.05; }
  SUBCASE("bf16") { precision = Precision::bf16, tolerance = 0.2; }
  for (const char* name : {"sheep", "digits", "binary"}) {
    CAPTURE(name);
    const ModelPlan plan = preset(name);
    Fit cpu{plan, {4, PlanRule::libtorch}, {}};
    cpu.n = 43;
    cpu.epochs = 1;
    cpu.dtype = Dtype::float32;
    Fit gpu = cpu;
    gpu.options.device = Device::cuda;
    gpu.options.precision = precision;
    const int64_t pixels = size_of(plan.model.input);
    const auto bytes = drawings(cpu.n, pixels);
    const MemorySource source(bytes.data(), cpu.n, cpu.plan.model.input);
    const auto a = gpu.arena(), b = cpu.arena();
    std::string why_not;
    const double ours = enqueued(gpu, *a, source, true, &why_not)[0];
    const double expected = step_by_step(cpu, *b, source)[0];
    CHECK(why_not == "");
    CHECK(std::abs(ours - expected) <= tolerance * std::abs(expected));
    CHECK(a->finite());
  }
}

TEST_CASE("a GPU's backward and update without a graph are the CPU's") {
  if (!have_gpu()) return;
  const ModelPlan plan = preset("digits");
  Fit cpu{plan, {4, PlanRule::libtorch}, {}};
  Fit gpu = cpu;
  gpu.options.device = Device::cuda;
  const auto bytes = drawings(cpu.n, 784);
  const MemorySource source(bytes.data(), cpu.n, cpu.plan.model.input);
  const auto a = gpu.arena(), b = cpu.arena();
  const auto ours = step_by_step(gpu, *a, source), expected = step_by_step(cpu, *b, source);
  for (size_t i = 0; i < ours.size(); ++i) CHECK(ours[i] == doctest::Approx(expected[i]).epsilon(1e-9));
  CHECK(largest_difference(*a, *b) <= 1e-6);
}

TEST_CASE("work captured on a GPU is done at each replay, and a capture that fails harms nothing") {
  if (!have_gpu()) return;
  DeviceQueue queue(Device::cuda);
  DeviceCounter counter;
  std::string why;
  const auto fails = [&](const std::function<void()>& work) {
    why = "";
    CHECK_FALSE(queue.capture(work, &why));
    CHECK(why != "");
    empty_cache(Device::cuda);  // refused while LibTorch believes that a capture is under way
    queue.run([&] { counter.up(); });
    queue.finish();
  };
  fails([&] {
    counter.up();
    throw Error("no step");
  });
  CHECK(why == "no step");
  fails([&] { counter.value(); });  // waits, which no capture may
  CHECK(counter.value() == 2);
  CHECK(queue.capture([&] { counter.up(); }, &why));
  CHECK(counter.value() == 2);
  for (int i = 0; i < 3; ++i) {
    queue.replay();
    queue.mark();
  }
  queue.wait(0);
  CHECK(counter.value() == 5);
}

TEST_CASE("fits on a GPU give their memory back") {
  if (!have_gpu()) return;
  const ModelPlan plan = preset("binary");
  Fit fit{plan, {1, PlanRule::libtorch, Device::cuda}, {}};
  fit.n = 83;
  const auto bytes = drawings(fit.n, 784);
  const MemorySource source(bytes.data(), fit.n, fit.plan.model.input);
  std::vector<int64_t> in_use;
  for (int i = 0; i < 3; ++i) {
    const auto arena = fit.arena();
    enqueued(fit, *arena, source);
    in_use.push_back(memory_in_use());
  }
  CHECK(in_use[2] == in_use[1]);  // the first takes workspaces that stay
}

TEST_CASE("a batch that a GPU has no memory for ends in a sentence with one that fits") {
  if (!have_gpu()) return;
  const ModelPlan plan = preset("sheep");
  Fit fit{plan, {1, PlanRule::libtorch, Device::cuda}, {}};
  fit.dtype = Dtype::float32;
  fit.n = fit.batch = 1024;
  const auto bytes = drawings(fit.n, 784);
  const MemorySource source(bytes.data(), fit.n, fit.plan.model.input);
  const auto arena = fit.arena();
  {
    Network network(plan, *arena, fit.options);
    Steps steps(network, plan, source, step_options(fit));
    steps.begin_epoch(fit.order(1), std::vector<StepRow>(1), 0, {});
    const MemoryLimit limit(int64_t{1} << 30);
    CHECK_THROWS_WITH_AS(steps.run(1), doctest::Contains("1024; a batch_size of "), Error);
  }
  // What follows is undisturbed.
  fit.n = fit.batch = 8;
  const auto small = fit.arena();
  fit.epochs = 1;
  const MemorySource few(bytes.data(), fit.n, fit.plan.model.input);
  Network network(plan, *small, fit.options);
  Steps steps(network, plan, few, step_options(fit));
  steps.begin_epoch(fit.order(1), {{1, 1e-3, 0, 1, 0}}, 0, {});
  steps.run(1);
  CHECK(std::isfinite(steps.finish().of.loss));
}

}  // namespace
