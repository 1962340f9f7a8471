#include "layers/dense.h"

#include <ATen/ops/addmm.h>

#include "layers/call.h"
#include "layers/kind.h"

namespace sketchvae {

Dense::Dense(Options& options) : units_(options.count("units")) {}

Shape Dense::out_shape(const Shape& in) const {
  need_rank(in, 1, "a flat input (put flatten() before it)");
  return {units_};
}

std::vector<ParamSpec> Dense::params(const Shape& in) const {
  return {{"kernel", Role::kernel, {in[0], units_}, in[0], units_},
          {"bias", Role::bias, {units_}}};
}

at::Tensor Dense::forward(const LayerCall& call) const {
  return at::addmm(call.params[1], call.x, call.params[0]);
}

extern const LayerKind kDense = {"dense", "Dense", read_as<Dense>};

}  // namespace sketchvae
