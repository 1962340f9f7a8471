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

}  // namespace sketchvae
