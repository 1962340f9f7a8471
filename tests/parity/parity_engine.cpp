// The engine's half of the parity check: runs a model on hashed weights and inputs and writes what
// came out as safetensors, in the names of results.py.
//   parity_engine forward MODEL.json OUT [float32|float64] [native|reference] THREADS BATCH KL_WEIGHT
//   parity_engine steps   MODEL.json OUT [float32|float64] [native|reference] THREADS BATCH KL_WEIGHT
//                         OPTIMIZER.json COUNT
// float32_paths.py calls it.
#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <list>
#include <string>
#include <vector>

#include "../cpp/hashed.h"
#include "cores.h"
#include "data/json.h"
#include "data/safetensors.h"
#include "error.h"
#include "net/network.h"

namespace {

using namespace sketchvae;

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Named tensors of doubles, written at the end.
class Results {
 public:
  void add(const std::string& name, Shape shape, std::vector<double> values) {
    values_.push_back(std::move(values));
    const auto bytes = std::as_bytes(std::span(values_.back()));
    views_.push_back({name, "F64", std::move(shape), bytes});
  }
  void add(const std::string& name, const std::vector<Losses>& losses) {
    std::vector<double> values;
    for (const Losses& l : losses) {
      values.insert(values.end(), {l.loss, l.reconstruction, l.kl, l.regularization});
    }
    add(name, {static_cast<int64_t>(losses.size()), 4}, std::move(values));
  }
  void write(const std::string& path) const {
    const std::vector<std::byte> bytes = write_safetensors(views_, {});
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
    if (!file) throw Error("cannot write " + path);
  }

 private:
  std::list<std::vector<double>> values_;
  std::vector<TensorView> views_;
};

std::vector<double> values_of(const Arena& arena, int64_t i) {
  const auto n = static_cast<size_t>(arena.params()[static_cast<size_t>(i)].size());
  std::vector<double> values(n);
  for (size_t k = 0; k < n; ++k) {
    values[k] = arena.dtype() == Dtype::float32 ? static_cast<double>(arena.value_as<float>(i)[k])
                                                : arena.value_as<double>(i)[k];
  }
  return values;
}

struct Job {
  ModelPlan plan;
  Dtype dtype;
  NetworkOptions options;
  int64_t batch;
  double kl_weight;
};

void forward(const Job& job, Results& results) {
  const ModelPlan& plan = job.plan;
  Arena arena(plan.params, job.dtype, 0);
  hashed::fill(arena);
  Network network(plan, arena, job.options);
  const int64_t n = job.batch, d = plan.model.latent_dim, size = size_of(plan.model.input);
  const std::vector<uint8_t> pixels = hashed::pixels(plan, n);

  std::vector<double> mean(static_cast<size_t>(n * d)), log_var(mean.size());
  network.encode(pixels.data(), n, mean.data(), log_var.data());
  results.add("encode/mean", {n, d}, mean);
  results.add("encode/log_var", {n, d}, log_var);
  std::vector<double> drawings(static_cast<size_t>(n * size)), errors(static_cast<size_t>(n));
  network.decode(hashed::codes(plan, n).data(), n, drawings.data());
  results.add("decode", {n, size}, drawings);
  network.score(pixels.data(), n, errors.data());
  results.add("score", {n}, errors);
  results.add("losses/evaluate", {network.evaluate(pixels.data(), n, job.kl_weight,
                                                   hashed::draws(plan, n).noise.data())});

  for (const auto& [label, rows] : {std::pair{"batch", n}, std::pair{"one", int64_t{1}}}) {
    const std::vector<uint8_t> input = hashed::pixels(plan, rows);
    results.add(std::string("losses/") + label,
                {network.backward(input.data(), rows, job.kl_weight, hashed::draws(plan, rows))});
    for (size_t i = 0; i < plan.params.size(); ++i) {
      if (!plan.params[i].trainable()) continue;
      results.add(std::string("gradient/") + label + "/" + plan.params[i].name,
                  plan.params[i].shape, network.gradient(static_cast<int64_t>(i)));
    }
  }
}

void steps(const Job& job, const OptimizerSpec& optimizer, int64_t count, Results& results) {
  const ModelPlan& plan = job.plan;
  Arena arena(plan.params, job.dtype, slots_of(optimizer));
  hashed::fill(arena);
  Network network(plan, arena, job.options);
  std::vector<Losses> losses;
  for (int64_t step = 0; step < count; ++step) {
    const std::vector<uint8_t> pixels = hashed::pixels(plan, job.batch, step);
    losses.push_back(network.backward(pixels.data(), job.batch, job.kl_weight,
                                      hashed::draws(plan, job.batch, step)));
    network.update(optimizer, optimizer.learning_rate, step + 1);
  }
  results.add("losses/steps", losses);
  for (size_t i = 0; i < plan.params.size(); ++i) {
    results.add("after/" + plan.params[i].name, plan.params[i].shape,
                values_of(arena, static_cast<int64_t>(i)));
  }
}

void run(const std::vector<std::string>& args) {
  if (args.size() != 8 && args.size() != 10) throw Error("see the head of parity_engine.cpp");
  Job job{plan_model(read_model(read_json(read_text(args[1])))),
          args[3] == "float64" ? Dtype::float64 : Dtype::float32,
          {},
          std::stoll(args[6]),
          std::stod(args[7])};
  job.options.threads = std::stoi(args[5]);
  if (args[4] == "reference") job.options.plan = PlanRule::libtorch;
  Results results;
  if (args[0] == "forward") {
    forward(job, results);
  } else {
    steps(job, read_optimizer(read_json(read_text(args.at(8)))), std::stoll(args.at(9)), results);
  }
  results.write(args[2]);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run({argv + 1, argv + argc});
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "parity_engine: %s\n", error.what());
    return 1;
  }
}
