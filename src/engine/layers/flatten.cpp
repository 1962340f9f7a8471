#include "layers/call.h"
#include "layers/kind.h"

namespace sketchvae {
namespace {

class Flatten final : public Layer {
 public:
  explicit Flatten(Options&) {}
  Shape out_shape(const Shape& in) const override { return {size_of(in)}; }
  bool computes() const override { return false; }
  at::Tensor forward(const LayerCall& call) const override {
    return call.x.reshape({call.x.size(0), call.plan.out[0]});
  }
};

}  // namespace

extern const LayerKind kFlatten = {"flatten", "Flatten", read_as<Flatten>};

}  // namespace sketchvae
