// An optimizer's wire form, its state, and what a step's sweep (ops/sweep.h) is made of.
// Tests: tests/cpp/test_optimizer.cpp.
#pragma once

#include <cstdint>

#include "ops/sweep.h"
#include "params/arena.h"

namespace sketchvae {

class Json;

// Reads and checks the wire form {kind: "rmsprop", learning_rate: ...}.
OptimizerSpec read_optimizer(const Json& optimizer);

// State tensors per parameter that the rule needs: 0, 1 or 2.
int slots_of(const OptimizerSpec& spec);

// The learning rate of a step, with Adam's correction of its averages' start, and its decay. `step`
// counts from 1 over the whole fit.
StepRow step_row(const OptimizerSpec& spec, double learning_rate, int64_t step);

// Parameter i's; `l2` adds 2 * l2 * w to the gradient.
SweepTask sweep_task(const Arena& arena, int64_t i, const Gradient& gradient, double l2);

}  // namespace sketchvae
