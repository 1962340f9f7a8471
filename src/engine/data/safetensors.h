// The .safetensors format: eight bytes of header length, a JSON header, raw tensors. Nothing of a
// file is believed before it is checked. Tests: tests/cpp/test_safetensors.cpp, tests/fuzz/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/bytes.h"

namespace sketchvae {

// One tensor; its bytes belong to somebody else.
struct TensorView {
  std::string name;
  std::string dtype;  // "F32", "F64", "U8", ...: the format's own words
  std::vector<int64_t> shape;
  std::span<const std::byte> bytes;
};

// Where a tensor lies in a file.
struct TensorPlace {
  std::string name, dtype;
  std::vector<int64_t> shape;
  int64_t offset = 0, bytes = 0;
};

using Metadata = std::vector<std::pair<std::string, std::string>>;

struct SafetensorsHeader {
  std::vector<TensorPlace> tensors;  // in the order of the header
  Metadata metadata;
};

struct Safetensors {
  std::vector<TensorView> tensors;  // in the order of the header
  Metadata metadata;

  // nullptr when absent.
  const TensorView* find(std::string_view name) const;
  const std::string* meta(std::string_view key) const;
};

// Reads the header, and nothing else of a file however long. Throws Error for a wrong or cut file:
// header length, dtype, shape overflow, offsets that leave holes, overlap or pass the end.
SafetensorsHeader read_safetensors_header(const ByteSource& file);

// All of a file in memory, as views into `file`, which must outlive the result. Throws Error as above.
Safetensors read_safetensors(std::span<const std::byte> file);

// The file's bytes. The header is padded so that tensors start on multiples of 8.
std::vector<std::byte> write_safetensors(const std::vector<TensorView>& tensors,
                                         const Metadata& metadata);

// A tensor's numbers as doubles; F16, BF16, F32 and F64 only, else Error.
std::vector<double> tensor_values(const TensorView& tensor);
// True for these four.
bool is_floating(std::string_view dtype);
// Numbers as the bytes of an F64 or F32 tensor.
std::vector<std::byte> tensor_bytes(const std::vector<double>& values, bool is_double);

}  // namespace sketchvae
