#include "net/resident.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "cuda/draw.h"
#include "cuda/gather.h"
#include "error.h"
#include "net/network_impl.h"
#include "net/torch_error.h"
#include "random/draws.h"

namespace sketchvae {
namespace {

using at::Tensor;

// Steps before the capture: LibTorch chooses its algorithms and takes its memory in them.
constexpr int64_t kWarmUp = 3;
constexpr int64_t kSums = 4;

}  // namespace

bool ResidentSums::finite() const {
  return std::isfinite(reconstruction) && std::isfinite(weighted_kl) &&
         std::isfinite(regularization);
}

struct Resident::Impl {
  Network& network;
  const ModelPlan& plan;
  OptimizerSpec optimizer;
  int64_t batch_size, count;
  uint64_t seed;
  Device device;
  at::TensorOptions there;   // on the device
  at::ScalarType type;
  Tensor bytes, order, rows, step_number, sums;
  Tensor seen[2];            // copies of the sums at the last two marks, in the host's memory
  int64_t drawings_at[2] = {0, 0};
  int64_t marks = 0, next_step = 0, drawings = 0, warm = 0;
  bool tried = false, captured = false;
  std::string why_not;
  DeviceQueue queue;         // the last: its end waits for the steps that use the tensors above

  Impl(Network& network_, const ModelPlan& plan_, const BatchSource& train,
       const OptimizerSpec& optimizer_, int64_t batch_size_, uint64_t seed_, Dtype dtype)
      : network(network_),
        plan(plan_),
        optimizer(optimizer_),
        batch_size(std::min(batch_size_, train.size())),
        count(train.size()),
        seed(seed_),
        device(network_.options().device),
        there(device == Device::cuda ? at::Device(at::kCUDA, 0) : at::Device(at::kCPU)),
        type(dtype == Dtype::float32 ? at::kFloat : at::kDouble),
        queue(device) {
    // All of it on the queue's stream: nothing orders another one's work before its steps.
    queue.run([&] { allocate(train); });
    queue.finish();
  }

  void allocate(const BatchSource& train) {
    load(train);
    const int64_t steps = (count + batch_size - 1) / batch_size;
    order = at::empty({count}, there.dtype(at::kLong));
    rows = at::empty({steps, static_cast<int64_t>(sizeof(StepRow) / sizeof(double))},
                     there.dtype(at::kDouble));
    step_number = at::zeros({1}, there.dtype(at::kLong));
    sums = at::zeros({kSums}, there.dtype(at::kDouble));
    for (Tensor& copy : seen) {
      copy = at::zeros({kSums}, at::TensorOptions(at::kDouble).pinned_memory(device == Device::cuda));
    }
  }

  void load(const BatchSource& train) {
    const int64_t pixels = train.pixels(), whole = count * pixels;
    if (whole > free_memory(device)) {
      throw Error("the drawings take " + std::to_string(whole >> 20) + " MB, and the GPU has " +
                  std::to_string(free_memory(device) >> 20) + " MB free; train on fewer");
    }
    bytes = at::empty({count, pixels}, there.dtype(at::kByte));
    constexpr int64_t kChunk = 16384;
    std::vector<int64_t> index(static_cast<size_t>(std::min(kChunk, count)));
    Tensor chunk = at::empty({std::min(kChunk, count), pixels}, at::kByte);
    for (int64_t first = 0; first < count; first += kChunk) {
      const int64_t n = std::min(kChunk, count - first);
      std::iota(index.begin(), index.begin() + n, first);
      train.read(index.data(), n, chunk.data_ptr<uint8_t>());
      bytes.narrow(0, first, n).copy_(chunk.narrow(0, 0, n));
    }
  }

  const StepRow* row_table() const { return static_cast<const StepRow*>(rows.const_data_ptr()); }
  const int64_t* step_place() const { return step_number.const_data_ptr<int64_t>(); }

  Tensor gathered(int64_t batch) const {
    std::vector<int64_t> sizes = {batch};
    sizes.insert(sizes.end(), plan.model.input.begin(), plan.model.input.end());
    const Tensor x = at::empty(sizes, there.dtype(type));
    GatherJob job;
    job.bytes = bytes.const_data_ptr<uint8_t>();
    job.order = order.const_data_ptr<int64_t>();
    job.step = step_place();
    job.batch_size = batch_size;
    job.batch = batch;
    job.pixels = bytes.size(1);
    job.threshold = plan.model.binarize.value_or(-1);
    job.is_double = type == at::kDouble;
    job.out = x.data_ptr();
    device == Device::cuda ? gather_on_device(job, current_stream(device)) : gather_on_host(job);
    return x;
  }

  // Noise, then a mask for each dropout layer.
  std::vector<Tensor> drawn(int64_t batch) const {
    std::vector<Tensor> drawn;
    DrawJob job;
    job.seed = seed;
    job.rows = row_table();
    job.step = step_place();
    const auto flush = [&] {
      device == Device::cuda ? draw_on_device(job, current_stream(device)) : draw_on_host(job);
      job.tasks = 0;
    };
    const auto add = [&](int64_t size, double rate, Stream stream, size_t lane) {
      const Tensor out = at::empty({batch, size}, there.dtype(at::kFloat));
      job.task[job.tasks++] = {out.data_ptr<float>(), out.numel(), rate,
                               static_cast<uint32_t>(stream), static_cast<uint32_t>(lane)};
      if (job.tasks == kDrawTasks) flush();
      drawn.push_back(out);
    };
    add(plan.model.latent_dim, -1, Stream::noise, 0);
    for (size_t i = 0; i < plan.masks.size(); ++i) {
      add(plan.masks[i].size, plan.masks[i].rate, Stream::mask, i);
    }
    if (job.tasks > 0) flush();
    for (Tensor& t : drawn) t = t.to(type);
    return drawn;
  }

