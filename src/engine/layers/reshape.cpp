#include "layers/call.h"
#include "layers/kind.h"

namespace sketchvae {
namespace {

class Reshape final : public Layer {
 public:
  explicit Reshape(Options& options) : target_(options.shape("target_shape")) {
    if (target_.empty()) throw Error("target_shape is missing");
  }
  Shape out_shape(const Shape& in) const override {
    if (size_of(target_) != size_of(in)) {
      throw Error(to_string(in) + " (" + std::to_string(size_of(in)) +
                  " values) does not fit into " + to_string(target_) + " (" +
                  std::to_string(size_of(target_)) + ")");
    }
    return target_;
  }
  bool computes() const override { return false; }
  at::Tensor forward(const LayerCall& call) const override {
    std::vector<int64_t> sizes = {call.x.size(0)};
    sizes.insert(sizes.end(), target_.begin(), target_.end());
    return call.x.reshape(sizes);
  }

 private:
  Shape target_;
};

}  // namespace

extern const LayerKind kReshape = {"reshape", "Reshape", read_as<Reshape>};

}  // namespace sketchvae
