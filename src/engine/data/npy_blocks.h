// Drawings of .npy files are read and written some at a time.
#pragma once

#include <algorithm>
#include <cstdint>

#include "error.h"
#include "host.h"

namespace sketchvae {

// Calls f(first, count) for blocks of drawings, asking the host in between; `done` of `total`
// drawings lie behind.
template <class F>
void for_each_block(int64_t n, int64_t done, int64_t total, Host& host, F f) {
  constexpr int64_t kBlock = 1024;
  for (int64_t first = 0; first < n; first += kBlock) {
    if (host.should_stop()) throw Interrupted();
    host.progress(done + first, total);
    f(first, std::min(kBlock, n - first));
  }
}

}  // namespace sketchvae
