// The activation functions; any layer may end with one.
#pragma once

#include "spec/spec.h"

namespace at {
class Tensor;
}

namespace sketchvae {

at::Tensor activated(const at::Tensor& x, Activation activation, double slope);

}  // namespace sketchvae
