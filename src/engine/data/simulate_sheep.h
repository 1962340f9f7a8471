// Sheep (and cars) drawn by a procedure, as people draw them in twenty seconds: a woolly outline,
// a head to one side, mostly legs. They stand in for real data in examples and tests.
// Tested in tests/cpp/test_simulate_sheep.cpp.
#pragma once

#include <cstdint>
#include <vector>

#include "data/strokes.h"
#include "host.h"

namespace sketchvae {

// What a simulated drawing shows.
enum class SheepKind : int {
  kLeftLegs = 0,
  kRightLegs = 1,
  kLeftNoLegs = 2,
  kRightNoLegs = 3,
  kBlack = 4,
  kCar = 5
};

// Draws `n` >= 0 drawings into out[0, n * 784) and writes what each shows to kinds[0, n). `cars` of
// them (0..n), at random places, are cars. Drawing i is a function of (seed, i) alone, up to which
// of them are cars. Throws Error for a wrong count, Interrupted when the host asks to stop.
void simulate_sheep(int64_t n, int64_t cars, uint64_t seed, uint8_t* out, SheepKind* kinds,
                    Host& host);

}  // namespace sketchvae
