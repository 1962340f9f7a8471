// The three presets against what Keras computed for them: weights, inputs, noise and masks come
// from the hash in hashed.h on both sides. The files are made by tests/parity/make_golden.py.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "data/json.h"
#include "hashed.h"
#include "net/network.h"

namespace {

using namespace sketchvae;

// float64 agrees to rounding; 1e-8 leaves room for sums in another order. float32: 1e-5 of the
// range for what users see; gradients go through batch norms of three rows, which magnify rounding.
constexpr double kDouble = 1e-8;
constexpr double kSingle = 1e-5;
constexpr double kSingleGradient = 1e-3;

Json read(const std::string& file) {
  const std::string path = std::string(SKETCHVAE_TEST_DIR) + "/../fixtures/" + file;
  std::ifstream stream(path, std::ios::binary);
  REQUIRE_MESSAGE(stream.good(), path);
  return read_json(std::string(std::istreambuf_iterator<char>(stream), {}));
}

double largest(const std::vector<double>& values) {
  double most = 0;
  for (const double v : values) most = std::max(most, std::abs(v));
  return most;
}

// A tensor against its summary: all values of a small one; sum, norm, largest and hashed entries
// of others. `floor` is the size below which a tensor counts as zero but for rounding.
void check(const Json& golden, const std::string& name, const std::vector<double>& ours,
           double tolerance, double floor = 0) {
  CAPTURE(name);
  const Json& expected = golden.at(name);
  if (const Json* values = expected.find("values")) {
    REQUIRE(values->array().size() == ours.size());
    std::vector<double> theirs;
    for (const Json& v : values->array()) theirs.push_back(v.number());
    const double allowed = tolerance * std::max(largest(theirs), floor);
    for (size_t i = 0; i < ours.size(); ++i) CHECK(std::abs(ours[i] - theirs[i]) <= allowed);
    return;
  }
  const auto n = static_cast<double>(ours.size());
  const double most = std::max(expected.at("max").number(), floor);
  double sum = 0, squares = 0;
  for (const double v : ours) {
    sum += v;
    squares += v * v;
  }
  CHECK(std::abs(sum - expected.at("sum").number()) <= tolerance * most * n);
  CHECK(std::abs(std::sqrt(squares) - expected.at("norm").number()) <=
        tolerance * most * std::sqrt(n));
  CHECK(std::abs(largest(ours) - expected.at("max").number()) <= tolerance * most);
  const Json::Array& sampled = expected.at("sampled").array();
  for (size_t i = 0; i < sampled.size(); ++i) {
    const uint64_t at = hashed::bits(hashed::fnv1a64("sample/" + name), static_cast<int64_t>(i));
    CHECK(std::abs(ours[at % ours.size()] - sampled[i].number()) <= tolerance * most);
  }
}

std::vector<double> four(const Losses& l) {
  return {l.loss, l.reconstruction, l.kl, l.regularization};
}

struct Preset {
  explicit Preset(const std::string& name)
      : plan(plan_model(read_model(read("models/" + name + ".json")))),
        golden(read("golden/" + name + ".json")),
        batch(golden.at("batch").integer()),
        kl_weight(golden.at("kl_weight").number()) {}
  ModelPlan plan;
  Json golden;
  int64_t batch;
  double kl_weight;
};

void check_forward(const Preset& preset, Dtype dtype, PlanRule rule) {
  const ModelPlan& plan = preset.plan;
  const bool exact = dtype == Dtype::float64;
  const Json& golden = preset.golden.at(exact ? "float64" : "float32");
  const double tolerance = exact ? kDouble : kSingle;
  Arena arena(plan.params, dtype, 0);
  hashed::fill(arena);
  Network network(plan, arena, {/*threads=*/2, rule});
  const int64_t n = preset.batch, d = plan.model.latent_dim, size = size_of(plan.model.input);
  const std::vector<uint8_t> pixels = hashed::pixels(plan, n);

  std::vector<double> mean(static_cast<size_t>(n * d)), log_var(mean.size());
  network.encode(pixels.data(), n, mean.data(), log_var.data());
  check(golden, "encode/mean", mean, tolerance);
  check(golden, "encode/log_var", log_var, tolerance);
  std::vector<double> drawings(static_cast<size_t>(n * size)), errors(static_cast<size_t>(n));
  network.decode(hashed::codes(plan, n).data(), n, drawings.data());
  check(golden, "decode", drawings, tolerance);
  network.score(pixels.data(), n, errors.data());
  check(golden, "score", errors, tolerance);
  check(golden, "losses/evaluate",
        four(network.evaluate(pixels.data(), n, preset.kl_weight,
                              hashed::draws(plan, n).noise.data())),
        tolerance);

  for (const auto& [label, rows] : {std::pair{"batch", n}, std::pair{"one", int64_t{1}}}) {
    const std::vector<uint8_t> input = hashed::pixels(plan, rows);
    check(golden, std::string("losses/") + label,
          four(network.backward(input.data(), rows, preset.kl_weight, hashed::draws(plan, rows))),
          tolerance);
    std::vector<std::vector<double>> gradients;
    double most = 0;
    for (size_t i = 0; i < plan.params.size(); ++i) {
      gradients.push_back(plan.params[i].trainable() ? network.gradient(static_cast<int64_t>(i))
                                                     : std::vector<double>{});
      most = std::max(most, largest(gradients.back()));
    }
    for (size_t i = 0; i < plan.params.size(); ++i) {
      if (gradients[i].empty()) continue;
      check(golden, std::string("gradient/") + label + "/" + plan.params[i].name, gradients[i],
            exact ? kDouble : kSingleGradient, most * (exact ? 1e-6 : 1e-3));
    }
  }
}

void check_steps(const Preset& preset, const Json& run) {
  const ModelPlan& plan = preset.plan;
  const OptimizerSpec optimizer = read_optimizer(run.at("optimizer"));
  const Json& golden = run.at("results");
  Arena arena(plan.params, Dtype::float64, slots_of(optimizer));
  hashed::fill(arena);
  Network network(plan, arena, {/*threads=*/2});
  std::vector<double> losses;
  for (int64_t step = 0; step < 10; ++step) {
    const std::vector<uint8_t> pixels = hashed::pixels(plan, preset.batch, step);
    const Losses l = network.backward(pixels.data(), preset.batch, preset.kl_weight,
                                      hashed::draws(plan, preset.batch, step));
    for (const double v : four(l)) losses.push_back(v);
    network.update(optimizer, optimizer.learning_rate, step + 1);
  }
  check(golden, "losses/steps", losses, kDouble);
  for (size_t i = 0; i < plan.params.size(); ++i) {
    const double* values = arena.value_as<double>(static_cast<int64_t>(i));
    check(golden, "after/" + plan.params[i].name,
          std::vector<double>(values, values + plan.params[i].size()), kDouble);
  }
}

void check_preset(const std::string& name) {
  const Preset preset(name);
  SUBCASE("float64") { check_forward(preset, Dtype::float64, PlanRule::libtorch); }
  SUBCASE("float32 on LibTorch") { check_forward(preset, Dtype::float32, PlanRule::libtorch); }
  SUBCASE("float32") { check_forward(preset, Dtype::float32, PlanRule::native); }
  for (const Json& run : preset.golden.at("steps").array()) {
    const std::string rule = run.at("optimizer").at("kind").string();
    // Ten steps of the sheep model in float64 take half a minute on a busy machine.
    if (name == "sheep" && rule != "rmsprop" && std::getenv("SKETCHVAE_LONG") == nullptr) continue;
    SUBCASE(("ten steps of " + rule).c_str()) { check_steps(preset, run); }
  }
}

}  // namespace

TEST_CASE("the sheep model computes what Keras computes") { check_preset("sheep"); }
TEST_CASE("the digits model computes what Keras computes") { check_preset("digits"); }
TEST_CASE("the binary model computes what Keras computes") { check_preset("binary"); }
