#include "net/step.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "error.h"
#include "net/network_impl.h"
#include "net/supply.h"
#include "net/torch_error.h"

namespace sketchvae {
namespace {

using at::Tensor;

// Steps before the capture: LibTorch chooses its algorithms and takes its memory in them.
constexpr int64_t kWarmUp = 3;

// Values of the host as a tensor; they must outlive it.
template <typename T>
Tensor as_bytes(const T* values, size_t n) {
  return at::from_blob(const_cast<T*>(values), {static_cast<int64_t>(n * sizeof(T))}, at::kByte);
}

}  // namespace

struct Steps::Impl {
  Network::Impl& network;
  const ModelPlan& plan;
  const Reducer& reducer;
  StepOptions options;
  int64_t batch_size, count;  // of all ranks
  Device device;
  at::TensorOptions there;   // on the device, of the parameters' type
  std::unique_ptr<Supply> supply;
  Tensor rows, step_number, sums;
  Tensor seen[2];            // copies of the sums at the last two marks, in the host's memory
  int64_t drawings_at[2] = {0, 0};
  int64_t marks = 0, next_step = 0, warm = 0;
  Sums before;               // when the epoch was begun
  int64_t drawings = 0;
  bool tried = false, captured = false;
  std::string why_not;
  DeviceQueue queue;         // the last: its end waits for the steps that use the tensors above

  Impl(Network& network_, const ModelPlan& plan_, const BatchSource& train, const StepOptions& options_)
      : network(network_.impl()),
        plan(plan_),
        reducer(network.reducer),
        options(options_),
        batch_size(std::min(options_.batch_size, train.size())),
        count(train.size()),
        device(network.options.device),
        there(network.arena.options()),
        queue(device) {
    // All of it on the queue's stream: nothing orders another one's work before its steps.
    queue.run([&] { allocate(train); });
    queue.finish();
  }

  void allocate(const BatchSource& train) {
    supply = device == Device::cuda || options.resident
                 ? supply_on_device(train, device)
                 : supply_by_batch(train, reducer.share(batch_size).n);
    rows = at::empty({steps(), static_cast<int64_t>(sizeof(StepRow) / sizeof(double))},
                     there.dtype(at::kDouble));
    step_number = at::zeros({1}, there.dtype(at::kLong));
    sums = at::zeros({4}, there.dtype(at::kDouble));
    for (Tensor& copy : seen) {
      copy = at::zeros({4}, at::TensorOptions(at::kDouble).pinned_memory(device == Device::cuda));
    }
  }

  int64_t steps() const { return (count + batch_size - 1) / batch_size; }
  int64_t batch_of(int64_t step) const { return std::min(batch_size, count - step * batch_size); }
  const StepRow* row_table() const { return static_cast<const StepRow*>(rows.const_data_ptr()); }
  const int64_t* step_place() const { return step_number.const_data_ptr<int64_t>(); }

  void begin_epoch(const std::vector<int64_t>& order, const std::vector<StepRow>& given,
                   int64_t first_step) {
    if (order.size() != static_cast<size_t>(count) || given.size() != static_cast<size_t>(steps())) {
      throw Error("an epoch's order and rows must be those of all its drawings and steps");
    }
    std::vector<int64_t> ours;  // this rank's drawings of each step
    int64_t done = 0;
    for (int64_t k = 0; k < steps(); ++k) {
      const auto share = reducer.share(batch_of(k));
      const auto first = order.begin() + k * batch_size + share.first;
      ours.insert(ours.end(), first, first + share.n);
      if (k < first_step) done += share.n;
    }
    supply->begin_epoch(ours, done);
    rows.view(at::kByte).view({-1}).copy_(as_bytes(given.data(), given.size()));
    sums.view(at::kByte).copy_(as_bytes(&before.of, 1));
    step_number.fill_(first_step);
  }

  // ---- one step of this rank's rows of a batch

  // Everything is found by the step number, which it moves on.
  void step(int64_t batch) {
    const Reducer::Share share = reducer.share(batch);
    const StepPlace place = {options.seed, row_table(), step_place(), device, there};
    const Tensor x = supply->gather(plan, place, reducer.share(batch_size).n, share.n);
    std::vector<Tensor> masks = draw_inputs(plan, place, share);
    const Tensor noise = masks.front();
    masks.erase(masks.begin());
    const Tensor kl_weight = rows.index_select(0, step_number).select(1, 0).squeeze(0);
    auto parts = network.pass(x, noise, masks, kl_weight.to(there.dtype()), batch);
    network.reduce(parts);
    network.sweep(options.optimizer, row_table(), step_place());
    add_up(parts, kl_weight, batch);
    step_number.add_(1);
  }

