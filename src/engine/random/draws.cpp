#include "random/draws.h"

namespace sketchvae {

std::vector<const LayerPlan*> dropout_layers(const ModelPlan& plan) {
  std::vector<const LayerPlan*> found;
  for (const auto* side : {&plan.encoder, &plan.decoder}) {
    for (const LayerPlan& layer : *side) {
      if (layer.spec.kind == "dropout") found.push_back(&layer);
    }
  }
  return found;
}

void draw_step(const ModelPlan& plan, RandomPlace place, int64_t batch, Draws& draws) {
  place.stream = Stream::noise;
  place.lane = 0;
  draws.noise.resize(static_cast<size_t>(batch * plan.model.latent_dim));
  fill_normal(place, draws.noise.data(), static_cast<int64_t>(draws.noise.size()));
  const auto layers = dropout_layers(plan);
  draws.masks.resize(layers.size());
  place.stream = Stream::mask;
  for (size_t i = 0; i < layers.size(); ++i) {
    place.lane = static_cast<uint32_t>(i);
    draws.masks[i].resize(static_cast<size_t>(batch * size_of(layers[i]->out)));
    fill_mask(place, layers[i]->spec.rate, draws.masks[i].data(),
              static_cast<int64_t>(draws.masks[i].size()));
  }
}

}  // namespace sketchvae
