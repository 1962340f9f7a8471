// src/engine/train/trainer.h, src/engine/train/scorer.h
#include "train/trainer.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <string>

#include "data/json.h"
#include "error.h"
#include "net/runtime.h"
#include "temporary.h"
#include "train/scorer.h"

using namespace sketchvae;

namespace {

// 4 x 4 drawings, dropout and batch norm.
ModelSpec small_model() {
  return read_model(read_json(R"({"name":"m","input":[4,4,1],
    "encoder":[{"kind":"flatten"},{"kind":"dense","units":6,"activation":"tanh"},
               {"kind":"dropout","rate":0.2},{"kind":"batch_norm"}],
    "latent_dim":2,
    "decoder":[{"kind":"dense","units":6,"activation":"tanh"},{"kind":"dense","units":16,"activation":"sigmoid"}],
    "reconstruction":{"kind":"squared_error","scale":1},
    "kl":{"form":"log_var","reduction":"sum","scale":1,"weight":0.5,"free_bits":0},
    "noise":"log_sd","regularizer":null,"binarize":null})"));
}

struct Drawings {
  std::vector<uint8_t> bytes;
  MemorySource source;
  explicit Drawings(int64_t n)
      : bytes([n] {
          std::vector<uint8_t> b(static_cast<size_t>(n * 16));
          for (size_t i = 0; i < b.size(); ++i) b[i] = static_cast<uint8_t>(i * 2654435761u >> 13);
          return b;
        }()),
        source(bytes.data(), n, {4, 4, 1}) {}
};

FitOptions options(int64_t epochs) {
  FitOptions o;
  o.epochs = epochs;
  o.batch_size = 8;
  o.optimizer.learning_rate = 0.01;
  o.kl = {KlSchedule::Kind::linear, 1, 2, 1, false};
  o.seed = 5;
  return o;
}

// Answers with what the test gives it.
struct TestHost : FitHost {
  std::function<Verdict(Trainer&)> begin = [](Trainer&) { return Verdict::go_on; };
  std::function<Verdict(const BatchState&)> batch = [](const BatchState&) { return Verdict::go_on; };
  std::function<Verdict(Trainer&)> epoch = [](Trainer&) { return Verdict::go_on; };
  std::function<bool()> stop = [] { return false; };
  int64_t every = 0;
  int64_t batch_every() const override { return every; }
  Verdict on_begin(Trainer& t) override { return begin(t); }
  Verdict on_batch(const BatchState& s) override { return batch(s); }
  Verdict on_epoch(Trainer& t) override { return epoch(t); }
  bool should_stop() override { return stop(); }
};

bool same(const Trainer& a, Trainer& b, Trainer& c) {
  if (a.state().history.size() != c.state().history.size()) return false;
  for (size_t i = 0; i < a.state().history.size(); ++i) {
    const EpochRow &x = a.state().history[i], &y = c.state().history[i];
    if (std::memcmp(&x.train, &y.train, sizeof x.train) != 0 || x.kl_weight != y.kl_weight ||
        x.learning_rate != y.learning_rate || x.validation.has_value() != y.validation.has_value()) {
      return false;
    }
    if (x.validation && std::memcmp(&*x.validation, &*y.validation, sizeof *x.validation) != 0) return false;
  }
  const auto p = b.arena().values(), q = c.arena().values();
  return std::memcmp(p.data(), q.data(), p.size()) == 0;
}
bool same(Trainer& a, Trainer& b) { return same(a, a, b); }

}  // namespace

TEST_CASE("a fit is a function of its seed, and its loss falls") {
  const Drawings x(50);
  const ModelSpec model = small_model();
  TestHost host;
  Trainer a(model, options(30), x.source, nullptr), b(model, options(30), x.source, nullptr);
  CHECK(a.run(host) == Ending::finished);
  b.run(host);
  CHECK(same(a, b));
  CHECK(a.state().history.size() == 30);
  CHECK(a.state().history[29].train.reconstruction < 0.9 * a.state().history[0].train.reconstruction);
  CHECK(a.state().history[0].kl_weight == 0);
  CHECK(a.state().history[1].kl_weight == 0.25);  // half of the model's 0.5
  CHECK(a.state().history[2].kl_weight == 0.5);
  FitOptions other = options(30);
  other.seed = 6;
  Trainer c(model, other, x.source, nullptr);
  c.run(host);
  CHECK_FALSE(same(a, c));
}

