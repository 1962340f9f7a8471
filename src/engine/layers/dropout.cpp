#include <cmath>

#include "layers/call.h"
#include "layers/kind.h"

namespace sketchvae {
namespace {

class Dropout final : public Layer {
 public:
  explicit Dropout(Options& options)
      : rate_(options.number("rate", 0, 0, std::nextafter(1.0, 0.0))) {}
  std::optional<double> dropped() const override { return rate_; }
  at::Tensor forward(const LayerCall& call) const override {
    if (!call.training || rate_ == 0) return call.x;
    const at::Tensor& mask = call.training->masks.at(call.plan.mask);
    return call.x * (mask.view(call.x.sizes()) * (1 / (1 - rate_)));
  }

 private:
  double rate_;
};

}  // namespace

extern const LayerKind kDropout = {"dropout", "Dropout", read_as<Dropout>};

}  // namespace sketchvae
