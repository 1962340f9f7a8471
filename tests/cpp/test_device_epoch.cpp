// Whole fits in portions of enqueued steps against fits step by step, on the CPU, where both can run:
// history, parameters, callbacks, interrupts, checkpoints.
#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "data/json.h"
#include "temporary.h"
#include "train/trainer.h"

namespace {

using namespace sketchvae;

ModelSpec binary() {
  std::ifstream file(std::string(SKETCHVAE_TEST_DIR) + "/../fixtures/models/binary.json",
                     std::ios::binary);
  REQUIRE(file.good());
  return read_model(read_json(std::string(std::istreambuf_iterator<char>(file), {})));
}

FitOptions options(bool resident) {
  FitOptions o;
  o.epochs = 3;
  o.batch_size = 4;
  o.optimizer.rule = Rule::adam;
  o.kl.kind = KlSchedule::Kind::linear;
  o.kl.start = 1;
  o.kl.steep = 2;
  o.dtype = Dtype::float64;
  o.reference = true;
  o.resident = resident;
  return o;
}

struct Drawings {
  std::vector<uint8_t> bytes;
  MemorySource source;
  explicit Drawings(int64_t n) : bytes(make(n)), source(bytes.data(), n, 784) {}
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
  REQUIRE(portions.history().size() == 3);
  for (size_t e = 0; e < 3; ++e) {
    const EpochRow &a = portions.history()[e], &b = steps.history()[e];
    CHECK(a.epoch == b.epoch);
    CHECK(a.kl_weight == b.kl_weight);
    CHECK(a.train.loss == doctest::Approx(b.train.loss).epsilon(1e-9));
    CHECK(a.train.reconstruction == doctest::Approx(b.train.reconstruction).epsilon(1e-9));
    CHECK(a.train.kl == doctest::Approx(b.train.kl).epsilon(1e-9));
    CHECK(a.train.regularization == doctest::Approx(b.train.regularization).epsilon(1e-9));
    CHECK(a.validation->loss == doctest::Approx(b.validation->loss).epsilon(1e-9));
  }
  CHECK(difference(portions, steps) <= 1e-9);
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
    CHECK(second.losses[i] == doctest::Approx(each.losses[2 * i + 1]).epsilon(1e-9));
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
  CHECK(interrupted.history().size() == 1);
  CHECK(difference(interrupted, whole) <= 1e-9);
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
    first.use_checkpoints(folder, "x", 0, 2);  // one after every batch
    CHECK(first.run(watcher) == Ending::interrupted);
  }
  Trainer second(binary(), options(true), train.source, nullptr), whole(binary(), options(true), train.source, nullptr);
  second.use_checkpoints(folder, "x", 0, 2);
  Watcher silent;
  CHECK(second.run(silent) == Ending::finished);
  whole.run(silent);
  CHECK(second.history().back().train.loss == doctest::Approx(whole.history().back().train.loss).epsilon(1e-9));
  CHECK(difference(second, whole) <= 1e-12);
}

}  // namespace
