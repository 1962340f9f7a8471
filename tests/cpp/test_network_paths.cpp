// The native path of a network against LibTorch alone: same losses, gradients and codes.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "data/json.h"
#include "net/network.h"
#include "random/draws.h"

using namespace sketchvae;

namespace {

std::string small_model() {
  return R"({
    "input": [9, 11, 1], "latent_dim": 2, "noise": "log_sd",
    "encoder": [
      {"kind": "conv_2d", "filters": 8, "kernel_size": 4, "activation": "relu"},
      {"kind": "conv_2d", "filters": 17, "kernel_size": 4, "activation": "relu"},
      {"kind": "conv_2d", "filters": 9, "kernel_size": 3, "activation": "tanh"},
      {"kind": "flatten"}, {"kind": "dense", "units": 400, "activation": "relu"},
      {"kind": "dropout", "rate": 0.1}, {"kind": "batch_norm"}],
    "decoder": [
      {"kind": "dense", "units": 792, "activation": "relu"},
      {"kind": "reshape", "target_shape": [9, 11, 8]},
      {"kind": "conv_2d_transpose", "filters": 12, "kernel_size": 4, "activation": "relu"},
      {"kind": "conv_2d_transpose", "filters": 8, "kernel_size": 3, "activation": "elu"},
      {"kind": "conv_2d", "filters": 1, "kernel_size": 3, "activation": "sigmoid"}],
    "reconstruction": {"kind": "squared_error", "scale": 2},
    "kl": {"form": "log_var", "reduction": "mean", "scale": 1, "weight": 1}})";
}

struct Run {
  Losses losses;
  std::vector<std::vector<double>> gradients;
};

Run run(const ModelPlan& plan, Dtype dtype, PlanRule rule, int64_t batch) {
  Arena arena(plan.params, dtype, 0);
  initialize(arena, 3);
  Network network(plan, arena, {2, rule});
  std::vector<uint8_t> pixels(static_cast<size_t>(batch * size_of(plan.model.input)));
  for (size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<uint8_t>(i * 37 % 251);
  Draws draws;
  draw_step(plan, {5, 1, 1, Stream::noise, 0}, batch, draws);
  Run result;
  result.losses = network.backward(pixels.data(), batch, 0.5, draws);
  for (size_t i = 0; i < plan.params.size(); ++i) {
    result.gradients.push_back(network.gradient(static_cast<int64_t>(i)));
  }
  return result;
}

double distance(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return std::sqrt(sum);
}

}  // namespace

// Rounding turns a few ReLUs over that stand near zero, others in our kernels than in LibTorch's, and each
// moves a whole row of a gradient. What that may come to, of a gradient's size; a wrong kernel is judged
// without kinks, where nothing turns over.
constexpr double kFlips = 0.1;

// Within three times LibTorch's own distance in float32 from float64, and rounding of the largest.
void check_gradients(const ModelSpec& model, int64_t batch, double flips, PlanRule rule) {
  const ModelPlan plan = plan_model(model);
  CAPTURE(plan.model.name);
  CAPTURE(batch);
  const Run exact = run(plan, Dtype::float64, PlanRule::libtorch, batch);
  const Run torch = run(plan, Dtype::float32, PlanRule::libtorch, batch);
  const Run ours = run(plan, Dtype::float32, rule, batch);
  CHECK(ours.losses.loss == doctest::Approx(exact.losses.loss).epsilon(1e-5));
  CHECK(ours.losses.kl == doctest::Approx(exact.losses.kl).epsilon(1e-4));
  // A bias's gradient sums what its kernel's sums; where it cancels (before batch norm), its own size says
  // nothing: the root mean square of the layer's largest does.
  const auto layer_of = [&](size_t i) { return plan.params[i].name.substr(0, plan.params[i].name.rfind('/')); };
  std::map<std::string, double> layers;
  for (size_t i = 0; i < plan.params.size(); ++i) {
    const auto n = static_cast<double>(std::max<size_t>(exact.gradients[i].size(), 1));
    const std::vector<double> zero(exact.gradients[i].size(), 0.0);
    double& largest = layers[layer_of(i)];
    largest = std::max(largest, distance(exact.gradients[i], zero) / std::sqrt(n));
  }
  for (size_t i = 0; i < plan.params.size(); ++i) {
    CAPTURE(plan.params[i].name);
    const double size = layers[layer_of(i)] * std::sqrt(static_cast<double>(exact.gradients[i].size()));
    const double allowed = 3 * distance(exact.gradients[i], torch.gradients[i]) + (5e-5 + flips) * size;
    CHECK(distance(exact.gradients[i], ours.gradients[i]) <= allowed + 1e-9);
  }
}

