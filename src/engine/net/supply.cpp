#include "net/supply.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <span>
#include <string>

#include "cuda/draw.h"
#include "error.h"
#include "random/philox.h"

namespace sketchvae {
namespace {

using at::Tensor;

class OnDevice final : public Supply {
 public:
  OnDevice(const BatchSource& source, Device device)
      : there_(device == Device::cuda ? at::Device(at::kCUDA, 0) : at::Device(at::kCPU)) {
    const int64_t count = source.size(), pixels = source.pixels(), whole = count * pixels;
    if (whole > free_memory(device)) {
      throw Error("the drawings take " + std::to_string(whole >> 20) + " MB, and the GPU has " +
                  std::to_string(free_memory(device) >> 20) + " MB free; train on fewer");
    }
    bytes_ = at::empty({count, pixels}, there_.dtype(at::kByte));
    order_ = at::empty({count}, there_.dtype(at::kLong));
    constexpr int64_t kChunk = 16384;
    std::vector<int64_t> index(static_cast<size_t>(std::min(kChunk, count)));
    const Tensor chunk = at::empty({std::min(kChunk, count), pixels}, at::kByte);
    for (int64_t first = 0; first < count; first += kChunk) {
      const int64_t n = std::min(kChunk, count - first);
      std::iota(index.begin(), index.begin() + n, first);
      source.read(index.data(), n, chunk.data_ptr<uint8_t>());
      bytes_.narrow(0, first, n).copy_(chunk.narrow(0, 0, n));
    }
  }

  void begin_epoch(const std::vector<int64_t>& order, int64_t) override {
    const auto n = static_cast<int64_t>(order.size());
    order_.narrow(0, 0, n).copy_(at::from_blob(const_cast<int64_t*>(order.data()), {n}, at::kLong));
  }
  void next(int64_t) override {}
  void find(GatherJob& job) const override {
    job.bytes = bytes_.const_data_ptr<uint8_t>();
    job.order = order_.const_data_ptr<int64_t>();
  }

 private:
  at::TensorOptions there_;
  Tensor bytes_, order_;
};

class ByBatch final : public Supply {
 public:
  ByBatch(const BatchSource& source, int64_t most)
      : source_(source), bytes_(static_cast<size_t>(most * source.pixels())) {}

  void begin_epoch(const std::vector<int64_t>& order, int64_t done) override {
    order_ = order;
    next_ = done;
    source_.expect(std::span(order_).subspan(static_cast<size_t>(done)));
  }
  void next(int64_t n) override {
    source_.read(order_.data() + next_, n, bytes_.data());
    next_ += n;
  }
  void find(GatherJob& job) const override { job.bytes = bytes_.data(); }

 private:
  const BatchSource& source_;
  std::vector<uint8_t> bytes_;
  std::vector<int64_t> order_;
  int64_t next_ = 0;
};

}  // namespace

at::Tensor Supply::gather(const ModelPlan& plan, const StepPlace& place, int64_t batch_size,
                          int64_t n) const {
  std::vector<int64_t> sizes = {n};
  sizes.insert(sizes.end(), plan.model.input.begin(), plan.model.input.end());
  const Tensor x = at::empty(sizes, place.there);
  GatherJob job;
  find(job);
  job.step = place.step;
  job.batch_size = batch_size;
  job.batch = n;
  job.pixels = size_of(plan.model.input);
  job.threshold = plan.model.binarize.value_or(-1);
  job.is_double = x.scalar_type() == at::kDouble;
  job.out = x.data_ptr();
  place.device == Device::cpu ? gather_on_host(job)
                              : gather_on_device(job, current_stream(place.device));
  return x;
}

std::vector<Tensor> draw_inputs(const ModelPlan& plan, const StepPlace& place,
                                const Reducer::Share& share) {
  std::vector<Tensor> drawn;
  DrawJob job;
  job.seed = place.seed;
  job.rows = place.rows;
  job.step = place.step;
  const auto flush = [&] {
    place.device == Device::cpu ? draw_on_host(job)
                                : draw_on_device(job, current_stream(place.device));
    job.tasks = 0;
  };
  const auto add = [&](int64_t size, double rate, Stream stream, size_t lane) {
    const Tensor out = at::empty({share.n, size}, place.there.dtype(at::kFloat));
    job.task[job.tasks++] = {out.data_ptr<float>(), out.numel(), share.first * size, rate,
                             static_cast<uint32_t>(stream), static_cast<uint32_t>(lane)};
    if (job.tasks == kDrawTasks) flush();
    drawn.push_back(out);
  };
  add(plan.model.latent_dim, -1, Stream::noise, 0);
  for (size_t i = 0; i < plan.masks.size(); ++i) {
    add(plan.masks[i].size, plan.masks[i].rate, Stream::mask, i);
  }
  if (job.tasks > 0) flush();
  for (Tensor& t : drawn) t = t.to(place.there.dtype());
  return drawn;
}

std::unique_ptr<Supply> supply_on_device(const BatchSource& source, Device device) {
  return std::make_unique<OnDevice>(source, device);
}

std::unique_ptr<Supply> supply_by_batch(const BatchSource& source, int64_t most) {
  return std::make_unique<ByBatch>(source, most);
}

}  // namespace sketchvae
