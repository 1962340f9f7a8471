#include "net/supply.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <span>
#include <string>

#include "error.h"

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

std::unique_ptr<Supply> supply_on_device(const BatchSource& source, Device device) {
  return std::make_unique<OnDevice>(source, device);
}

std::unique_ptr<Supply> supply_by_batch(const BatchSource& source, int64_t most) {
  return std::make_unique<ByBatch>(source, most);
}

}  // namespace sketchvae
