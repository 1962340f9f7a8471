// What a fit is to do, and its wire form. Tests: tests/cpp/test_trainer.cpp.
#pragma once

#include <cstdint>
#include <memory>

#include "net/network.h"
#include "ops/optimizer.h"
#include "params/arena.h"
#include "train/schedule.h"

namespace sketchvae {

class Json;

struct FitOptions {
  int64_t epochs = 1;       // epochs of this call, after first_epoch
  int64_t first_epoch = 1;  // > 1 when training goes on: numbers and schedules go on too
  int64_t batch_size = 8;
  bool shuffle = true;
  OptimizerSpec optimizer;
  KlSchedule kl;
  LrSchedule learning_rate;
  uint64_t seed = 1;
  int threads = 1;
  Dtype dtype = Dtype::float32;
  PlanRule plan = PlanRule::native;
  Device device = Device::cpu;
  Precision precision = Precision::float32;
  bool resident = false;  // steps in portions, over drawings on the device, as a GPU has them: for tests
  std::shared_ptr<const Reducer> reducer = nullptr;  // who else trains this model

  int64_t last_epoch() const { return first_epoch + epochs - 1; }
  NetworkOptions network() const { return {threads, plan, device, precision, reducer}; }
};

// Reads and checks the wire form (R/vae_fit.R writes it).
FitOptions read_fit_options(const Json& options);

}  // namespace sketchvae
