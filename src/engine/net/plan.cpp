#include "net/plan.h"

#include <algorithm>

#include "cpu.h"
#include "error.h"
#include "layers/convolution.h"
#include "layers/dense.h"

namespace sketchvae {
namespace {

struct NamedRule {
  const char* name;
  PlanRule rule;
  int64_t most_rows;  // of a batch, for wide dense layers: above, products of matrices are faster
};
// Calibrated by bench/plan.py.
constexpr NamedRule kRules[] = {
    {"native", PlanRule::native, 256},
    {"intel", PlanRule::intel, 64},
    {"libtorch", PlanRule::libtorch, 0},
};

const NamedRule& row_of(PlanRule rule) {
  return *std::find_if(std::begin(kRules), std::end(kRules),
                       [rule](const NamedRule& row) { return row.rule == rule; });
}

// Dense kernels from this size on hand over factors: below, a dense gradient stays in cache anyway.
constexpr int64_t kWideKernel = int64_t{1} << 18;

Way way_of(const LayerPlan& l, bool ours) {
  const Layer* layer = l.spec.layer.get();
  if (!layer->computes()) return Way::view;
  if (!ours) return Way::libtorch;
  if (const auto* conv = dynamic_cast<const Convolution*>(layer)) {
    switch (conv_way(conv->shape(l.in, l.out))) {
      case ConvWay::winograd: return Way::winograd;
      case ConvWay::direct: return Way::direct;
      case ConvWay::none: return Way::libtorch;
    }
  }
  const bool wide = dynamic_cast<const Dense*>(layer) && l.in[0] * l.out[0] >= kWideKernel;
  return wide ? Way::wide : Way::libtorch;
}

// Convolutions that follow one another are a chain, up to the first whose activation is not fused.
std::vector<LayerWay> plan_side(const std::vector<LayerPlan>& layers, bool ours, int64_t most_rows,
                                int& chains) {
  std::vector<LayerWay> ways;
  bool open = false;
  for (const LayerPlan& l : layers) {
    const Way way = way_of(l, ours);
    const bool chained = way == Way::direct || way == Way::winograd;
    if (chained && !open) ++chains;
    ways.push_back({way, chained ? chains : 0, way == Way::wide ? most_rows : 0});
    open = chained && (l.spec.activation == Activation::relu ||
                       l.spec.activation == Activation::linear);
  }
  return ways;
}

}  // namespace

PlanRule best_rule() { return is_intel() ? PlanRule::intel : PlanRule::native; }

PlanRule read_plan_rule(const std::string& name) {
  for (const NamedRule& row : kRules) {
    if (name == row.name) return row.rule;
  }
  throw Error("'" + name + "' is not a plan; there are native, intel, libtorch");
}

const char* name_of(PlanRule rule) { return row_of(rule).name; }

std::string LayerWay::text(int64_t rows) const {
  const std::string in_chain = ", chain " + std::to_string(chain);
  switch (way) {
    case Way::view: return "";
    case Way::direct: return "direct" + in_chain;
    case Way::winograd: return "winograd" + in_chain;
    case Way::wide: return rows <= most_rows ? "wide" : "libtorch";
    case Way::libtorch: break;
  }
  return "libtorch";
}

NetworkPlan plan_network(const ModelPlan& model, const NetworkOptions& options, Dtype dtype) {
  const bool ours = options.device == Device::cpu && options.plan != PlanRule::libtorch &&
                    dtype == Dtype::float32;
  const int64_t most_rows = row_of(options.plan).most_rows;
  int chains = 0;
  NetworkPlan plan;
  plan.encoder = plan_side(model.encoder, ours, most_rows, chains);
  plan.heads = plan_side(model.heads, ours, most_rows, chains);
  plan.decoder = plan_side(model.decoder, ours, most_rows, chains);
  return plan;
}

}  // namespace sketchvae