// The text of a model with its ReLUs made linear: the same kernels run.
std::string without_kinks(std::string text) {
  for (const std::string kink : {"\"relu\"", "\"elu\""}) {
    for (size_t at = 0; (at = text.find(kink, at)) != std::string::npos;) {
      text.replace(at, kink.size(), "\"linear\"");
    }
  }
  return text;
}

void check_text(const std::string& text, int64_t batch, PlanRule rule = PlanRule::native) {
  check_gradients(read_model(read_json(text)), batch, kFlips, rule);
  check_gradients(read_model(read_json(without_kinks(text))), batch, 0, rule);
}

std::string preset(const std::string& name) {
  std::ifstream file(std::string(SKETCHVAE_TEST_DIR) + "/../fixtures/models/" + name + ".json",
                     std::ios::binary);
  REQUIRE(file);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

TEST_CASE("native kernels give LibTorch's losses and gradients, within rounding of float64") {
  for (const int64_t batch : {1, 2, 9}) check_text(small_model(), batch);
}

TEST_CASE("and so they do for every preset") {
  check_text(preset("sheep"), 3);
  check_text(preset("digits"), 5);
  check_text(preset("binary"), 20);
  for (const int64_t batch : {20, 80}) check_text(preset("binary"), batch, PlanRule::intel);
}

TEST_CASE("a NaN in weights comes out wherever LibTorch lets it out") {
  const ModelPlan plan = plan_model(read_model(read_json(small_model())));
  const int64_t batch = 2;
  Draws draws;
  draw_step(plan, {5, 1, 1, Stream::noise, 0}, batch, draws);
  const std::vector<uint8_t> pixels(static_cast<size_t>(batch * size_of(plan.model.input)), 100);
  const auto results = [&](size_t broken, bool reference) {
    Arena arena(plan.params, Dtype::float32, 0);
    initialize(arena, 3);
    arena.value_as<float>(static_cast<int64_t>(broken))[0] = std::nanf("");
    NetworkOptions options;
    options.threads = 2;
    options.plan = reference ? PlanRule::libtorch : PlanRule::native;
    Network network(plan, arena, options);
    const auto room = [&](int64_t each) { return std::vector<double>(static_cast<size_t>(batch * each)); };
    std::vector<std::vector<double>> all = {room(plan.model.latent_dim), room(plan.model.latent_dim),
                                            room(size_of(plan.model.input))};
    network.encode(pixels.data(), batch, all[0].data(), all[1].data());
    network.decode(room(plan.model.latent_dim).data(), batch, all[2].data());
    network.backward(pixels.data(), batch, 0.5, draws);
    for (size_t i = 0; i < plan.params.size(); ++i) all.push_back(network.gradient(static_cast<int64_t>(i)));
    return all;
  };
  for (size_t p = 0; p < plan.params.size(); ++p) {
    CAPTURE(plan.params[p].name);
    const auto ours = results(p, false), theirs = results(p, true);
    for (size_t r = 0; r < ours.size(); ++r) {
      CAPTURE(r);
      int64_t lost = 0;
      for (size_t i = 0; i < ours[r].size(); ++i) lost += std::isnan(theirs[r][i]) && !std::isnan(ours[r][i]);
      CHECK(lost == 0);
    }
  }
}
