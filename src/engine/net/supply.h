// What a step takes from outside. Drawings: all of them lie on the device, or each batch is read when
// its turn comes. And random numbers, of its place in the fit. Tests: tests/cpp/test_step.cpp.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "cuda/gather.h"
#include "cuda/step_row.h"
#include "data/batches.h"
#include "net/device.h"
#include "net/reducer.h"
#include "spec/model_plan.h"

namespace sketchvae {

// Where a step stands, as kernels are told: row *step of the epoch's, both on the device.
struct StepPlace {
  uint64_t seed;
  const StepRow* rows;
  const int64_t* step;
  Device device;
  at::TensorOptions there;  // on the device, of the parameters' type
};

class Supply {
 public:
  virtual ~Supply() = default;
  // The drawings of an epoch's steps, of which the first `done` will not be asked for.
  virtual void begin_epoch(const std::vector<int64_t>& order, int64_t done) = 0;
  // A step wants the next n of them: it is about to be run.
  virtual void next(int64_t n) = 0;
  // A step's n drawings as numbers; full steps have batch_size.
  at::Tensor gather(const ModelPlan& plan, const StepPlace& place, int64_t batch_size, int64_t n) const;

 private:
  // Tells the job where they are.
  virtual void find(GatherJob& job) const = 0;
};

// Copies every drawing to the device. Throws Error when they do not fit there.
std::unique_ptr<Supply> supply_on_device(const BatchSource& source, Device device);
// Reads up to so many at a time, on the CPU.
std::unique_ptr<Supply> supply_by_batch(const BatchSource& source, int64_t most);

// Noise, then a mask for each dropout layer, of a step's rows.
std::vector<at::Tensor> draw_inputs(const ModelPlan& plan, const StepPlace& place,
                                    const Reducer::Share& share);

}  // namespace sketchvae