TEST_CASE("ten epochs are five and five more, wherever the first part ended") {
  const Drawings x(50), held(13);
  const ModelSpec model = small_model();
  TestHost quiet;
  Trainer whole(model, options(10), x.source, &held.source);
  whole.run(quiet);
  for (const int64_t cut : {1, 7, 8, 33, 35, 69}) {
    CAPTURE(cut);
    const TemporaryFolder folder;
    int64_t steps = 0;
    TestHost host;
    host.batch = [&](const BatchState&) { return ++steps == cut ? Verdict::fail : Verdict::go_on; };
    Trainer first(model, options(10), x.source, &held.source);
    first.use_checkpoints({folder.path("run"), "{}", 0, 2});  // after every batch
    CHECK(first.run(host) == Ending::failed);
    Trainer second(model, options(10), x.source, &held.source);
    second.use_checkpoints({folder.path("run"), "{}", 0, 2});
    CHECK(second.run(quiet) == Ending::finished);
    CHECK(same(whole, second));
    // Once more: nothing is left to do.
    Trainer third(model, options(10), x.source, &held.source);
    third.use_checkpoints({folder.path("run"), "{}", 0, 2});
    CHECK(third.run(host) == Ending::finished);
    CHECK(same(whole, third));
  }
}

TEST_CASE("a learning rate that a host set is kept in checkpoints") {
  const Drawings x(20);
  const ModelSpec model = small_model();
  TestHost host;
  host.epoch = [](Trainer& t) {
    t.state().learning_rate_factor *= 0.5;
    return Verdict::go_on;
  };
  Trainer whole(model, options(6), x.source, nullptr);
  whole.run(host);
  CHECK(whole.state().history[5].learning_rate == doctest::Approx(0.01 / 32));
  const TemporaryFolder folder;
  Trainer first(model, options(3), x.source, nullptr), second(model, options(6), x.source, nullptr);
  first.use_checkpoints({folder.path("run"), "{}", 10, 2});
  first.run(host);
  second.use_checkpoints({folder.path("run"), "{}", 10, 2});
  second.run(host);
  CHECK(same(whole, second));
}

TEST_CASE("what a host decides within an epoch holds in a run that goes on within it") {
  const Drawings x(20);
  const ModelSpec model = small_model();
  for (const bool resident : {false, true}) {
    FitOptions how = options(4);
    how.resident = resident;
    TestHost decides, dies, silent;
    Trainer* watched = nullptr;
    const auto decide = [&](const BatchState& s) {
      if (s.epoch != 2 || s.step != 1) return Verdict::go_on;
      watched->state().learning_rate_factor = 0.1;
      return Verdict::finish;
    };
    decides.batch = decide;
    dies.batch = [&](const BatchState& s) {
      return s.epoch == 2 && s.step == 2 ? Verdict::fail : decide(s);
    };
    for (TestHost* host : {&decides, &dies, &silent}) host->every = 1;
    Trainer whole(model, how, x.source, nullptr), cut(model, how, x.source, nullptr),
        rest(model, how, x.source, nullptr);
    watched = &whole;
    CHECK(whole.run(decides) == Ending::callback);
    // The rate of an epoch is the one that it began with.
    CHECK(whole.state().history.size() == 2);
    CHECK(whole.state().history[1].learning_rate == doctest::Approx(0.01));
    const TemporaryFolder folder;
    cut.use_checkpoints({folder.path("run"), "{}", 1e-9, 2});
    watched = &cut;
    CHECK(cut.run(dies) == Ending::failed);
    rest.use_checkpoints({folder.path("run"), "{}", 10, 2});
    CHECK(rest.run(silent) == Ending::callback);
    CHECK(rest.state().history.size() == 2);
    CHECK(same(whole, rest));
  }
}

TEST_CASE("a run that its host finished restores what was kept, read back too, and goes on from the last epoch") {
  const Drawings x(20);
  const ModelSpec model = small_model();
  const TemporaryFolder folder;
  TestHost host, silent;
  host.epoch = [](Trainer& t) {
    if (t.state().history.size() == 2) t.keep_weights();
    if (t.state().history.size() < 4) return Verdict::go_on;
    t.state().restore_kept = true;
    return Verdict::finish;
  };
  const auto values = [](Trainer& t) {
    const auto all = t.arena().values();
    return std::vector<std::byte>(all.begin(), all.end());
  };
  Trainer two(model, options(2), x.source, nullptr), best(model, options(9), x.source, nullptr),
      again(model, options(9), x.source, nullptr), more(model, options(10), x.source, nullptr),
      ten(model, options(10), x.source, nullptr);
  two.run(silent);
  best.use_checkpoints({folder.path("run"), "{}", 10, 2});
  CHECK(best.run(host) == Ending::callback);
  CHECK(best.state().restored_epoch == 2);
  CHECK(best.state().history.size() == 4);
  CHECK(values(best) == values(two));
  again.use_checkpoints({folder.path("run"), "{}", 10, 2});
  CHECK(again.run(silent) == Ending::callback);
  CHECK(again.state().restored_epoch == 2);
  CHECK(values(again) == values(two));
  more.use_checkpoints({folder.path("run"), "{}", 10, 2});
  CHECK(more.run(silent) == Ending::finished);
  CHECK(more.state().restored_epoch == 0);
  ten.run(silent);
  CHECK(values(more) == values(ten));
}

