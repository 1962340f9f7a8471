// Schedules: the weight of the KL term and the learning rate, as functions of where training is.
// Tests: tests/cpp/test_schedule.cpp.
#pragma once

#include <cstdint>
#include <string>

namespace sketchvae {

class Json;

// Fraction of the model's full KL weight. Epochs count from 1.
//   none      1 throughout
//   linear    0 while e <= start, then min((e - start) / steep, 1)
//   sigmoid   1 / (1 + exp(-12 (e - start - steep / 2) / steep)), 0 while e <= start
//   cyclical  cycles of `period`: linear over the first half of each, then 1
// By step, e is a real number: the epochs finished plus the share of the current one.
struct KlSchedule {
  enum class Kind { none, linear, sigmoid, cyclical } kind = Kind::none;
  double start = 0, steep = 1, period = 10;
  bool by_step = false;

  // step counts from 0 within the epoch.
  double weight(int64_t epoch, int64_t step, int64_t steps_per_epoch) const;
  // True when the weight has not reached 1 by the end of epoch `epochs`.
  bool unfinished(int64_t epochs) const;
};

KlSchedule read_kl_schedule(const Json& schedule);

// Factor of the optimizer's learning rate in an epoch.
//   constant  1
//   step      factor^((e - 1) div every)
//   cosine    from 1 in epoch 1 to `floor` in epoch `epochs`
struct LrSchedule {
  enum class Kind { constant, step, cosine } kind = Kind::constant;
  double factor = 0.5, floor = 0;
  int64_t every = 10;

  double rate(int64_t epoch, int64_t epochs) const;
};

LrSchedule read_lr_schedule(const Json& schedule);

}  // namespace sketchvae
