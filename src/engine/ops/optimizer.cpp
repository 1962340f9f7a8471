#include "ops/optimizer.h"

#include <cmath>

#include "data/json.h"
#include "error.h"
#include "ops/rules.h"

namespace sketchvae {
namespace {

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
  return with_rule(spec, [](auto rule) { return rule.slots; });
}

StepRow step_row(const OptimizerSpec& spec, double learning_rate, int64_t step) {
  StepRow row;
  row.learning_rate = learning_rate;
  row.decay = learning_rate * spec.weight_decay;
  if (spec.rule == Rule::adam) {
    const auto t = static_cast<double>(step);
    row.learning_rate =
        learning_rate * std::sqrt(1 - std::pow(spec.beta_2, t)) / (1 - std::pow(spec.beta_1, t));
  }
  return row;
}

SweepTask sweep_task(const Arena& arena, int64_t i, const Gradient& gradient, double l2) {
  const ParamSpec& param = arena.params()[static_cast<size_t>(i)];
  const int64_t out = param.shape.size() < 2 ? param.size() : param.shape.back();
  return {arena.value(i),
          arena.slots() > 0 ? arena.slot(i, 0) : nullptr,
          arena.slots() > 1 ? arena.slot(i, 1) : nullptr,
          gradient,
          param.size() / out,
          out,
          2 * l2};
}

}  // namespace sketchvae