TEST_CASE("an interrupt gives the last finished epoch, and before it an exception") {
  const Drawings x(50), held(50);
  const ModelSpec model = small_model();
  TestHost quiet;
  Trainer two(model, options(2), x.source, nullptr);
  two.run(quiet);
  // Seven batches an epoch, asked before each: the 17th time is in the third epoch.
  int64_t asked = 0;
  TestHost host;
  host.stop = [&] { return ++asked == 17; };
  Trainer cut(model, options(5), x.source, nullptr);
  CHECK(cut.run(host) == Ending::interrupted);
  CHECK(same(two, cut));
  asked = 14;
  Trainer early(model, options(5), x.source, nullptr);
  CHECK_THROWS_AS(early.run(host), Interrupted);
  // Within the validation of the second epoch.
  asked = 0;
  host.stop = [&] { return ++asked == 17; };
  Trainer validated(model, options(5), x.source, &held.source);
  CHECK(validated.run(host) == Ending::interrupted);
  CHECK(validated.state().history.size() == 1);
}

TEST_CASE("however a run ends that goes on within an epoch, the parameters are those of the epoch before") {
  const Drawings x(50);
  const ModelSpec model = small_model();
  for (const bool resident : {false, true}) {
    CAPTURE(resident);
    const auto with = [resident](int64_t epochs) {
      FitOptions o = options(epochs);
      o.resident = resident;
      return o;
    };
    TestHost quiet, killed;
    quiet.every = killed.every = 1;
    Trainer two(model, with(2), x.source, nullptr);
    two.run(quiet);
    const TemporaryFolder folder;
    killed.batch = [](const BatchState& s) {
      return s.epoch == 3 && s.step == 4 ? Verdict::fail : Verdict::go_on;
    };
    {
      Trainer first(model, with(10), x.source, nullptr);
      first.use_checkpoints({folder.path("run"), "{}", 0, 2});
      CHECK(first.run(killed) == Ending::failed);
      CHECK(same(two, first));
    }
    const auto ends = [&](int64_t epochs, TestHost host) {
      Trainer trainer(model, with(epochs), x.source, nullptr);
      trainer.use_checkpoints({folder.path("run"), "{}", 1000, 2});
      const Ending ending = trainer.run(host);
      CHECK(same(two, trainer));
      return ending;
    };
    CHECK(ends(1, quiet) == Ending::finished);
    CHECK(ends(2, quiet) == Ending::finished);
    TestHost host = quiet;
    host.begin = [](Trainer&) { return Verdict::fail; };
    CHECK(ends(10, host) == Ending::failed);
    host.begin = [](Trainer&) { return Verdict::interrupt; };
    CHECK(ends(10, host) == Ending::interrupted);
    host = quiet;
    host.stop = [] { return true; };
    CHECK(ends(10, host) == Ending::interrupted);
    host = quiet;
    host.batch = [](const BatchState&) { return Verdict::fail; };
    CHECK(ends(10, host) == Ending::failed);
    host.batch = [](const BatchState&) -> Verdict { throw Error("thrown"); };
    Trainer thrown(model, with(10), x.source, nullptr);
    thrown.use_checkpoints({folder.path("run"), "{}", 1000, 2});
    CHECK_THROWS_AS(thrown.run(host), Error);
    CHECK(same(two, thrown));
    host = quiet;
    host.begin = [](Trainer& t) {  // every bit set: not a number
      const auto values = t.arena().values();
      std::memset(values.data(), 0xFF, values.size());
      return Verdict::go_on;
    };
    CHECK(ends(10, host) == Ending::non_finite);
  }
}

