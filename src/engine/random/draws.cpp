#include "random/draws.h"

namespace sketchvae {

void draw_step(const ModelPlan& plan, RandomPlace place, int64_t batch, Draws& draws) {
  place.stream = Stream::noise;
  place.lane = 0;
  draws.noise.resize(static_cast<size_t>(batch * plan.model.latent_dim));
  fill_normal(place, draws.noise.data(), static_cast<int64_t>(draws.noise.size()));
  draws.masks.resize(plan.masks.size());
  place.stream = Stream::mask;
  for (size_t i = 0; i < plan.masks.size(); ++i) {
    place.lane = static_cast<uint32_t>(i);
    draws.masks[i].resize(static_cast<size_t>(batch * plan.masks[i].size));
    fill_mask(place, plan.masks[i].rate, draws.masks[i].data(),
              static_cast<int64_t>(draws.masks[i].size()));
  }
}

}  // namespace sketchvae
