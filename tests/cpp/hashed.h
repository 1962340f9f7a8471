// The written integer hash that the golden tests' weights, inputs, noise and masks come from.
// tests/parity/values.py is its twin in Python, tests/testthat/helper-hash.R in R.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "params/arena.h"
#include "random/draws.h"
#include "spec/model_plan.h"

namespace sketchvae::hashed {

inline uint64_t fnv1a64(const std::string& name) {
  uint64_t h = 14695981039346656037u;
  for (const char c : name) h = (h ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return h;
}

// One number for position i of what is called `name`.
inline uint64_t bits(uint64_t seed, int64_t i) {
  uint64_t x = seed + static_cast<uint64_t>(i) + 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

inline double uniform(uint64_t seed, int64_t i) {
  return static_cast<double>(bits(seed, i) >> 40) / (1 << 24);
}

inline double symmetric(uint64_t seed, int64_t i) { return 2 * uniform(seed, i) - 1; }

inline double parameter(const ParamSpec& spec, uint64_t seed, int64_t i) {
  const double t = symmetric(seed, i);
  switch (spec.role) {
    case Role::kernel:
      return t * std::sqrt(6.0 / static_cast<double>(spec.fan_in + spec.fan_out));
    case Role::bias:
    case Role::beta: return 0.05 * t;
    case Role::gamma: return 1 + 0.1 * t;
    case Role::moving_mean: return 0.1 * t;
    case Role::moving_variance: return 1 + 0.5 * t;
  }
  return 0;
}

// Hashed values for every parameter, zeros for the optimizer's state.
inline void fill(Arena& arena) {
  for (std::byte& b : arena.all()) b = std::byte{0};
  for (size_t p = 0; p < arena.params().size(); ++p) {
    const ParamSpec& spec = arena.params()[p];
    const uint64_t seed = fnv1a64(spec.name);
    for (int64_t i = 0; i < spec.size(); ++i) {
      const double value = parameter(spec, seed, i);
      if (arena.dtype() == Dtype::float32) {
        arena.value_as<float>(static_cast<int64_t>(p))[i] = static_cast<float>(value);
      } else {
        arena.value_as<double>(static_cast<int64_t>(p))[i] = value;
      }
    }
  }
}

inline std::vector<uint8_t> pixels(const ModelPlan& plan, int64_t batch, int64_t step = 0) {
  std::vector<uint8_t> bytes(static_cast<size_t>(batch * size_of(plan.model.input)));
  const uint64_t seed = fnv1a64("input");
  const auto n = static_cast<int64_t>(bytes.size());
  for (int64_t i = 0; i < n; ++i) {
    bytes[static_cast<size_t>(i)] = static_cast<uint8_t>((bits(seed, step * n + i) >> 40) & 255);
  }
  return bytes;
}

inline std::vector<double> codes(const ModelPlan& plan, int64_t batch) {
  std::vector<double> z(static_cast<size_t>(batch * plan.model.latent_dim));
  for (size_t i = 0; i < z.size(); ++i) {
    z[i] = 2 * symmetric(fnv1a64("code"), static_cast<int64_t>(i));
  }
  return z;
}

inline Draws draws(const ModelPlan& plan, int64_t batch, int64_t step = 0) {
  Draws draws;
  const int64_t n = batch * plan.model.latent_dim;
  for (int64_t i = 0; i < n; ++i) {
    draws.noise.push_back(static_cast<float>(2 * symmetric(fnv1a64("noise"), step * n + i)));
  }
  for (const auto* side : {&plan.encoder, &plan.decoder}) {
    for (const LayerPlan& layer : *side) {
      const auto rate = layer.spec.layer->dropped();
      if (!rate) continue;
      const uint64_t seed = fnv1a64("mask/" + layer.spec.name);
      const int64_t size = batch * size_of(layer.out);
      std::vector<float> mask;
      for (int64_t i = 0; i < size; ++i) {
        mask.push_back(uniform(seed, step * size + i) >= *rate ? 1.0F : 0.0F);
      }
      draws.masks.push_back(std::move(mask));
    }
  }
  return draws;
}

}  // namespace sketchvae::hashed
