// Sorting that obeys Ctrl-C. Test: tests/cpp/test_parallel.cpp.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

#include "latent/parallel.h"

namespace sketchvae {

// Sorts in parts, which are merged two by two, and asks in between whether to stop. Throws
// Interrupted.
template <class T, class Less = std::less<>>
void sort_in_parts(std::vector<T>& values, Poll& poll, const Less& less = {}) {
  constexpr int64_t kPart = 1 << 17;
  const auto n = static_cast<int64_t>(values.size());
  const auto at = [&](int64_t i) { return values.begin() + std::min(i, n); };
  for (int64_t begin = 0; begin < n; begin += kPart) {
    std::sort(at(begin), at(begin + kPart), less);
    poll.check();
  }
  for (int64_t part = kPart; part < n; part *= 2) {
    for (int64_t begin = 0; begin + part < n; begin += 2 * part) {
      std::inplace_merge(at(begin), at(begin + part), at(begin + 2 * part), less);
      poll.check();
    }
  }
}

}  // namespace sketchvae
