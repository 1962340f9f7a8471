#include "ops/optimizer.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "data/json.h"
#include "error.h"
#include "ops/kernels.h"

namespace sketchvae {
namespace {

// in and out of a parameter's sweep: a matrix keeps its last size as out, all else is one row.
std::pair<int64_t, int64_t> sides(const ParamSpec& param) {
  const int64_t n = param.size();
  if (param.shape.size() < 2) return {1, n};
  return {n / param.shape.back(), param.shape.back()};
}

// Sum of squares of one gradient, the l2 term included.
template <typename T>
double squares(const Gradient& g, const T* w, int64_t in, int64_t out, double l2) {
  double sum = 0;
  if (g.dense) {
    const T* dense = static_cast<const T*>(g.dense);
    for (int64_t i = 0; i < in * out; ++i) {
      const double x = static_cast<double>(dense[i]) + l2 * static_cast<double>(w[i]);
      sum += x * x;
    }
    return sum;
  }
  // |a'b|^2 = sum over pairs of rows of (a_r . a_s)(b_r . b_s): two small Gram matrices.
  const T* a = static_cast<const T*>(g.a);
  const T* b = static_cast<const T*>(g.b);
  const auto dot = [](const T* x, const T* y, int64_t n) {
    double s = 0;
    for (int64_t i = 0; i < n; ++i) s += static_cast<double>(x[i]) * static_cast<double>(y[i]);
    return s;
  };
  for (int64_t r = 0; r < g.rows; ++r) {
    for (int64_t s = 0; s < g.rows; ++s) {
      sum += dot(a + r * in, a + s * in, in) * dot(b + r * out, b + s * out, out);
    }
  }
  if (l2 != 0) {
    for (int64_t i = 0; i < in; ++i) {
      const T* row = w + i * out;
      sum += l2 * l2 * dot(row, row, out);
      for (int64_t r = 0; r < g.rows; ++r) {
        sum += 2 * l2 * static_cast<double>(a[r * in + i]) * dot(b + r * out, row, out);
      }
    }
  }
  return sum;
}

double global_norm(const Arena& arena, const std::vector<Gradient>& gradients,
                   const std::vector<double>& l2) {
  double sum = 0;
  for (size_t i = 0; i < gradients.size(); ++i) {
    if (!gradients[i].dense && !gradients[i].a) continue;
    const auto k = static_cast<int64_t>(i);
    const auto [in, out] = sides(arena.params()[i]);
    sum += arena.dtype() == Dtype::float32
               ? squares<float>(gradients[i], arena.value_as<float>(k), in, out, 2 * l2[i])
               : squares<double>(gradients[i], arena.value_as<double>(k), in, out, 2 * l2[i]);
  }
  return std::sqrt(sum);
}

void run(SweepFn sweep, const SweepJob& job, int threads) {
  const int64_t size = job.in * job.out;
  constexpr int64_t kSmall = 1 << 14;  // not worth waking a second thread
  if (size < kSmall || threads <= 1) return sweep(job, 0, job.in, 0, job.out);
  // Blocks along the longer side, taken as threads come free: entries are independent, so any split
  // gives the same result.
  const bool rows = job.in >= job.out;
  const int64_t block = rows ? 64 : 2048, length = rows ? job.in : job.out;
  const int64_t blocks = (length + block - 1) / block;
#pragma omp parallel for schedule(dynamic) num_threads(threads)
  for (int64_t k = 0; k < blocks; ++k) {
    const int64_t first = k * block, last = std::min(first + block, length);
    if (rows) {
      sweep(job, first, last, 0, job.out);
    } else {
      sweep(job, 0, job.in, first, last);
    }
  }
}

double option(const Json& json, const char* key, double otherwise, double low, double high) {
  const Json* value = json.find(key);
  if (value == nullptr || value->is_null()) return otherwise;
  const double number = value->number(key);
  if (!(number >= low && number <= high)) {
    throw Error(std::string("optimizer: ") + key + " is out of range");
  }
  return number;
}

}  // namespace

OptimizerSpec read_optimizer(const Json& json) {
  OptimizerSpec spec;
  const std::string& kind = json.at("kind").string("optimizer");
  if (kind == "sgd") {
    spec.rule = Rule::sgd;
    spec.learning_rate = 0.01;
  } else if (kind == "rmsprop") {
    spec.rule = Rule::rmsprop;
  } else if (kind == "adam" || kind == "adamw") {
    spec.rule = Rule::adam;
    if (kind == "adamw") spec.weight_decay = 0.004;
  } else {
    throw Error("'" + kind + "' is not an optimizer; there are sgd, rmsprop, adam, adamw");
  }
  spec.learning_rate = option(json, "learning_rate", spec.learning_rate, 0, 1e6);
  spec.rho = option(json, "rho", spec.rho, 0, 1);
  spec.momentum = option(json, "momentum", spec.momentum, 0, 1);
  spec.beta_1 = option(json, "beta_1", spec.beta_1, 0, 1);
  spec.beta_2 = option(json, "beta_2", spec.beta_2, 0, 1);
  spec.epsilon = option(json, "epsilon", spec.epsilon, 0, 1);
  spec.weight_decay = option(json, "weight_decay", spec.weight_decay, 0, 1e6);
  spec.clipnorm = option(json, "clipnorm", 0, 0, 1e30);
  spec.clipvalue = option(json, "clipvalue", 0, 0, 1e30);
  const auto flag = [&](const char* key, bool otherwise) {
    const Json* value = json.find(key);
    return value && !value->is_null() ? value->boolean(key) : otherwise;
  };
  spec.nesterov = flag("nesterov", false);
  spec.epsilon_inside = flag("epsilon_inside", true);
  return spec;
}

int slots_of(const OptimizerSpec& spec) {
  switch (spec.rule) {
    case Rule::sgd:
      return spec.momentum > 0 ? 1 : 0;
    case Rule::rmsprop:
      return spec.momentum > 0 ? 2 : 1;
    case Rule::adam:
      return 2;
  }
  return 0;
}

double corrected_rate(const OptimizerSpec& spec, double learning_rate, int64_t step) {
  if (spec.rule != Rule::adam) return learning_rate;
  const auto t = static_cast<double>(step);
  return learning_rate * std::sqrt(1 - std::pow(spec.beta_2, t)) / (1 - std::pow(spec.beta_1, t));
}

double optimizer_step(const OptimizerSpec& spec, Arena& arena, const std::vector<Gradient>& gradients,
                      const std::vector<double>& l2, double learning_rate, int64_t step,
                      int threads) {
  const SweepFn sweep = kernels().sweep;
  SweepJob job;
  set_rule(job, spec);
  job.is_double = arena.dtype() == Dtype::float64;
  job.learning_rate = corrected_rate(spec, learning_rate, step);
  job.decay = learning_rate * spec.weight_decay;
  double norm = 0;
  if (spec.clipnorm > 0) {
    norm = global_norm(arena, gradients, l2);
    // A norm that is NaN makes all of them NaN, as in Keras.
    if (!(norm <= spec.clipnorm)) job.factor = spec.clipnorm / norm;
  }
  for (size_t i = 0; i < gradients.size(); ++i) {
    const Gradient& g = gradients[i];
    if (!g.dense && !g.a) continue;
    const auto k = static_cast<int64_t>(i);
    std::tie(job.in, job.out) = sides(arena.params()[i]);
    job.w = arena.value(k);
    job.slot[0] = arena.slots() > 0 ? arena.slot(k, 0) : nullptr;
    job.slot[1] = arena.slots() > 1 ? arena.slot(k, 1) : nullptr;
    job.dense = g.dense;
    job.a = g.a;
    job.b = g.b;
    job.rows = g.rows;
    job.l2 = 2 * l2[i];
    run(sweep, job, threads);
  }
  return norm;
}

}  // namespace sketchvae
