// The number of dimensions. Latent spaces mostly have few: everything in latent/ is compiled for
// each number from 1 to 8, and once more (kAnyDims) for a number that is known at run time only.
#pragma once

#include <array>
#include <type_traits>
#include <vector>

#include "latent/error_checks.h"

namespace sketchvae {

inline constexpr int kAnyDims = 0;

// How many dimensions there are: `count` is a constant unless D is kAnyDims.
template <int D>
struct Dims {
  explicit constexpr Dims(int) {}
  static constexpr int count = D;
};

template <>
struct Dims<kAnyDims> {
  explicit Dims(int d) : count(d) {}
  int count;
};

// kTimes numbers for each dimension.
template <int D, int kTimes>
struct Numbers {
  using Type = std::array<double, D * kTimes>;
  static Type make(Dims<D>) { return {}; }
};

template <int kTimes>
struct Numbers<kAnyDims, kTimes> {
  using Type = std::vector<double>;
  static Type make(Dims<kAnyDims> dims) {
    return Type(static_cast<size_t>(dims.count) * kTimes);
  }
};

// The coordinates of a place, and the D lower and then D upper bounds of a box.
template <int D>
using Place = typename Numbers<D, 1>::Type;
template <int D>
using Box = typename Numbers<D, 2>::Type;

// Calls run(std::integral_constant<int, D>{}) with D the number of dimensions or kAnyDims, and
// returns what it returns. Throws Error for d below 1.
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
    case 8:
      return run(std::integral_constant<int, 8>{});
    default:
      return run(std::integral_constant<int, kAnyDims>{});
  }
}

// Compiles what a file defines of a template over dimensions: Define(D) for every D, or for those
// that have a number.
#define SKETCHVAE_COMPILED_DIMS(Define) \
  Define(1) Define(2) Define(3) Define(4) Define(5) Define(6) Define(7) Define(8)
#define SKETCHVAE_EVERY_DIM(Define) Define(0) SKETCHVAE_COMPILED_DIMS(Define)

}  // namespace sketchvae
