#include "data/safetensors.h"

#include <algorithm>
#include <cstring>

#include "data/json.h"
#include "error.h"

namespace sketchvae {
namespace {

constexpr size_t kPrefix = 8;
constexpr uint64_t kMaxHeader = 100'000'000;  // the limit of the reference implementation

struct DtypeSize {
  const char* name;
  int64_t bytes;
};
constexpr DtypeSize kDtypes[] = {{"F64", 8}, {"F32", 4}, {"F16", 2}, {"BF16", 2}, {"I64", 8},
                                 {"I32", 4}, {"I16", 2}, {"I8", 1},  {"U64", 8},  {"U32", 4},
                                 {"U16", 2}, {"U8", 1},  {"BOOL", 1}};

int64_t dtype_size(const std::string& dtype) {
  for (const DtypeSize& row : kDtypes) {
    if (dtype == row.name) return row.bytes;
  }
  throw Error("a tensor of the unknown type '" + dtype + "'");
}

uint64_t header_length(std::span<const std::byte> file) {
  uint64_t length = 0;
  for (size_t i = 0; i < kPrefix; ++i) length |= std::to_integer<uint64_t>(file[i]) << (8 * i);
  return length;
}

[[noreturn]] void bad(const std::string& why) { throw Error("not a good safetensors file: " + why); }

TensorView read_tensor(const std::string& name, const Json& entry, std::span<const std::byte> data,
                       std::vector<std::pair<int64_t, int64_t>>& used) {
  TensorView tensor;
  tensor.name = name;
  tensor.dtype = entry.at("dtype").string("dtype");
  int64_t bytes = dtype_size(tensor.dtype);
  for (const Json& size : entry.at("shape").array("shape")) {
    const int64_t n = size.integer("shape");
    if (n < 0) bad("'" + name + "' has a negative size");
    if (n > 0 && bytes > (int64_t{1} << 52) / n) bad("'" + name + "' is too large");
    bytes *= n;
    tensor.shape.push_back(n);
  }
  const auto& offsets = entry.at("data_offsets").array("data_offsets");
  if (offsets.size() != 2) bad("'" + name + "' needs two data_offsets");
  const int64_t begin = offsets[0].integer("data_offsets");
  const int64_t end = offsets[1].integer("data_offsets");
  if (begin < 0 || end < begin || end > static_cast<int64_t>(data.size())) {
    bad("'" + name + "' reaches past the end of the file (is it cut?)");
  }
  if (end - begin != bytes) bad("'" + name + "' has another length than its shape");
  tensor.bytes = data.subspan(static_cast<size_t>(begin), static_cast<size_t>(end - begin));
  used.emplace_back(begin, end);
  return tensor;
}

}  // namespace

const TensorView* Safetensors::find(std::string_view name) const {
  const auto it = std::find_if(tensors.begin(), tensors.end(),
                               [&](const TensorView& t) { return t.name == name; });
  return it == tensors.end() ? nullptr : &*it;
}

const std::string* Safetensors::meta(std::string_view key) const {
  const auto it = std::find_if(metadata.begin(), metadata.end(),
                               [&](const auto& pair) { return pair.first == key; });
  return it == metadata.end() ? nullptr : &it->second;
}

std::vector<double> tensor_values(const TensorView& tensor) {
  const bool is_double = tensor.dtype == "F64";
  if (!is_double && tensor.dtype != "F32") {
    throw Error("'" + tensor.name + "' holds " + tensor.dtype + ", not F32 or F64");
  }
  const size_t width = is_double ? 8 : 4;
  std::vector<double> values(tensor.bytes.size() / width);
  for (size_t i = 0; i < values.size(); ++i) {
    float single = 0;
    if (is_double) {
      std::memcpy(&values[i], tensor.bytes.data() + i * width, width);
    } else {
      std::memcpy(&single, tensor.bytes.data() + i * width, width);
      values[i] = single;
    }
  }
  return values;
}

std::vector<std::byte> tensor_bytes(const std::vector<double>& values, bool is_double) {
  const size_t width = is_double ? 8 : 4;
  std::vector<std::byte> bytes(values.size() * width);
  for (size_t i = 0; i < values.size(); ++i) {
    const auto single = static_cast<float>(values[i]);
    std::memcpy(bytes.data() + i * width,
                is_double ? static_cast<const void*>(&values[i]) : static_cast<const void*>(&single),
                width);
  }
  return bytes;
}

bool looks_like_safetensors(std::span<const std::byte> file) {
  return file.size() > kPrefix && header_length(file) <= kMaxHeader &&
         file[kPrefix] == std::byte{'{'};
}

Safetensors read_safetensors(std::span<const std::byte> file) {
  if (file.size() < kPrefix) bad("it is shorter than its header");
  const uint64_t length = header_length(file);
  if (length > kMaxHeader || length > file.size() - kPrefix) {
    bad("its header says " + std::to_string(length) + " bytes, the file has " +
        std::to_string(file.size()));
  }
  const std::string_view text(reinterpret_cast<const char*>(file.data()) + kPrefix,
                              static_cast<size_t>(length));
  const std::span<const std::byte> data = file.subspan(kPrefix + static_cast<size_t>(length));
  const Json header = read_json(text);

  Safetensors content;
  std::vector<std::pair<int64_t, int64_t>> used;
  for (const auto& [name, entry] : header.object("header")) {
    if (name == "__metadata__") {
      for (const auto& [key, value] : entry.object("metadata")) {
        content.metadata.emplace_back(key, value.string("metadata"));
      }
    } else {
      content.tensors.push_back(read_tensor(name, entry, data, used));
    }
  }
  std::sort(used.begin(), used.end());
  int64_t at = 0;
  for (const auto& [begin, end] : used) {
    if (begin != at) bad("its tensors overlap or leave holes");
    at = end;
  }
  if (at != static_cast<int64_t>(data.size())) bad("bytes follow its last tensor");
  return content;
}

std::vector<std::byte> write_safetensors(
    const std::vector<TensorView>& tensors,
    const std::vector<std::pair<std::string, std::string>>& metadata) {
  Json::Object header;
  if (!metadata.empty()) {
    Json::Object pairs;
    for (const auto& [key, value] : metadata) pairs.emplace_back(key, Json(value));
    header.emplace_back("__metadata__", Json(std::move(pairs)));
  }
  // Other readers expect the widest types first, so that all are aligned; ours has one width.
  int64_t at = 0;
  for (const TensorView& tensor : tensors) {
    Json::Array shape;
    for (const int64_t n : tensor.shape) shape.emplace_back(n);
    const auto end = at + static_cast<int64_t>(tensor.bytes.size());
    header.emplace_back(
        tensor.name, Json(Json::Object{{"dtype", Json(tensor.dtype)},
                                       {"shape", Json(std::move(shape))},
                                       {"data_offsets", Json(Json::Array{Json(at), Json(end)})}}));
    at = end;
  }
  std::string text = write_json(Json(std::move(header)));
  text.append((8 - text.size() % 8) % 8, ' ');

  std::vector<std::byte> file(kPrefix + text.size() + static_cast<size_t>(at));
  for (size_t i = 0; i < kPrefix; ++i) {
    file[i] = static_cast<std::byte>((uint64_t{text.size()} >> (8 * i)) & 255);
  }
  std::memcpy(file.data() + kPrefix, text.data(), text.size());
  std::byte* to = file.data() + kPrefix + text.size();
  for (const TensorView& tensor : tensors) {
    if (!tensor.bytes.empty()) std::memcpy(to, tensor.bytes.data(), tensor.bytes.size());
    to += tensor.bytes.size();
  }
  return file;
}

}  // namespace sketchvae
