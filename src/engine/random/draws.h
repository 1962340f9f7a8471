// The random inputs of one training step: noise for the code and one mask per dropout layer.
// They are inputs of the step, so that tests can inject their own. Tests: tests/cpp/test_philox.cpp.
#pragma once

#include <cstdint>
#include <vector>

#include "random/philox.h"
#include "spec/model_plan.h"

namespace sketchvae {

struct Draws {
  std::vector<float> noise;               // batch x latent_dim
  std::vector<std::vector<float>> masks;  // of ModelPlan::masks: batch x size, 0 or 1
};

// Fills `draws` for a training step; the stream of place is ignored.
void draw_step(const ModelPlan& plan, RandomPlace place, int64_t batch, Draws& draws);

}  // namespace sketchvae
