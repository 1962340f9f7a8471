// What a network consists of, with tensors: for the files of net/ and for steps that stay on the
// device (net/step.cpp), where everything is enqueued on LibTorch's current stream and nothing
// waits for it.
#pragma once

#include <ATen/core/Tensor.h>

#include <utility>
#include <vector>

#include "cuda/step_row.h"
#include "net/device_arena.h"
#include "net/forward.h"
#include "net/gradients.h"
#include "net/network.h"
#include "net/reducer.h"

namespace sketchvae {

struct Network::Impl {
  Impl(const ModelPlan& plan, Arena& arena, const NetworkOptions& options);

  const ModelPlan& plan;
  NetworkOptions options;
  const Reducer& reducer;
  DeviceArena arena;
  Gradients gradients;
  Forward forward;
  std::vector<TrainingPass::Average> averages;  // of the last pass, until the parameters move

  // Reconstruction, kl and regularization, one number each; keeps gradients and averages.
  // x is rows x input, of a batch of so many in all ranks, kl_weight one number.
  struct Parts {
    at::Tensor reconstruction, kl, regularization;
  };
  Parts pass(const at::Tensor& x, const at::Tensor& noise, const std::vector<at::Tensor>& masks,
             const at::Tensor& kl_weight, int64_t batch);

  // Makes losses and gradients of this rank's rows those of the batch.
  void reduce(Parts& parts);

  // Moves the parameters with the scalars of rows[*step], which is on the device.
  void sweep(const OptimizerSpec& optimizer, const StepRow* rows, const int64_t* step);
  // The same for one step from the host.
  void update(const OptimizerSpec& optimizer, double learning_rate, int64_t step);

  // Tensors on the device of what lies in the host's memory.
  at::Tensor input(const uint8_t* pixels, int64_t batch) const;
  template <typename T>
  at::Tensor matrix(const T* values, int64_t rows, int64_t columns) const;

  bool from_logits() const {
    return plan.model.loss.reconstruction == Reconstruction::bernoulli;
  }
  Losses losses(const Parts& parts, double kl_weight) const;

 private:
  void move_averages();
};

// Values to the host, in float64.
void copy_out(const at::Tensor& from, double* to);

}  // namespace sketchvae
