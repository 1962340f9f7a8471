// What a backward pass leaves of the parameters, and what of it the optimizers need: gradients,
// dense or as two factors, and their global norm.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <initializer_list>
#include <vector>

#include "net/reducer.h"
#include "ops/optimizer.h"
#include "spec/model_plan.h"

namespace sketchvae {

// Of a wide dense layer's kernel: G = a'b, which the optimizer's sweep multiplies tile by tile.
struct Factors {
  at::Tensor a, b;
};

class Gradients {
 public:
  // params: every parameter of the plan, which must outlive this as they must.
  Gradients(const ModelPlan& plan, const std::vector<at::Tensor>& params);

  // Before a forward pass: forgets the last one's factors.
  void begin();
  // Where a layer leaves the factors of parameter i.
  Factors& factors(int64_t i) { return factors_[static_cast<size_t>(i)]; }
  // The gradients of `loss` by every trainable parameter.
  void of(const at::Tensor& loss);

  // Makes them, all dense then, and `more` their sums over ranks.
  void reduce(const Reducer& reducer, std::initializer_list<at::Tensor*> more);

  // Of parameter i, multiplied out; undefined where it has none.
  at::Tensor dense(size_t i) const;
  // As the optimizers' sweep takes them: null where there is none. They point into this.
  std::vector<Gradient> given() const;
  // Times every entry, the global norm is at most `clipnorm`: one number on the device. tasks: the
  // sweep's.
  at::Tensor clip_factor(double clipnorm, const std::vector<SweepTask>& tasks) const;

  // Per parameter: what multiplies its sum of squares in the loss.
  const std::vector<double>& l2() const { return l2_; }
  // That term of the loss, one number in float64.
  at::Tensor regularization() const;

 private:
  const std::vector<at::Tensor>& params_;
  std::vector<at::Tensor> leaves_;  // the trainable ones, in order, and ...
  std::vector<size_t> leaf_of_;     // ... which parameter each is
  std::vector<Factors> factors_;    // per parameter
  std::vector<at::Tensor> dense_;   // per parameter, undefined where factored or untrainable
  std::vector<double> l2_;
};

}  // namespace sketchvae
