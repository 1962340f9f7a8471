// The innermost loop of DBSCAN: how many points of a run lie within eps of one point. One body per
// dimension and instruction set, the set chosen at run time; all give the same count.
// Tests: tests/cpp/test_within.cpp.
#pragma once

#include <cstdint>

namespace sketchvae {

// What the loop may use; kAuto is the widest set this machine has.
enum class Isa { kAuto, kBaseline, kAvx2, kAvx512 };

// Points that lie side by side in memory: begin..end-1.
struct Stretch {
  int32_t begin;
  int32_t end;
};

// Counts the points of `many` stretches of columns x (`stride` apart) whose squared distance to q
// is at most eps2. May stop early, returning any number >= limit, once limit are found.
using CountWithin = int64_t (*)(const double* x, int64_t stride, const Stretch* stretches,
                                int64_t many, const double* q, double eps2, int64_t limit);

// The loop for d dimensions (1 to kMaxDims). A set that the machine lacks falls back to the next
// narrower one.
CountWithin count_within(int d, Isa isa = Isa::kAuto);

// True if this machine and compiler can run `isa` as asked.
bool isa_available(Isa isa);

}  // namespace sketchvae
