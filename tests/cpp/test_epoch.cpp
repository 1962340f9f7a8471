// src/engine/train/epoch.cpp: whole fits in portions of enqueued steps against fits step by step, on the CPU, where both can run:
// history, parameters, callbacks, interrupts, checkpoints. And fits and scores on a GPU against the
// CPU's, where there is one.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "data/json.h"
#include "on_device.h"
#include "temporary.h"
#include "train/scorer.h"
#include "train/trainer.h"

namespace {

using namespace sketchvae;

ModelSpec preset(const std::string& name) {
  std::ifstream file(std::string(SKETCHVAE_TEST_DIR) + "/../fixtures/models/" + name + ".json",
                     std::ios::binary);
  REQUIRE(file.good());
  return read_model(read_json(std::string(std::istreambuf_iterator<char>(file), {})));
}

ModelSpec binary() { return preset("binary"); }

FitOptions options(bool resident) {
  FitOptions o;
  o.epochs = 3;
  o.batch_size = 4;
  o.optimizer.rule = Rule::adam;
  o.kl.kind = KlSchedule::Kind::linear;
  o.kl.start = 1;
  o.kl.steep = 2;
  o.dtype = Dtype::float64;
  o.plan = PlanRule::libtorch;
  o.resident = resident;
  return o;
}

struct Drawings {
  std::vector<uint8_t> bytes;
  MemorySource source;
  explicit Drawings(int64_t n) : bytes(make(n)), source(bytes.data(), n, {28, 28, 1}) {}
  static std::vector<uint8_t> make(int64_t n) {
    std::vector<uint8_t> b;
    for (int64_t i = 0; i < n * 784; ++i) b.push_back((i * i / 5) % 7 == 0 ? 255 : 0);
    return b;
  }
};

struct Watcher final : FitHost {
  int64_t every = 0, stop_at = 0, polls = 0;
  std::vector<int64_t> steps;
  std::vector<double> losses;
  bool should_stop() override { return stop_at > 0 && ++polls >= stop_at; }
  int64_t batch_every() const override { return every; }
  Verdict on_batch(const BatchState& s) override {
    steps.push_back(s.step);
    losses.push_back(s.mean.loss);
    return Verdict::go_on;
  }
};

double difference(Trainer& a, Trainer& b) {
  double most = 0;
  for (size_t p = 0; p < a.plan().params.size(); ++p) {
    const auto k = static_cast<int64_t>(p);
    for (int64_t i = 0; i < a.plan().params[p].size(); ++i) {
      most = std::max(most, std::abs(a.arena().value_as<double>(k)[i] - b.arena().value_as<double>(k)[i]));
    }
  }
  return most;
}

TEST_CASE("a fit in portions is the fit step by step") {
  const Drawings train(23), held(9);
  Trainer portions(binary(), options(true), train.source, &held.source);
  Trainer steps(binary(), options(false), train.source, &held.source);
  Watcher watcher;
  Watcher silent;
  CHECK(portions.run(watcher) == Ending::finished);
  CHECK(steps.run(silent) == Ending::finished);
  REQUIRE(portions.state().history.size() == 3);
  for (size_t e = 0; e < 3; ++e) {
    const EpochRow &a = portions.state().history[e], &b = steps.state().history[e];
    CHECK(a.epoch == b.epoch);
    CHECK(a.kl_weight == b.kl_weight);
    CHECK(a.train.loss == b.train.loss);
    CHECK(a.train.reconstruction == b.train.reconstruction);
    CHECK(a.train.kl == b.train.kl);
    CHECK(a.train.regularization == b.train.regularization);
    CHECK(a.validation->loss == b.validation->loss);
  }
  CHECK(difference(portions, steps) == 0);
  CHECK(watcher.steps.back() == 6);
}

TEST_CASE("a host that wants every second batch gets it, with the losses of that batch") {
  const Drawings train(23);
  FitOptions o = options(true), p = options(false);
  o.epochs = p.epochs = 1;
  Trainer portions(binary(), o, train.source, nullptr), steps(binary(), p, train.source, nullptr);
  Watcher second, each;
  second.every = 2;
  portions.run(second);
  steps.run(each);
  CHECK(second.steps == std::vector<int64_t>{2, 4, 6});
  for (size_t i = 0; i < 3; ++i) {
    CHECK(second.losses[i] == each.losses[2 * i + 1]);
  }
}

TEST_CASE("an interrupt keeps the last finished epoch") {
  const Drawings train(23);
  FitOptions one = options(false);
  one.epochs = 1;
  Trainer interrupted(binary(), options(true), train.source, nullptr);
  Trainer whole(binary(), one, train.source, nullptr);
  Watcher watcher;
  watcher.every = 1;
  watcher.stop_at = 9;  // within the second epoch of six steps
  Watcher silent;
  CHECK(interrupted.run(watcher) == Ending::interrupted);
  whole.run(silent);
  CHECK(interrupted.state().history.size() == 1);
  CHECK(difference(interrupted, whole) == 0);
}

TEST_CASE("a fit in portions goes on from a checkpoint, within an epoch too") {
  const Drawings train(23);
  const TemporaryFolder temporary;
  const std::string folder = temporary.path("checkpoints");
  Watcher watcher;
  watcher.every = 1;
  watcher.stop_at = 10;
  {
    Trainer first(binary(), options(true), train.source, nullptr);
    first.use_checkpoints({folder, "x", 0, 2});  // one after every batch
    CHECK(first.run(watcher) == Ending::interrupted);
  }
  Trainer second(binary(), options(true), train.source, nullptr), whole(binary(), options(true), train.source, nullptr);
  second.use_checkpoints({folder, "x", 0, 2});
  Watcher silent;
  CHECK(second.run(silent) == Ending::finished);
  whole.run(silent);
  CHECK(second.state().history.back().train.loss == whole.state().history.back().train.loss);
  CHECK(difference(second, whole) == 0);
}

TEST_CASE("a host that wants every batch does not make portions grow without end") {
  const Drawings train(200);
  FitOptions o = options(true);
  o.epochs = 1;
  o.batch_size = 1;
  Trainer trainer(binary(), o, train.source, nullptr);
  Watcher watcher;
  watcher.every = 1;
  CHECK(trainer.run(watcher) == Ending::finished);
  CHECK(watcher.steps.size() == 200);
}

TEST_CASE("a source is told which drawings will be read, in order, from where the epoch goes on") {
  struct Fetching final : BatchSource {
    const MemorySource& from;
    mutable std::vector<std::vector<int64_t>> expected = {};
    mutable size_t read_so_far = 0;
    explicit Fetching(const MemorySource& source) : from(source) {}
    int64_t size() const override { return from.size(); }
    const Shape& shape() const override { return from.shape(); }
    void expect(std::span<const int64_t> index) const override {
      expected.emplace_back(index.begin(), index.end());
      read_so_far = 0;
    }
    void read(const int64_t* index, int64_t n, uint8_t* out) const override {
      REQUIRE(read_so_far + static_cast<size_t>(n) <= expected.back().size());
      for (int64_t i = 0; i < n; ++i) CHECK(index[i] == expected.back()[read_so_far++]);
      from.read(index, n, out);
    }
  };
  const Drawings train(23);
  const Fetching source(train.source), rest(train.source);
  const TemporaryFolder temporary;
  Watcher watcher;
  watcher.stop_at = 9;  // six steps an epoch
  Trainer whole(binary(), options(false), train.source, nullptr), first(binary(), options(false), source, nullptr),
      second(binary(), options(false), rest, nullptr);
  first.use_checkpoints({temporary.path("run"), "x", 0, 2});
  CHECK(first.run(watcher) == Ending::interrupted);
  CHECK(source.expected.size() == 2);
  second.use_checkpoints({temporary.path("run"), "x", 0, 2});
  Watcher silent;
  CHECK(second.run(silent) == Ending::finished);
  whole.run(silent);
  CHECK(difference(second, whole) == 0);
  REQUIRE(rest.expected.size() == 2);
  CHECK(rest.expected[0] == std::vector<int64_t>(source.expected[1].begin() + 8, source.expected[1].end()));
  CHECK(rest.expected[1].size() == 23);
}

// ---- on a GPU

FitOptions on_gpu() {
  FitOptions o = options(false);
  o.device = Device::cuda;
  return o;
}

TEST_CASE("a fit on a GPU is the CPU's: history, validation, parameters, a second fit after it") {
  if (!have_gpu()) return;
  int64_t n = 0;
  SUBCASE("full batches alone, replayed but for the first") { n = 40; }
  SUBCASE("a short batch at the end") { n = 43; }
  const Drawings train(n), held(9);
  for (int fit = 0; fit < 2; ++fit) {
    Trainer gpu(binary(), on_gpu(), train.source, &held.source);
    Trainer cpu(binary(), options(false), train.source, &held.source);
    Watcher watcher, silent;
    CHECK(gpu.run(watcher) == Ending::finished);
    CHECK(cpu.run(silent) == Ending::finished);
    CHECK(gpu.state().warnings.empty());
    REQUIRE(gpu.state().history.size() == cpu.state().history.size());
    for (size_t e = 0; e < cpu.state().history.size(); ++e) {
      const EpochRow &a = gpu.state().history[e], &b = cpu.state().history[e];
      CHECK(a.train.loss == doctest::Approx(b.train.loss).epsilon(1e-7));
      CHECK(a.train.kl == doctest::Approx(b.train.kl).epsilon(1e-7));
      CHECK(a.validation->loss == doctest::Approx(b.validation->loss).epsilon(1e-7));
    }
    CHECK(difference(gpu, cpu) <= 1e-7);
  }
}

TEST_CASE("a fit on a GPU goes on from a checkpoint within an epoch") {
  if (!have_gpu()) return;
  const Drawings train(40);
  const TemporaryFolder temporary;
  const std::string folder = temporary.path("checkpoints");
  Watcher watcher;
  watcher.every = 1;
  watcher.stop_at = 17;  // within the second epoch of ten steps, all of them replays
  {
    Trainer first(binary(), on_gpu(), train.source, nullptr);
    first.use_checkpoints({folder, "x", 0, 2});  // one after every batch
    CHECK(first.run(watcher) == Ending::interrupted);
  }
  Trainer second(binary(), on_gpu(), train.source, nullptr), whole(binary(), on_gpu(), train.source, nullptr);
  second.use_checkpoints({folder, "x", 0, 2});
  Watcher silent;
  CHECK(second.run(silent) == Ending::finished);
  CHECK(whole.run(silent) == Ending::finished);
  CHECK(second.state().history.back().train.loss == doctest::Approx(whole.state().history.back().train.loss).epsilon(1e-7));
  CHECK(difference(second, whole) <= 1e-7);
}

TEST_CASE("scores, codes and drawings of a GPU are the CPU's") {
  if (!have_gpu()) return;
  for (const char* name : {"sheep", "digits", "binary"}) {
    CAPTURE(name);
    const ModelSpec model = preset(name);
    Arena arena(plan_model(model).params, Dtype::float64, 0);
    initialize(arena, 3);
    const auto weights = write_weights(arena, {});
    const Drawings some(70);
    const auto d = static_cast<size_t>(model.latent_dim);
    SilentHost host;
    const auto all = [&](Device device) {
      Scorer scorer(model, weights, {1, PlanRule::libtorch, device});
      std::vector<double> errors(70), mean(70 * d), log_var(70 * d), drawn(70 * 784);
      scorer.score(some.source, errors.data(), host);
      scorer.encode(some.source, mean.data(), log_var.data(), host);
      scorer.decode(mean.data(), 70, drawn.data(), host);
      for (const auto* more : {&mean, &log_var, &drawn}) {
        errors.insert(errors.end(), more->begin(), more->end());
      }
      return errors;
    };
    const auto ours = all(Device::cuda), expected = all(Device::cpu);
    double worst = 0;
    for (size_t i = 0; i < ours.size(); ++i) {
      const double off = std::abs(ours[i] - expected[i]) / std::max(1.0, std::abs(expected[i]));
      worst = std::isfinite(off) ? std::max(worst, off) : INFINITY;
    }
    CHECK(worst <= 1e-9);
  }
}

}  // namespace
