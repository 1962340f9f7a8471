// How a network's parameters move: an optimizer's sweep over all gradients, then batch norm's
// moving averages.
#include <ATen/ATen.h>
#include <torch/csrc/autograd/grad_mode.h>

#include "cuda/sweep.h"
#include "net/network_impl.h"
#include "net/scopes.h"

namespace sketchvae {

using at::Tensor;

void Network::Impl::move_averages() {
  for (const auto& m : moments) {
    const auto p = static_cast<size_t>(m.first_param);
    arena.params()[p + 2].mul_(m.momentum).add_(m.mean.flatten(), 1 - m.momentum);
    arena.params()[p + 3].mul_(m.momentum).add_(m.variance.flatten(), 1 - m.momentum);
  }
  moments.clear();
}

void Network::Impl::sweep(const OptimizerSpec& spec, const StepRow* rows, const int64_t* step) {
  const ThreadScope threads(options.threads);
  const at::NoGradGuard no_grad;
  Arena& host = arena.host();
  MultiSweep job;
  set_rule(job, spec);
  job.is_double = host.dtype() == Dtype::float64;
  job.rows = rows;
  job.step = step;
  Tensor factor;
  if (spec.clipnorm > 0) {
    factor = gradients.clip_factor(spec.clipnorm);
    job.factor = factor.const_data_ptr<double>();
  }
  const auto flush = [&] {
    if (options.device == Device::cpu) {
      sweep_on_host(job);
    } else {
      sweep_on_device(job, current_stream(Device::cuda));
    }
    job.tasks = 0;
  };
  std::vector<Tensor> kept;
  for (size_t i = 0; i < plan.params.size(); ++i) {
    const Tensor g = gradients.dense(i);
    if (!g.defined()) continue;
    kept.push_back(g);
    const auto k = static_cast<int64_t>(i);
    const auto slot = [&](int s) {
      return host.slots() > s ? arena.on_device(host.slot(k, s)) : nullptr;
    };
    job.task[job.tasks++] = {arena.on_device(host.value(k)), slot(0), slot(1),
                             g.const_data_ptr(), g.numel(), 2 * gradients.l2()[i]};
    if (job.tasks == kSweepTasks) flush();
  }
  if (job.tasks > 0) flush();
  move_averages();
  arena.moved_on();
}

void Network::Impl::update(const OptimizerSpec& optimizer, double learning_rate, int64_t step) {
  const at::NoGradGuard no_grad;
  if (options.device != Device::cpu) {
    const StepRow row{0, corrected_rate(optimizer, learning_rate, step),
                      learning_rate * optimizer.weight_decay, 0, 0};
    const Tensor rows = at::from_blob(const_cast<StepRow*>(&row), {sizeof row}, at::kByte)
                            .to(arena.options().device());
    const Tensor number = at::zeros({1}, arena.options().dtype(at::kLong));
    return sweep(optimizer, static_cast<const StepRow*>(rows.const_data_ptr()),
                 number.const_data_ptr<int64_t>());
  }
  optimizer_step(optimizer, arena.host(), gradients.given(), gradients.l2(), learning_rate, step,
                 options.threads);
  move_averages();
}

}  // namespace sketchvae
