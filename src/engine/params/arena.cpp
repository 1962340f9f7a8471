#include "params/arena.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <new>
#include <string_view>
#include <unordered_map>

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

template <typename T>
bool all_finite(const T* values, int64_t n) {
  // A sum of x * 0 is 0 or NaN and vectorises; four million values take a millisecond.
  T sum = 0;
  for (int64_t i = 0; i < n; ++i) sum += values[i] * T{0};
  return sum == 0;
}

const char* dtype_name(Dtype dtype) { return dtype == Dtype::float32 ? "F32" : "F64"; }

// The tensor of each parameter, in the parameters' order; `Tensor` is a TensorView or a TensorPlace.
template <typename Tensor>
std::vector<const Tensor*> match_tensors(const std::vector<ParamSpec>& params,
                                         const std::vector<Tensor>& tensors) {
  std::unordered_map<std::string_view, const Tensor*> by_name;
  for (const Tensor& tensor : tensors) by_name.emplace(tensor.name, &tensor);
  std::vector<const Tensor*> matched;
  for (const ParamSpec& param : params) {
    const auto found = by_name.find(param.name);
    if (found == by_name.end()) throw Error("the weights hold no tensor '" + param.name + "'");
    const Tensor& tensor = *found->second;
    if (tensor.shape != param.shape) {
      throw Error("'" + param.name + "' is " + to_string(tensor.shape) + " in the weights, but " +
                  to_string(param.shape) + " in the model");
    }
    if (!is_floating(tensor.dtype)) {
      throw Error("'" + param.name + "' holds " + tensor.dtype + ", not F16, BF16, F32 or F64");
    }
    matched.push_back(&tensor);
    by_name.erase(found);
  }
  // The first in the file's order.
  for (const Tensor& tensor : tensors) {
    if (by_name.contains(tensor.name)) {
      throw Error("the weights hold '" + tensor.name + "', which the model has not");
    }
  }
  return matched;
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
    tensors.push_back({arena.params()[i].name, dtype_name(arena.dtype()),
                       arena.params()[i].shape,
                       {static_cast<const std::byte*>(arena.value(k)),
                        static_cast<size_t>(arena.bytes_of(k))}});
  }
  return write_safetensors(tensors, meta);
}

void read_weights(Arena& arena, std::span<const std::byte> file) {
  const Safetensors content = read_safetensors(file);
  const auto tensors = match_tensors(arena.params(), content.tensors);
  for (size_t i = 0; i < tensors.size(); ++i) {
    const auto k = static_cast<int64_t>(i);
    if (tensors[i]->dtype == dtype_name(arena.dtype())) {
      std::copy(tensors[i]->bytes.begin(), tensors[i]->bytes.end(),
                static_cast<std::byte*>(arena.value(k)));
      continue;
    }
    const std::vector<double> values = tensor_values(*tensors[i]);
    if (arena.dtype() == Dtype::float32) {
      std::transform(values.begin(), values.end(), arena.value_as<float>(k),
                     [](double value) { return static_cast<float>(value); });
    } else {
      std::copy(values.begin(), values.end(), arena.value_as<double>(k));
    }
  }
}

std::vector<std::byte> load_weights(const ByteSource& file, const SafetensorsHeader& header,
                                    const std::vector<ParamSpec>& params) {
  std::vector<TensorView> tensors;
  std::vector<std::vector<std::byte>> storage;
  for (const TensorPlace* place : match_tensors(params, header.tensors)) {
    std::vector<std::byte> bytes(static_cast<size_t>(place->bytes));
    file.read(place->offset, reinterpret_cast<uint8_t*>(bytes.data()), place->bytes);
    TensorView tensor{place->name, place->dtype, place->shape, bytes};
    if (tensor.dtype != "F32" && tensor.dtype != "F64") {
      bytes = tensor_bytes(tensor_values(tensor), false);
      tensor.dtype = "F32";
    }
    storage.push_back(std::move(bytes));
    tensor.bytes = storage.back();
    tensors.push_back(std::move(tensor));
  }
  return write_safetensors(tensors, {});
}

}  // namespace sketchvae
