// What the engine takes for training steps and for scoring, without R: the median and the fastest
// of five passes, and the seconds of the pass before them, in which things are chosen and set up.
//   engine_bench train MODEL.json [--device cpu|cuda] [--precision float32|float64|tf32|bf16]
//                [--batch 8] [--steps 200] [--drawings 126121] [--threads N] [--passes 5]
//                [--plan native|intel|libtorch]
//   engine_bench score MODEL.json [--device ...] [--precision ...] [--drawings 126121] [--threads N]
//                [--passes 5]
// MODEL.json: tests/fixtures/models/*.json. `--plan`: which kernels the CPU takes (net/plan.h), else
// the best for this processor. A pass of training is `--steps` steps of an epoch over `--drawings`
// drawings, on a GPU resident ones.
// Built by the target engine_bench of tests/cpp/CMakeLists.txt; run by tools/gpu-check.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <exception>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "cores.h"
#include "data/json.h"
#include "error.h"
#include "host.h"
#include "net/network.h"
#include "net/step.h"
#include "random/philox.h"
#include "train/scorer.h"

namespace {

using namespace sketchvae;

struct Arguments {
  std::string verb, model;
  std::map<std::string, std::string> given;

  std::string text(const std::string& name, const std::string& otherwise) const {
    const auto found = given.find(name);
    return found == given.end() ? otherwise : found->second;
  }
  int64_t number(const std::string& name, int64_t otherwise) const {
    const int64_t value = std::stoll(text(name, std::to_string(otherwise)));
    if (value < 1) throw Error("--" + name + " must be at least 1");
    return value;
  }
};

Arguments read_arguments(int argc, char** argv) {
  if (argc < 3) throw Error("usage: engine_bench train|score MODEL.json [--device cuda] ...");
  Arguments arguments{argv[1], argv[2], {}};
  for (int i = 3; i < argc; ++i) {
    const std::string name = argv[i];
    if (name.starts_with("--") && i + 1 < argc) {
      arguments.given[name.substr(2)] = argv[++i];
    } else {
      throw Error("what is '" + name + "'?");
    }
  }
  return arguments;
}

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

struct Times {
  double first, median, fastest;  // seconds
};

// Of `count` passes after a first one that warms up.
Times passes(int64_t count, const std::function<void()>& pass) {
  const auto timed = [&] {
    const double began = now();
    pass();
    return now() - began;
  };
  const double first = timed();
  std::vector<double> seconds;
  for (int64_t i = 0; i < count; ++i) seconds.push_back(timed());
  std::sort(seconds.begin(), seconds.end());
  return {first, seconds[seconds.size() / 2], seconds[0]};
}

// Strokes are a fifth of a drawing; the values matter to no timing but those of zeros.
std::vector<uint8_t> ink(int64_t bytes) {
  std::vector<uint8_t> pixels(static_cast<size_t>(bytes));
  uint32_t x = 1;
  for (uint8_t& pixel : pixels) {
    x = x * 1664525u + 1013904223u;
    pixel = (x >> 24) < 51 ? static_cast<uint8_t>(x >> 16) : 0;
  }
  return pixels;
}

struct Bench {
  ModelPlan plan;
  NetworkOptions options;
  Dtype dtype;
  int64_t drawings, batch, steps, passes;
  std::vector<uint8_t> pixels;
  std::string title;

  explicit Bench(const Arguments& a) {
    std::ifstream file(a.model, std::ios::binary);
    if (!file) throw Error("cannot read " + a.model);
    plan = plan_model(read_model(read_json(std::string(std::istreambuf_iterator<char>(file), {}))));
    const std::string device = a.text("device", "cpu"), precision = a.text("precision", "float32");
    options.threads = static_cast<int>(a.number("threads", physical_cores()));
    options.plan = read_plan_rule(a.text("plan", name_of(best_rule())));
    options.device = read_device(device);
    options.precision = read_precision(precision);
    dtype = precision == "float64" ? Dtype::float64 : Dtype::float32;
    drawings = a.number("drawings", 126121);
    batch = std::min(a.number("batch", 8), drawings);
    steps = std::min(a.number("steps", 200), drawings / batch);
    passes = a.number("passes", 5);
    pixels = ink(drawings * size_of(plan.model.input));
    title = "sketchvae " + a.verb + " " + plan.model.name + " " + device + " " + precision +
            (device == "cpu" ? " " + std::string(name_of(options.plan)) : "");
  }
  MemorySource source() const {
    return {pixels.data(), drawings, plan.model.input};
  }
};

void print_training(const Bench& b, const Times& t) {
  const auto steps = static_cast<double>(b.steps), batch = static_cast<double>(b.batch);
  std::printf("%s batch %lld: median %.3f fastest %.3f ms/step, %.0f drawings/s, first pass %.2f s\n",
              b.title.c_str(), static_cast<long long>(b.batch), t.median / steps * 1e3,
              t.fastest / steps * 1e3, steps * batch / t.median, t.first);
}

void train(const Bench& b) {
  const OptimizerSpec optimizer;
  Arena arena(b.plan.params, b.dtype, slots_of(optimizer));
  initialize(arena, 1);
  Network network(b.plan, arena, b.options);
  const MemorySource source = b.source();
  Steps steps(network, b.plan, source, {optimizer, b.batch, 1, false});
  std::vector<StepRow> rows;
  for (int64_t i = 0; i < (b.drawings + b.batch - 1) / b.batch; ++i) {
    rows.push_back({0.5, 1e-3, 0, 1, static_cast<uint32_t>(i)});
  }
  const auto order = permutation({1, 1, 0, Stream::order, 0}, b.drawings);
  print_training(b, passes(b.passes, [&] {
    steps.begin_epoch(order, rows, 0, {});
    steps.run(b.steps);
    if (!std::isfinite(steps.finish().of.loss)) throw Error("the loss is not finite");
  }));
  if (!steps.why_not_captured().empty()) {
    std::printf("  not captured: %s\n", steps.why_not_captured().c_str());
  }
}

void score(const Bench& b) {
  Arena arena(b.plan.params, b.dtype, 0);
  initialize(arena, 1);
  const auto weights = write_weights(arena, {});
  Scorer scorer(b.plan.model, weights, b.options);
  const MemorySource source = b.source();
  std::vector<double> errors(static_cast<size_t>(b.drawings));
  SilentHost host;
  const Times t = passes(b.passes, [&] { scorer.score(source, errors.data(), host); });
  std::printf("%s: %lld drawings, median %.3f fastest %.3f s, %.0f drawings/s, first pass %.2f s\n",
              b.title.c_str(), static_cast<long long>(b.drawings), t.median, t.fastest,
              static_cast<double>(b.drawings) / t.median, t.first);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Arguments arguments = read_arguments(argc, argv);
    const Bench bench(arguments);
    if (arguments.verb == "score") {
      score(bench);
    } else if (arguments.verb == "train") {
      train(bench);
    } else {
      throw Error("'" + arguments.verb + "' is neither train nor score");
    }
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "engine_bench: %s\n", error.what());
    return 1;
  }
}
