// The scalars of one training step, as the device reads them: a row a step of an epoch's table,
// found by a step counter that lives on the device too, so that a captured step needs no argument.
#pragma once

#include <cstdint>

namespace sketchvae {

struct StepRow {
  double kl_weight = 0;
  double learning_rate = 0;  // Adam's correction included
  double decay = 0;          // learning rate times weight decay
  uint32_t epoch = 0, step = 0;  // the random numbers' place; steps count from 0 in an epoch
};
static_assert(sizeof(StepRow) == 32);

}  // namespace sketchvae
