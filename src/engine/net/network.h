// The network of a model over an arena of parameters, on LibTorch. This header knows no torch.
// Training is two calls, backward() then update(), so that the model is never half-updated.
// Activations are rows x columns x channels (NHWC), Keras' order, so that flatten is a view.
// Tests: tests/cpp/test_network.cpp (golden values), tests/parity/.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "net/device.h"
#include "ops/optimizer.h"
#include "params/arena.h"
#include "random/draws.h"
#include "spec/model_plan.h"

namespace sketchvae {

class Reducer;

// Means over the drawings of a batch. loss = reconstruction + kl_weight * kl + regularization.
struct Losses {
  double loss = 0, reconstruction = 0, kl = 0, regularization = 0;
};

// By which rule net/plan.h gives layers to kernels of ours or to LibTorch. A fit keeps the name of
// its rule, so a rule never changes: a better one gets a new name.
enum class PlanRule {
  native,    // ours wherever there are any
  intel,     // fewer rows for wide dense layers: LibTorch's products are fast on Intel's processors
  libtorch,  // LibTorch alone, every gradient dense: the oracle of tests
};
PlanRule best_rule();  // for this processor
PlanRule read_plan_rule(const std::string& name);  // throws Error
const char* name_of(PlanRule rule);

struct NetworkOptions {
  int threads = 1;
  PlanRule plan = PlanRule::native;
  Device device = Device::cpu;
  Precision precision = Precision::float32;
  // Who else trains this model; nobody when null.
  std::shared_ptr<const Reducer> reducer = nullptr;
};

class Network {
 public:
  // `plan` and `arena` must outlive the network; the arena was made from plan.params. On a GPU
  // the network works on a copy of the arena: upload() after the arena was written to, download()
  // before it is read. Throws Error when the device cannot be used.
  Network(const ModelPlan& plan, Arena& arena, const NetworkOptions& options);
  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  // Forward in training mode and backward; keeps the gradients and the new moving averages.
  // pixels: batch x size bytes, row by row. Throws Error when LibTorch does.
  Losses backward(const uint8_t* pixels, int64_t batch, double kl_weight, const Draws& draws);

  // Moves the parameters by what backward() kept. `step` counts from 1 over the whole fit.
  void update(const OptimizerSpec& optimizer, double learning_rate, int64_t step);

  // Losses with sampled z, dropout off, moving averages used: what validation reports.
  Losses evaluate(const uint8_t* pixels, int64_t batch, double kl_weight, const float* noise);

  // Codes of drawings: mean and second head, each batch x latent_dim; either may be null.
  void encode(const uint8_t* pixels, int64_t batch, double* mean, double* log_var);
  // Drawings of codes: batch x size values in [0, 1].
  void decode(const double* z, int64_t batch, double* drawings);
  // Sums of squared errors over the pixels, mean code, dropout off: batch values.
  void score(const uint8_t* pixels, int64_t batch, double* errors);

  // log p(x|z) of drawing i under code i, dropout off (net/losses.h): batch values.
  void log_likelihood(const uint8_t* pixels, const double* z, int64_t batch, double* values);

  // The arena to the device, and back when steps have been taken since; nothing on the CPU.
  void upload();
  void download();

  const NetworkOptions& options() const;

  // Threads and plan of every later call. Throws Error where threads cannot be had.
  void set_threads(int threads);
  void set_plan(PlanRule plan);

  // Gradient of parameter i of the last backward(), a factored one multiplied out; l2 excluded.
  std::vector<double> gradient(int64_t i) const;

  // What it consists of, for steps on the device (net/network_impl.h).
  struct Impl;
  Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace sketchvae
