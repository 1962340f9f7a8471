// From a number of dimensions known at run time to code compiled for it.
#pragma once

#include <type_traits>

#include "latent/error_checks.h"

namespace sketchvae {

// Calls run(std::integral_constant<int, d>{}) for d of 1 to kMaxDims, and returns what it returns.
// Throws Error for any other d.
template <class Run>
auto with_dims(int d, const Run& run) {
  check_dims(d);
  switch (d) {
    case 1:
      return run(std::integral_constant<int, 1>{});
    case 2:
      return run(std::integral_constant<int, 2>{});
    case 3:
      return run(std::integral_constant<int, 3>{});
    case 4:
      return run(std::integral_constant<int, 4>{});
    case 5:
      return run(std::integral_constant<int, 5>{});
    case 6:
      return run(std::integral_constant<int, 6>{});
    case 7:
      return run(std::integral_constant<int, 7>{});
    default:
      return run(std::integral_constant<int, 8>{});
  }
}

// Compiles what a file defines of a class template over dimensions, for every one of them.
#define SKETCHVAE_EVERY_DIM(Class) \
  template class Class<1>;         \
  template class Class<2>;         \
  template class Class<3>;         \
  template class Class<4>;         \
  template class Class<5>;         \
  template class Class<6>;         \
  template class Class<7>;         \
  template class Class<8>

}  // namespace sketchvae
