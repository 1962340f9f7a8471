#include "train/fit_options.h"

#include "data/json.h"
#include "error.h"

namespace sketchvae {

FitOptions read_fit_options(const Json& json) {
  FitOptions options;
  options.epochs = json.at("epochs").integer("epochs");
  options.first_epoch = json.at("first_epoch").integer("first_epoch");
  options.batch_size = json.at("batch_size").integer("batch_size");
  options.shuffle = json.at("shuffle").boolean("shuffle");
  options.optimizer = read_optimizer(json.at("optimizer"));
  options.kl = read_kl_schedule(json.at("kl_schedule"));
  options.learning_rate = read_lr_schedule(json.at("learning_rate_schedule"));
  options.seed = static_cast<uint64_t>(json.at("seed").integer("seed"));
  options.threads = static_cast<int>(json.at("threads").integer("threads"));
  const std::string& precision = json.at("precision").string("precision");
  options.dtype = precision == "float64" ? Dtype::float64 : Dtype::float32;
  // Fits of versions without rules were native, or the reference.
  if (const Json* plan = json.find("plan")) options.plan = read_plan_rule(plan->string("plan"));
  if (json.at("reference").boolean("reference")) options.plan = PlanRule::libtorch;
  options.precision = read_precision(precision);
  if (const Json* device = json.find("device")) options.device = read_device(device->string("device"));
  if (options.epochs < 0 || options.first_epoch < 1 || options.batch_size < 1 ||
      options.threads < 1) {
    throw Error("epochs, batch_size and threads must be positive");
  }
  // Random numbers are told apart by 32 bits of epoch and step.
  constexpr int64_t kMost = 1'000'000'000;
  if (options.last_epoch() > kMost || options.batch_size > kMost) {
    throw Error("epochs and batch_size must be at most 1e9");
  }
  return options;
}

}  // namespace sketchvae
