// The innermost loops of latent/: how many points of a run lie within eps of one point, and how far
// each of them lies from it. One body per dimension and instruction set, the set chosen at run
// time; all give the same numbers. Tests: tests/cpp/test_within.cpp.
#pragma once

#include <cstdint>

namespace sketchvae {

// What the loop may use; kAuto is the widest set that cpu.h allows.
enum class Isa { kAuto, kBaseline, kAvx2, kAvx512 };

// Points that lie side by side in memory: begin..end-1.
struct Stretch {
  int32_t begin;
  int32_t end;
};

// Counts the points of `many` stretches of columns x (d of them, `stride` apart) whose squared
// distance to q is at most eps2. May stop early, returning any number >= limit, once limit are
// found.
using CountWithin = int64_t (*)(int d, const double* x, int64_t stride, const Stretch* stretches,
                                int64_t many, const double* q, double eps2, int64_t limit);

// The loop for d dimensions. A set that the machine lacks falls back to the next narrower one.
CountWithin count_within(int d, Isa isa = Isa::kAuto);

// Writes to out[0], out[1], ... the squared distances to q of the points begin..end-1, in dimension
// order as everywhere; above `bound` they may be any number above it. For any d.
using Distances = void (*)(int d, const double* x, int64_t stride, int64_t begin, int64_t end,
                           const double* q, double bound, double* out);
Distances distances_within(Isa isa = Isa::kAuto);

// True if this machine and compiler can run `isa` as asked.
bool isa_available(Isa isa);

}  // namespace sketchvae
