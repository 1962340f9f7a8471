// The one door through which the engine meets whoever called it: progress and the wish to stop.
// R's twin is src/rcpp_host.h; SilentHost serves the C++ tests. Only the calling (main) thread may
// use a Host: workers report through atomics, and the main thread polls.
#pragma once

#include <cstdint>

namespace sketchvae {

class Host {
 public:
  virtual ~Host() = default;

  // True once the user asked to stop (Ctrl-C). Cheap enough for every batch or every few ms.
  virtual bool should_stop() = 0;

  // `done` of `total` units of a long call are finished. Implementations throttle.
  virtual void progress(int64_t done, int64_t total) = 0;
};

class SilentHost final : public Host {
 public:
  bool should_stop() override { return false; }
  void progress(int64_t, int64_t) override {}
};

}  // namespace sketchvae
