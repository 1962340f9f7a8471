#include "params/arena.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <new>

#include "data/safetensors.h"
#include "error.h"
#include "random/philox.h"

namespace sketchvae {
namespace {

constexpr int64_t kLine = 64;                       // bytes between tensors: one cache line

int64_t round_up(int64_t n) { return (n + kLine - 1) / kLine * kLine; }

template <typename T>
void fill_initial(Arena& arena, uint64_t seed) {
  for (size_t i = 0; i < arena.params().size(); ++i) {
    const ParamSpec& param = arena.params()[i];
    T* values = arena.value_as<T>(static_cast<int64_t>(i));
    const int64_t n = param.size();
    if (param.role == Role::gamma || param.role == Role::moving_variance) {
      std::fill(values, values + n, T{1});
    } else if (param.role == Role::kernel) {
      const double limit = std::sqrt(6.0 / static_cast<double>(param.fan_in + param.fan_out));
      std::vector<float> u(static_cast<size_t>(n));
      fill_uniform({seed, 0, 0, Stream::init, static_cast<uint32_t>(i)}, u.data(), n);
      for (int64_t k = 0; k < n; ++k) values[k] = static_cast<T>((2.0 * u[k] - 1) * limit);
    } else {
      std::fill(values, values + n, T{0});
    }
  }
}

template <typename To, typename From>
void copy_values(To* to, const std::byte* from, int64_t n) {
  for (int64_t i = 0; i < n; ++i) {
    From value;
    std::memcpy(&value, from + i * static_cast<int64_t>(sizeof value), sizeof value);
    to[i] = static_cast<To>(value);
  }
}

template <typename T>
bool all_finite(const T* values, int64_t n) {
  // A sum of x * 0 is 0 or NaN and vectorises; four million values take a millisecond.
  T sum = 0;
  for (int64_t i = 0; i < n; ++i) sum += values[i] * T{0};
  return sum == 0;
}

}  // namespace

Arena::Arena(const std::vector<ParamSpec>& params, Dtype dtype, int slots)
    : params_(params), dtype_(dtype), slots_(slots) {
  int64_t at = 0;
  for (const ParamSpec& param : params_) {
    offset_.push_back(at);
    stride_.push_back(round_up(param.size() * size_of(dtype)));
    at += stride_.back();
  }
  values_ = at;
  for (size_t i = 0; i < params_.size(); ++i) {
    slot_offset_.push_back(at);
    if (params_[i].trainable()) at += slots * stride_[i];
  }
  total_ = at;
  try {
    block_ = allocate(total_);
  } catch (const std::bad_alloc&) {
    throw Error("not enough memory for the model: " + std::to_string(total_ >> 20) + " MB");
  }
}

bool Arena::finite() const {
  for (size_t i = 0; i < params_.size(); ++i) {
    const auto k = static_cast<int64_t>(i);
    const bool good = dtype_ == Dtype::float32 ? all_finite(value_as<float>(k), params_[i].size())
                                               : all_finite(value_as<double>(k), params_[i].size());
    if (!good) return false;
  }
  return true;
}

void initialize(Arena& arena, uint64_t seed) {
  if (arena.dtype() == Dtype::float32) {
    fill_initial<float>(arena, seed);
  } else {
    fill_initial<double>(arena, seed);
  }
}

std::vector<std::byte> write_weights(const Arena& arena,
                                     const std::vector<std::pair<std::string, std::string>>& meta) {
  std::vector<TensorView> tensors;
  for (size_t i = 0; i < arena.params().size(); ++i) {
    const auto k = static_cast<int64_t>(i);
    tensors.push_back({arena.params()[i].name, arena.dtype() == Dtype::float32 ? "F32" : "F64",
                       arena.params()[i].shape,
                       {static_cast<const std::byte*>(arena.value(k)),
                        static_cast<size_t>(arena.bytes_of(k))}});
  }
  return write_safetensors(tensors, meta);
}

void read_weights(Arena& arena, std::span<const std::byte> file) {
  const Safetensors content = read_safetensors(file);
  for (size_t i = 0; i < arena.params().size(); ++i) {
    const ParamSpec& param = arena.params()[i];
    const TensorView* tensor = content.find(param.name);
    if (tensor == nullptr) throw Error("the weights hold no tensor '" + param.name + "'");
    if (tensor->shape != param.shape) {
      throw Error("'" + param.name + "' is " + to_string(tensor->shape) + " in the weights, but " +
                  to_string(param.shape) + " in the model");
    }
    const auto k = static_cast<int64_t>(i);
    const bool f32 = tensor->dtype == "F32";
    if (!f32 && tensor->dtype != "F64") {
      throw Error("'" + param.name + "' holds " + tensor->dtype + ", not F32 or F64");
    }
    const std::byte* from = tensor->bytes.data();
    if (arena.dtype() == Dtype::float32) {
      float* to = arena.value_as<float>(k);
      f32 ? copy_values<float, float>(to, from, param.size())
          : copy_values<float, double>(to, from, param.size());
    } else {
      double* to = arena.value_as<double>(k);
      f32 ? copy_values<double, float>(to, from, param.size())
          : copy_values<double, double>(to, from, param.size());
    }
  }
  if (content.tensors.size() != arena.params().size()) {
    for (const TensorView& tensor : content.tensors) {
      const bool known = std::any_of(arena.params().begin(), arena.params().end(),
                                     [&](const ParamSpec& p) { return p.name == tensor.name; });
      if (!known) throw Error("the weights hold '" + tensor.name + "', which the model has not");
    }
  }
}

}  // namespace sketchvae
