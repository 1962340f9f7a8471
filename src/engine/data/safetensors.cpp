#include "data/safetensors.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "data/half.h"
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

uint64_t header_length(std::span<const std::byte, kPrefix> file) {
  uint64_t length = 0;
  for (size_t i = 0; i < kPrefix; ++i) length |= std::to_integer<uint64_t>(file[i]) << (8 * i);
  return length;
}

class HeaderReader {
 public:
  explicit HeaderReader(const ByteSource& file) : file_(file) {}

  SafetensorsHeader read() {
    if (file_.size() < static_cast<int64_t>(kPrefix)) bad("it is shorter than its header");
    std::array<std::byte, kPrefix> prefix{};
    file_.read(0, reinterpret_cast<uint8_t*>(prefix.data()), kPrefix);
    const uint64_t length = header_length(prefix);
    if (length > kMaxHeader || static_cast<int64_t>(length) > file_.size() - int64_t{kPrefix}) {
      bad("its header says " + std::to_string(length) + " bytes, the file has " +
          std::to_string(file_.size()));
    }
    std::string text(static_cast<size_t>(length), '\0');
    file_.read(kPrefix, reinterpret_cast<uint8_t*>(text.data()), static_cast<int64_t>(length));
    data_ = static_cast<int64_t>(kPrefix + length);
    try {
      read_entries(read_json(text));
    } catch (const Error& error) {
      bad(error.what());
    }
    check_cover();
    return std::move(header_);
  }

 private:
  [[noreturn]] void bad(const std::string& why) const {
    throw Error(file_.name() + " is not a good safetensors file: " + why);
  }

  void read_entries(const Json& header) {
    for (const auto& [name, entry] : header.object("header")) {
      if (name == "__metadata__") {
        for (const auto& [key, value] : entry.object("metadata")) {
          header_.metadata.emplace_back(key, value.string("metadata"));
        }
      } else {
        header_.tensors.push_back(read_tensor(name, entry));
      }
    }
  }

  TensorPlace read_tensor(const std::string& name, const Json& entry) const {
    TensorPlace tensor;
    tensor.name = name;
    tensor.dtype = entry.at("dtype").string("dtype");
    int64_t bytes = dtype_size(tensor.dtype);
    for (const Json& size : entry.at("shape").array("shape")) {
      const int64_t n = size.integer("shape");
      if (n < 0) throw Error("'" + name + "' has a negative size");
      if (n > 0 && bytes > (int64_t{1} << 52) / n) throw Error("'" + name + "' is too large");
      bytes *= n;
      tensor.shape.push_back(n);
    }
    const auto& offsets = entry.at("data_offsets").array("data_offsets");
    if (offsets.size() != 2) throw Error("'" + name + "' needs two data_offsets");
    const int64_t begin = offsets[0].integer("data_offsets");
    const int64_t end = offsets[1].integer("data_offsets");
    if (begin < 0 || end < begin || end > file_.size() - data_) {
      throw Error("'" + name + "' reaches past the end of the file (is it cut?)");
    }
    if (end - begin != bytes) throw Error("'" + name + "' has another length than its shape");
    tensor.offset = data_ + begin;
    tensor.bytes = bytes;
    return tensor;
  }

  void check_cover() const {
    std::vector<std::pair<int64_t, int64_t>> used;
    for (const TensorPlace& tensor : header_.tensors) {
      used.emplace_back(tensor.offset, tensor.offset + tensor.bytes);
    }
    std::sort(used.begin(), used.end());
    int64_t at = data_;
    for (const auto& [begin, end] : used) {
      if (begin != at) bad("its tensors overlap or leave holes");
      at = end;
    }
    if (at != file_.size()) bad("bytes follow its last tensor");
  }

  const ByteSource& file_;
  SafetensorsHeader header_;
  int64_t data_ = 0;  // where the tensors begin
};

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

bool is_floating(std::string_view dtype) {
  return dtype == "F16" || dtype == "BF16" || dtype == "F32" || dtype == "F64";
}

std::vector<double> tensor_values(const TensorView& tensor) {
  const auto as = [&]<typename T>(T, auto convert) {
    std::vector<double> values(tensor.bytes.size() / sizeof(T));
    for (size_t i = 0; i < values.size(); ++i) {
      T value;
      std::memcpy(&value, tensor.bytes.data() + i * sizeof(T), sizeof(T));
      values[i] = convert(value);
    }
    return values;
  };
  if (tensor.dtype == "F64") return as(double{}, [](double x) { return x; });
  if (tensor.dtype == "F32") return as(float{}, [](float x) { return x; });
  if (tensor.dtype == "F16") return as(uint16_t{}, float_of_half);
  if (tensor.dtype == "BF16") return as(uint16_t{}, float_of_bfloat16);
  throw Error("'" + tensor.name + "' holds " + tensor.dtype + ", not F16, BF16, F32 or F64");
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

SafetensorsHeader read_safetensors_header(const ByteSource& file) {
  return HeaderReader(file).read();
}

Safetensors read_safetensors(std::span<const std::byte> file) {
  const MemoryBytes source("this", reinterpret_cast<const uint8_t*>(file.data()),
                           static_cast<int64_t>(file.size()));
  SafetensorsHeader header = read_safetensors_header(source);
  Safetensors content;
  content.metadata = std::move(header.metadata);
  for (TensorPlace& place : header.tensors) {
    content.tensors.push_back({std::move(place.name), std::move(place.dtype), std::move(place.shape),
                               file.subspan(static_cast<size_t>(place.offset),
                                            static_cast<size_t>(place.bytes))});
  }
  return content;
}

std::vector<std::byte> write_safetensors(const std::vector<TensorView>& tensors,
                                         const Metadata& metadata) {
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
