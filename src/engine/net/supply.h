// How a step comes by its drawings: all of them lie on the device, or each batch is read when its
// turn comes. Tests: tests/cpp/test_step.cpp.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "cuda/gather.h"
#include "data/batches.h"
#include "net/device.h"

namespace sketchvae {

class Supply {
 public:
  virtual ~Supply() = default;
  // The drawings of an epoch's steps, of which the first `done` will not be asked for.
  virtual void begin_epoch(const std::vector<int64_t>& order, int64_t done) = 0;
  // A step wants the next n of them: it is about to be run.
  virtual void next(int64_t n) = 0;
  // Tells a step's job where they are.
  virtual void find(GatherJob& job) const = 0;
};

// Copies every drawing to the device. Throws Error when they do not fit there.
std::unique_ptr<Supply> supply_on_device(const BatchSource& source, Device device);
// Reads up to so many at a time, on the CPU.
std::unique_ptr<Supply> supply_by_batch(const BatchSource& source, int64_t most);

}  // namespace sketchvae