TEST_CASE("a fit that its host finished stays finished until there is more to do") {
  const Drawings x(20);
  const ModelSpec model = small_model();
  const TemporaryFolder folder;
  TestHost host, loud;
  host.epoch = [](Trainer& t) { return t.state().history.size() == 2 ? Verdict::finish : Verdict::go_on; };
  loud.batch = [](const BatchState&) -> Verdict { throw Error("trained"); };
  Trainer first(model, options(4), x.source, nullptr), again(model, options(4), x.source, nullptr),
      more(model, options(5), x.source, nullptr);
  first.use_checkpoints({folder.path("run"), "{}", 10, 2});
  CHECK(first.run(host) == Ending::callback);
  again.use_checkpoints({folder.path("run"), "{}", 10, 2});
  CHECK(again.run(loud) == Ending::callback);
  CHECK(same(first, again));
  more.use_checkpoints({folder.path("run"), "{}", 10, 2});
  TestHost quiet;
  CHECK(more.run(quiet) == Ending::finished);
  CHECK(more.state().history.size() == 5);
}

TEST_CASE("a loss that is not finite gives the last good epoch") {
  const Drawings x(20);
  const ModelSpec model = small_model();
  TestHost quiet, host;
  host.epoch = [](Trainer& t) {
    if (t.state().history.size() == 2) t.state().learning_rate_factor = 1e30;
    return Verdict::go_on;
  };
  FitOptions o = options(5);
  o.optimizer = OptimizerSpec{};
  o.optimizer.rule = Rule::sgd;
  FitOptions short_one = o;
  short_one.epochs = 2;
  Trainer two(model, short_one, x.source, nullptr), cut(model, o, x.source, nullptr);
  two.run(quiet);
  CHECK(cut.run(host) == Ending::non_finite);
  CHECK(same(two, cut));
  // In the first epoch: the initial weights.
  Trainer at_once(model, o, x.source, nullptr);
  at_once.state().learning_rate_factor = 1e30;
  Arena initial(at_once.plan().params, Dtype::float32, 0);
  initialize(initial, o.seed);
  CHECK(at_once.run(quiet) == Ending::non_finite);
  CHECK(at_once.state().history.empty());
  CHECK(std::memcmp(initial.values().data(), at_once.arena().values().data(), initial.values().size()) == 0);
}

TEST_CASE("checkpoints that cannot be written are said once, and the fit goes on") {
  const Drawings x(20);
  const ModelSpec model = small_model();
  const TemporaryFolder folder;
  const std::string run = folder.path("run");
  TestHost host, quiet;
  host.epoch = [&](Trainer& t) {
    if (t.state().history.size() == 2) {
      remove_tree(run);
      folder.file("run", "in the way");
    }
    return Verdict::go_on;
  };
  Trainer a(model, options(5), x.source, nullptr), b(model, options(5), x.source, nullptr);
  a.use_checkpoints({run, "{}", 0, 2});
  CHECK(a.run(host) == Ending::finished);
  REQUIRE(a.state().warnings.size() == 1);
  CHECK(a.state().warnings[0].find("could not be written after epoch 2") != std::string::npos);
  b.run(quiet);
  CHECK(same(a, b));
}

TEST_CASE("LibTorch's number of threads is left as it was found") {
  const Drawings x(20);
  const ModelSpec model = small_model();
  TestHost quiet;
  const int before = torch_threads();
  set_torch_threads(2);
  Trainer trainer(model, options(1), x.source, nullptr);  // one thread
  int64_t outside = 0;
  quiet.batch = [&](const BatchState&) {
    outside += torch_threads() == 2;
    return Verdict::go_on;
  };
  trainer.run(quiet);
  CHECK(outside == 3);
  CHECK(torch_threads() == 2);
  set_torch_threads(before);
}

TEST_CASE("drawings of another size, and none, are refused") {
  const Drawings x(4), none(0);
  const ModelSpec model = small_model();
  CHECK_THROWS_AS(Trainer(model, options(1), none.source, nullptr), Error);
  Trainer trainer(model, options(1), x.source, nullptr);
  Scorer scorer(model, write_weights(trainer.arena(), {}), {});
  TestHost host;
  std::vector<double> out(16);
  // As many pixels are not enough.
  for (const Shape& shape : {Shape{4, 8, 1}, Shape{2, 8, 1}, Shape{8, 2, 1}, Shape{2, 2, 4}}) {
    const MemorySource wrong(x.bytes.data(), 2, shape);
    const std::string message = "the drawings are " + to_string(shape) + ", the model takes 4 x 4 x 1";
    CHECK_THROWS_WITH_AS(Trainer(model, options(1), wrong, nullptr), message.c_str(), Error);
    CHECK_THROWS_WITH_AS(Trainer(model, options(1), x.source, &wrong), message.c_str(), Error);
    CHECK_THROWS_WITH_AS(scorer.encode(wrong, out.data(), nullptr, host), message.c_str(), Error);
    CHECK_THROWS_WITH_AS(scorer.score(wrong, out.data(), host), message.c_str(), Error);
    CHECK_THROWS_WITH_AS(scorer.evaluate(wrong, 2, 1, host), message.c_str(), Error);
  }
}

