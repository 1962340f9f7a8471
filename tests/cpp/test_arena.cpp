// src/engine/params/arena.h
#include "params/arena.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "data/bytes.h"
#include "data/half.h"
#include "data/safetensors.h"
#include "error.h"

using namespace sketchvae;

namespace {

ParamSpec param(const char* name, Role role, Shape shape, int64_t in = 0, int64_t out = 0) {
  return {name, role, std::move(shape), in, out, false};
}

std::vector<ParamSpec> params() {
  return {param("a/kernel", Role::kernel, {7, 5}, 7, 5), param("a/bias", Role::bias, {5}),
          param("b/gamma", Role::gamma, {3}), param("b/beta", Role::beta, {3}),
          param("b/moving_mean", Role::moving_mean, {3}),
          param("b/moving_variance", Role::moving_variance, {3}),
          param("c/kernel", Role::kernel, {200, 300}, 200, 300)};
}

}  // namespace

TEST_CASE("tensors stand on cache lines of their own, values before slots") {
  for (const Dtype dtype : {Dtype::float32, Dtype::float64}) {
    const Arena arena(params(), dtype, 2);
    const auto* begin = arena.all().data();
    const auto inside = [&](const void* p, int64_t bytes, size_t low, size_t high) {
      const auto at = static_cast<size_t>(static_cast<const std::byte*>(p) - begin);
      return at % 64 == 0 && at >= low && at + static_cast<size_t>(bytes) <= high;
    };
    for (int64_t i = 0; i < 7; ++i) {
      CHECK(inside(arena.value(i), arena.bytes_of(i), 0, arena.values().size()));
      if (!arena.params()[static_cast<size_t>(i)].trainable()) continue;
      for (int k = 0; k < 2; ++k) {
        CHECK(inside(arena.slot(i, k), arena.bytes_of(i), arena.values().size(), arena.all().size()));
      }
    }
    for (const std::byte b : arena.all()) REQUIRE(b == std::byte{0});
  }
}

TEST_CASE("initial values: Glorot-uniform kernels, ones where ones belong, by the seed") {
  Arena arena(params(), Dtype::float32, 1), same(params(), Dtype::float32, 1);
  initialize(arena, 3);
  initialize(same, 3);
  CHECK(std::memcmp(arena.all().data(), same.all().data(), arena.all().size()) == 0);
  const float* kernel = arena.value_as<float>(6);
  const double limit = std::sqrt(6.0 / 500);
  double sum = 0, squares = 0;
  for (int i = 0; i < 60000; ++i) {
    REQUIRE(std::abs(kernel[i]) <= limit);
    sum += kernel[i];
    squares += static_cast<double>(kernel[i]) * kernel[i];
  }
  CHECK(std::abs(sum / 60000) < 5 * limit / std::sqrt(3.0 * 60000));
  CHECK(squares / 60000 == doctest::Approx(limit * limit / 3).epsilon(0.02));
  CHECK(arena.value_as<float>(0)[0] != kernel[0]);
  for (int i = 0; i < 3; ++i) {
    CHECK(arena.value_as<float>(2)[i] == 1);
    CHECK(arena.value_as<float>(3)[i] == 0);
    CHECK(arena.value_as<float>(4)[i] == 0);
    CHECK(arena.value_as<float>(5)[i] == 1);
  }
  // float64 starts where float32 does, to rounding.
  Arena wide(params(), Dtype::float64, 0);
  initialize(wide, 3);
  CHECK(wide.value_as<double>(6)[17] == doctest::Approx(kernel[17]).epsilon(1e-6));
  initialize(same, 4);
  CHECK(std::memcmp(arena.all().data(), same.all().data(), arena.all().size()) != 0);
}

