// Schedules: the weight of the KL term and the learning rate, as functions of where training is.
// Tests: tests/cpp/test_schedule.cpp.
#pragma once

#include <cstdint>
#include <string>

namespace sketchvae {

class Json;

// Fraction of the model's full KL weight. e is the epoch, or by step the step over the whole fit;
// both count from 1.
//   none      1 throughout
//   linear    0 while e <= start, then min((e - start) / steep, 1)
//   cyclical  linear that begins again after every `period`
//   sigmoid   1 / (1 + exp(-(e - start) / steep))
struct KlSchedule {
  enum class Kind { none, linear, cyclical, sigmoid } kind = Kind::none;
  double start = 0, steep = 1, period = 1;
  bool by_step = false;

  // step counts from 0 within the epoch.
  double weight(int64_t epoch, int64_t step, int64_t steps_per_epoch) const;
};

KlSchedule read_kl_schedule(const Json& schedule);

// Factor of the optimizer's learning rate in an epoch.
//   constant  1
//   step      factor^((e - 1) div every)
//   cosine    1 up to epoch `first`, then along half a cosine to `floor`, from epoch `last` on
//   plateau   1: the host watches the history and sets Trainer::learning_rate_factor
struct LrSchedule {
  enum class Kind { constant, step, cosine } kind = Kind::constant;
  double factor = 0.5, floor = 0;
  int64_t every = 10, first = 1, last = 1;

  double rate(int64_t epoch) const;
};

LrSchedule read_lr_schedule(const Json& schedule);

}  // namespace sketchvae