TEST_CASE("scores are those of the drawings, whatever the batch they fall into") {
  const Drawings x(150);  // more than two batches of the scorer
  const ModelSpec model = small_model();
  TestHost quiet;
  Trainer trainer(model, options(2), x.source, nullptr);
  trainer.run(quiet);
  const auto weights = write_weights(trainer.arena(), {});
  NetworkOptions plain;
  plain.plan = PlanRule::libtorch;
  Scorer scorer(model, weights, {}), reference(model, weights, plain);
  SilentHost host;
  std::vector<double> mean(300), log_var(300), z(2), drawing(16), errors(150), one(1);
  scorer.encode(x.source, mean.data(), log_var.data(), host);
  scorer.score(x.source, errors.data(), host);
  for (const int64_t i : {0, 63, 64, 149}) {
    const MemorySource single(x.bytes.data() + i * 16, 1, {4, 4, 1});
    reference.encode(single, z.data(), nullptr, host);
    CHECK(z[0] == doctest::Approx(mean[static_cast<size_t>(i)]).epsilon(1e-5));
    CHECK(z[1] == doctest::Approx(mean[static_cast<size_t>(150 + i)]).epsilon(1e-5));
    scorer.decode(z.data(), 1, drawing.data(), host);
    double sum = 0;
    for (int64_t p = 0; p < 16; ++p) {
      const double d = x.bytes[static_cast<size_t>(i * 16 + p)] / 255.0 - drawing[static_cast<size_t>(p)];
      sum += d * d;
    }
    CHECK(errors[static_cast<size_t>(i)] == doctest::Approx(sum).epsilon(1e-5));
    scorer.score(single, one.data(), host);
    CHECK(one[0] == doctest::Approx(sum).epsilon(1e-5));
  }
  struct Stop : Host {
    bool should_stop() override { return true; }
    void progress(int64_t, int64_t) override {}
  } stop;
  CHECK_THROWS_AS(scorer.score(x.source, errors.data(), stop), Interrupted);
}

TEST_CASE("evaluations are of the drawings and the seed, and bounds are bounds") {
  const Drawings x(70);
  SilentHost host;
  for (const char* noise : {"log_sd", "log_var"}) {
    ModelSpec model = small_model();
    model.noise = noise == std::string("log_sd") ? Noise::log_sd : Noise::log_var;
    TestHost quiet;
    Trainer trainer(model, options(2), x.source, nullptr);
    trainer.run(quiet);
    const auto weights = write_weights(trainer.arena(), {});
    Scorer scorer(model, weights, {});
    const Evaluation all = scorer.evaluate(x.source, 13, 7, host);
    // The same codes whatever batch they fall into: the first drawings alone give the same.
    const MemorySource few(x.bytes.data(), 3, {4, 4, 1});
    const Evaluation some = scorer.evaluate(few, 13, 7, host);
    std::vector<double> mean(140), s(140);
    scorer.encode(x.source, mean.data(), s.data(), host);
    for (size_t i = 0; i < 70; ++i) {
      if (i < 3) {
        CHECK(some.elbo[i] == doctest::Approx(all.elbo[i]).epsilon(1e-5));
        CHECK(some.log_likelihood[i] == doctest::Approx(all.log_likelihood[i]).epsilon(1e-5));
      }
      for (size_t k : {i, 70 + i}) {
        const double variance = std::exp(s[k] * (model.noise == Noise::log_sd ? 2 : 1));
        CHECK(all.kl[k] == doctest::Approx((variance + mean[k] * mean[k] - 1 - std::log(variance)) / 2));
      }
    }
    // One sample: both are log p(x|z), less the divergence or its estimate from that sample.
    const Evaluation one = scorer.evaluate(x.source, 1, 7, host);
    double gap = 0;
    for (size_t i = 0; i < 70; ++i) gap += (one.log_likelihood[i] - one.elbo[i]) / 70;
    CHECK(std::fabs(gap) < 0.5);
    // By Jensen's inequality more samples raise the estimate above the bound.
    gap = 0;
    const Evaluation many = scorer.evaluate(x.source, 500, 8, host);
    for (size_t i = 0; i < 70; ++i) gap += (many.log_likelihood[i] - many.elbo[i]) / 70;
    CHECK(gap > 0);
  }
  const ModelSpec model = small_model();
  TestHost quiet;
  Trainer trainer(model, options(1), x.source, nullptr);
  trainer.run(quiet);
  Scorer scorer(model, write_weights(trainer.arena(), {}), {});
  CHECK_THROWS_AS(scorer.evaluate(x.source, 0, 1, host), Error);
}