TEST_CASE("one value that is not finite is found, wherever it is") {
  Arena arena(params(), Dtype::float32, 1);
  initialize(arena, 1);
  CHECK(arena.finite());
  for (const float bad : {std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity(),
                          std::numeric_limits<float>::quiet_NaN()}) {
    for (const int64_t at : {0, 1, 59999}) {
      float* value = arena.value_as<float>(6) + at;
      const float before = *value;
      *value = bad;
      CHECK_FALSE(arena.finite());
      *value = before;
    }
  }
  CHECK(arena.finite());
}

TEST_CASE("weights go to a file and back, between precisions too") {
  Arena arena(params(), Dtype::float32, 1), back(params(), Dtype::float32, 0),
      wide(params(), Dtype::float64, 0);
  initialize(arena, 1);
  const auto file = write_weights(arena, {{"key", "value"}});
  CHECK(*read_safetensors(file).meta("key") == "value");
  read_weights(back, file);
  CHECK(std::memcmp(arena.values().data(), back.values().data(), arena.values().size()) == 0);
  read_weights(wide, file);
  CHECK(wide.value_as<double>(6)[5] == arena.value_as<float>(6)[5]);
  initialize(back, 2);
  read_weights(back, write_weights(wide, {}));
  CHECK(std::memcmp(arena.values().data(), back.values().data(), arena.values().size()) == 0);
}

TEST_CASE("weights that do not fit are refused by name") {
  Arena arena(params(), Dtype::float32, 0);
  const auto refused = [&](std::vector<ParamSpec> other, const char* text) {
    const Arena from(other, Dtype::float32, 0);
    CHECK_THROWS_WITH_AS(read_weights(arena, write_weights(from, {})), text, Error);
  };
  auto other = params();
  other[0].shape = {5, 7};
  refused(other, "'a/kernel' is 5 x 7 in the weights, but 7 x 5 in the model");
  other = params();
  other.erase(other.begin() + 1);
  refused(other, "the weights hold no tensor 'a/bias'");
  other = params();
  other.push_back(param("d/bias", Role::bias, {1}));
  refused(other, "the weights hold 'd/bias', which the model has not");
}

TEST_CASE("a file's parameters are read, other tensors of it are not, halves become floats") {
  const std::vector<ParamSpec> two = {param("a", Role::kernel, {2, 2}), param("b", Role::bias, {2})};
  const std::vector<uint16_t> halves = {0x3C00, 0xC000, 0x3555, 0x0000};
  const std::vector<uint16_t> brains = {0x3F80, 0xC000};
  const std::vector<TensorView> tensors = {
      {"b", "BF16", {2}, std::as_bytes(std::span(brains))},
      {"a", "F16", {2, 2}, std::as_bytes(std::span(halves))}};
  const auto load = [&](const std::vector<TensorView>& given) {
    const auto bytes = write_safetensors(given, {{"format", "pt"}});
    const MemoryBytes file("it", reinterpret_cast<const uint8_t*>(bytes.data()),
                           static_cast<int64_t>(bytes.size()));
    return load_weights(file, read_safetensors_header(file), two);
  };
  const auto loaded = load(tensors);
  const Safetensors content = read_safetensors(loaded);
  CHECK(content.metadata.empty());
  REQUIRE(content.tensors.size() == 2);
  CHECK(content.tensors[0].name == "a");
  CHECK(content.tensors[0].dtype == "F32");
  CHECK(tensor_values(content.tensors[0]) ==
        std::vector<double>{1, -2, float_of_half(0x3555), 0});
  CHECK(tensor_values(content.tensors[1]) == std::vector<double>{1, -2});

  std::vector<TensorView> wrong = tensors;
  wrong[0].dtype = "U16";
  CHECK_THROWS_WITH_AS(load(wrong), "'b' holds U16, not F16, BF16, F32 or F64", Error);
  wrong = tensors;
  wrong.push_back({"c", "U8", {1}, std::as_bytes(std::span(halves)).first(1)});
  CHECK_THROWS_WITH_AS(load(wrong), "the weights hold 'c', which the model has not", Error);
}
