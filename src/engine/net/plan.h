// How each layer of a network is computed: decided here, once, by a rule over shapes. net/forward.h
// carries it out, summary(plan = TRUE) shows it. Tests: tests/cpp/test_plan.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "net/network.h"

namespace sketchvae {

enum class Way {
  view,      // nothing to compute
  libtorch,  // Layer::forward()
  wide,      // ops/wide_dense.h
  direct,    // ops/conv_direct.cpp and ...
  winograd,  // ... ops/conv_winograd.cpp, in a chain (ops/conv_chain.h)
};

struct LayerWay {
  Way way = Way::libtorch;
  int chain = 0;          // number of the chain, from 1
  int64_t most_rows = 0;  // wide: larger batches go to LibTorch

  // As summary() shows it for batches of so many.
  std::string text(int64_t rows) const;
};

// Beside the layers of a ModelPlan.
struct NetworkPlan {
  std::vector<LayerWay> encoder, heads, decoder;
};

NetworkPlan plan_network(const ModelPlan& model, const NetworkOptions& options, Dtype dtype);

}  // namespace sketchvae
