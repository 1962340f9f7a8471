// How a network's parameters move: an optimizer's sweep over all gradients, then batch norm's
// moving averages.
#include <ATen/ATen.h>
#include <torch/csrc/autograd/grad_mode.h>

#include <algorithm>

#include "net/network_impl.h"
#include "net/scopes.h"

namespace sketchvae {

using at::Tensor;

void Network::Impl::move_averages() {
  for (const auto& a : averages) {
    const Tensor& param = arena.params()[static_cast<size_t>(a.param)];
    param.mul_(a.momentum).add_(a.value, 1 - a.momentum);
  }
  averages.clear();
}

void Network::Impl::sweep(const OptimizerSpec& spec, const StepRow* rows, const int64_t* step) {
  const ThreadScope threads(options.threads);
  const at::NoGradGuard no_grad;
  const std::vector<Gradient> given = gradients.given();
  std::vector<SweepTask> tasks;
  for (size_t i = 0; i < given.size(); ++i) {
    if (!given[i].dense && !given[i].a) continue;
    SweepTask task =
        sweep_task(arena.host(), static_cast<int64_t>(i), given[i], gradients.l2()[i]);
    for (void** place : {&task.w, &task.s, &task.m}) *place = arena.on_device(*place);
    tasks.push_back(task);
  }
  SweepJob job;
  job.optimizer = spec;
  job.is_double = arena.host().dtype() == Dtype::float64;
  job.rows = rows;
  job.step = step;
  Tensor factor;
  if (spec.clipnorm > 0) {
    factor = gradients.clip_factor(spec.clipnorm, tasks);
    job.factor = factor.const_data_ptr<double>();
  }
  for (auto next = tasks.begin(); next != tasks.end(); next += job.tasks) {
    job.tasks = static_cast<int>(std::min<std::ptrdiff_t>(kSweepTasks, tasks.end() - next));
    std::copy_n(next, job.tasks, job.task);
    if (options.device == Device::cpu) {
      sweep_on_host(job, options.threads);
    } else {
      sweep_on_device(job, current_stream(Device::cuda));
    }
  }
  move_averages();
  arena.moved_on();
}

void Network::Impl::update(const OptimizerSpec& optimizer, double learning_rate, int64_t step) {
  const StepRow row = step_row(optimizer, learning_rate, step);
  const Tensor rows = at::from_blob(const_cast<StepRow*>(&row), {sizeof row}, at::kByte)
                          .to(arena.options().device());
  const Tensor number = at::zeros({1}, arena.options().dtype(at::kLong));
  sweep(optimizer, static_cast<const StepRow*>(rows.const_data_ptr()),
        number.const_data_ptr<int64_t>());
}

}  // namespace sketchvae