  // One step, everything found by the step number, which it moves on.
  void step(int64_t batch) {
    const Tensor kl_weight = rows.index_select(0, step_number).select(1, 0).squeeze(0);
    std::vector<Tensor> masks = drawn(batch);
    const Tensor noise = masks.front();
    masks.erase(masks.begin());
    const auto parts = network.impl().pass(gathered(batch), noise, masks, kl_weight.to(type));
    network.impl().sweep(optimizer, row_table(), step_place());
    const Tensor rec = parts.reconstruction.to(at::kDouble), kl = parts.kl.to(at::kDouble);
    sums.add_(at::stack({rec, kl, kl * kl_weight, parts.regularization}),
              static_cast<double>(batch));
    step_number.add_(1);
  }

  void enqueue(int64_t batch) {
    if (batch == batch_size && device == Device::cuda) {
      if (!tried && warm++ >= kWarmUp) {
        tried = true;
        captured = queue.capture([&] { step(batch); }, &why_not);
      }
      if (captured) {
        network.impl().arena.moved_on();
        return queue.replay();
      }
    }
    queue.run([&] { step(batch); });
  }

  int64_t batch_of(int64_t number) const {
    return std::min(batch_size, count - number * batch_size);
  }

  void mark() {
    const auto k = static_cast<size_t>(marks++ % 2);
    queue.run([&] { seen[k].copy_(sums, /*non_blocking=*/device == Device::cuda); });
    drawings_at[k] = drawings;
    queue.mark();
  }

  // The sums at the mark before the latest one, or at the latest.
  ResidentSums read(int behind) {
    if (marks <= behind) return {};
    queue.wait(behind);
    const auto k = static_cast<size_t>((marks - 1 - behind) % 2);
    const double* s = seen[k].const_data_ptr<double>();
    return {s[0], s[1], s[2], s[3], drawings_at[k]};
  }

  // Whether a batch of so many gets through a pass; nothing moves but the gradients.
  bool fits(int64_t batch) {
    try {
      queue.run([&] {
        const auto zeros = [&](int64_t size) { return at::zeros({batch, size}, there.dtype(type)); };
        std::vector<int64_t> sizes = {batch};
        sizes.insert(sizes.end(), plan.model.input.begin(), plan.model.input.end());
        std::vector<Tensor> masks;
        for (const MaskSpec& mask : plan.masks) masks.push_back(zeros(mask.size));
        network.impl().pass(at::zeros(sizes, there.dtype(type)), zeros(plan.model.latent_dim),
                            masks, at::zeros({}, there.dtype(type)));
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

Resident::Resident(Network& network, const ModelPlan& plan, const BatchSource& train,
                   const OptimizerSpec& optimizer, int64_t batch_size, uint64_t seed, Dtype dtype) {
  try {
    impl_ = std::make_unique<Impl>(network, plan, train, optimizer, batch_size, seed, dtype);
  } catch (const c10::Error&) {
    rethrow_torch();
  }
}

Resident::~Resident() = default;

void Resident::begin_epoch(const std::vector<int64_t>& order, const std::vector<StepRow>& rows,
                           int64_t first_step) {
  try {
    impl_->queue.finish();
    impl_->queue.run([&] {
      const auto bytes_of = [](const Tensor& t) {
        return static_cast<size_t>(t.numel()) * t.element_size();
      };
      Tensor host_order = at::empty_like(impl_->order, at::Device(at::kCPU));
      Tensor host_rows = at::empty_like(impl_->rows, at::Device(at::kCPU));
      if (order.size() != static_cast<size_t>(host_order.numel()) ||
          rows.size() != static_cast<size_t>(host_rows.size(0))) {
        throw Error("an epoch's order and rows must be those of all its drawings and steps");
      }
      std::memcpy(host_order.data_ptr(), order.data(), bytes_of(host_order));
      std::memcpy(host_rows.data_ptr(), rows.data(), bytes_of(host_rows));
      impl_->order.copy_(host_order);
      impl_->rows.copy_(host_rows);
      impl_->step_number.fill_(first_step);
      impl_->sums.zero_();
    });
    impl_->queue.finish();
  } catch (const c10::Error&) {
    rethrow_torch();
  }
  impl_->next_step = first_step;
  impl_->drawings = 0;
  impl_->marks = 0;
}

ResidentSums Resident::run(int64_t steps) {
  try {
    for (int64_t i = 0; i < steps; ++i) {
      const int64_t batch = impl_->batch_of(impl_->next_step);
      impl_->enqueue(batch);
      ++impl_->next_step;
      impl_->drawings += batch;
    }
    impl_->mark();
    return impl_->read(1);
  } catch (const c10::OutOfMemoryError& error) {
    impl_->out_of_memory(error);
  } catch (const c10::Error&) {
    rethrow_torch();
  }
}

ResidentSums Resident::finish() {
  try {
    impl_->queue.finish();
    return impl_->read(0);
  } catch (const c10::Error&) {
    rethrow_torch();
  }
}

const std::string& Resident::why_not_captured() const { return impl_->why_not; }

}  // namespace sketchvae