  void add_up(const Network::Impl::Parts& parts, const Tensor& kl_weight, int64_t batch) {
    const Tensor reconstruction = parts.reconstruction.to(at::kDouble),
                 kl = parts.kl.to(at::kDouble);
    const Tensor loss = reconstruction + kl_weight * kl + parts.regularization;
    sums.add_(at::stack({loss, reconstruction, kl, parts.regularization})
                  .mul_(static_cast<double>(batch)));
  }

  void enqueue(int64_t batch) {
    supply->next(reducer.share(batch).n);
    if (batch == batch_size && device == Device::cuda) {
      if (!tried && warm++ >= kWarmUp) {
        tried = true;
        captured = queue.capture([&] { step(batch); }, &why_not);
      }
      if (captured) {
        network.arena.moved_on();
        return queue.replay();
      }
    }
    queue.run([&] { step(batch); });
  }

  void mark() {
    const auto k = static_cast<size_t>(marks++ % 2);
    queue.run([&] { seen[k].copy_(sums, /*non_blocking=*/device == Device::cuda); });
    drawings_at[k] = drawings;
    queue.mark();
  }

  // The sums at the mark before the latest one, or at the latest.
  Sums read(int behind) {
    if (marks <= behind) return before;
    queue.wait(behind);
    const auto k = static_cast<size_t>((marks - 1 - behind) % 2);
    const double* s = seen[k].const_data_ptr<double>();
    return {{s[0], s[1], s[2], s[3]}, drawings_at[k]};
  }

  // Whether a batch of so many gets through a pass; nothing moves but the gradients.
  bool fits(int64_t batch) {
    try {
      queue.run([&] {
        const auto zeros = [&](int64_t size) { return at::zeros({batch, size}, there); };
        std::vector<int64_t> sizes = {batch};
        sizes.insert(sizes.end(), plan.model.input.begin(), plan.model.input.end());
        std::vector<Tensor> masks;
        for (const MaskSpec& mask : plan.masks) masks.push_back(zeros(mask.size));
        network.pass(at::zeros(sizes, there), zeros(plan.model.latent_dim), masks,
                     at::zeros({}, there), batch);
      });
      queue.finish();
      return true;
    } catch (const c10::Error&) {
      return false;  // cuDNN and its like have words of their own for it
    }
  }

  [[noreturn]] void out_of_memory(const std::exception& error) {
    int64_t batch = batch_size / 2;
    for (; batch > 0; batch /= 2) {
      empty_cache(device);
      if (fits(batch)) break;
    }
    throw Error("the GPU has not enough memory for batches of " + std::to_string(batch_size) +
                (batch > 0 ? "; a batch_size of " + std::to_string(batch) + " fits"
                           : "; not even a batch_size of 1 fits") +
                " (" + short_message(error) + ")");
  }
};

Steps::Steps(Network& network, const ModelPlan& plan, const BatchSource& train,
             const StepOptions& options) {
  impl_ = translated([&] { return std::make_unique<Impl>(network, plan, train, options); });
}

Steps::~Steps() = default;

void Steps::begin_epoch(const std::vector<int64_t>& order, const std::vector<StepRow>& rows,
                        int64_t first_step, const Sums& sums) {
  impl_->before = sums;
  impl_->drawings = sums.drawings;
  impl_->next_step = first_step;
  impl_->marks = 0;
  translated([&] {
    impl_->queue.finish();
    impl_->queue.run([&] { impl_->begin_epoch(order, rows, first_step); });
    impl_->queue.finish();
  });
}

Sums Steps::run(int64_t steps) {
  return translated([&] {
    try {
      for (int64_t i = 0; i < steps; ++i) {
        const int64_t batch = impl_->batch_of(impl_->next_step++);
        impl_->enqueue(batch);
        impl_->drawings += batch;
      }
      impl_->mark();
    } catch (const c10::OutOfMemoryError& error) {
      if (impl_->device == Device::cpu) throw;
      impl_->out_of_memory(error);
    }
    return impl_->read(1);
  });
}

Sums Steps::finish() {
  return translated([&] {
    impl_->queue.finish();
    return impl_->read(0);
  });
}

const std::string& Steps::why_not_captured() const { return impl_->why_not; }

}  // namespace sketchvae
