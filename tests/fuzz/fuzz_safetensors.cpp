// Fuzzes the safetensors reader, and with it the JSON reader: any bytes, any header text, and good
// files with a few bytes changed. What is read must lie within the file and survive being written.
#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include "data/json.h"
#include "data/safetensors.h"
#include "error.h"

using namespace sketchvae;

namespace {

void read_all(const std::vector<uint8_t>& bytes) {
  const std::span<const std::byte> file = std::as_bytes(std::span(bytes));
  try {
    const Safetensors content = read_safetensors(file);
    for (const TensorView& tensor : content.tensors) {
      const bool inside = tensor.bytes.empty() ||
                          (tensor.bytes.data() >= file.data() + 8 &&
                           tensor.bytes.data() + tensor.bytes.size() <= file.data() + file.size());
      if (!inside) std::abort();
    }
    const std::vector<std::byte> again = write_safetensors(content.tensors, content.metadata);
    const Safetensors copy = read_safetensors(again);
    if (copy.metadata != content.metadata || copy.tensors.size() != content.tensors.size()) {
      std::abort();
    }
    for (size_t i = 0; i < copy.tensors.size(); ++i) {
      const TensorView &a = content.tensors[i], &b = copy.tensors[i];
      if (a.name != b.name || a.dtype != b.dtype || a.shape != b.shape ||
          !std::equal(a.bytes.begin(), a.bytes.end(), b.bytes.begin(), b.bytes.end())) {
        std::abort();
      }
    }
  } catch (const Error&) {
  }
}

std::vector<uint8_t> with_header(const std::string& text, const std::vector<uint8_t>& data) {
  std::vector<uint8_t> file(8);
  for (size_t k = 0; k < 8; ++k) file[k] = static_cast<uint8_t>(uint64_t{text.size()} >> (8 * k));
  file.insert(file.end(), text.begin(), text.end());
  file.insert(file.end(), data.begin(), data.end());
  return file;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 8) return 0;
  const std::vector<uint8_t> rest(data + 1, data + size);
  switch (data[0] % 4) {
    case 0:  // any bytes
      read_all(rest);
      break;
    case 1: {  // any header text, up to a zero, then data
      const auto end = std::find(rest.begin(), rest.end(), 0);
      read_all(with_header(std::string(rest.begin(), end), std::vector<uint8_t>(end, rest.end())));
      break;
    }
    case 2: {  // any text as JSON: what is read must come back from its own text
      const std::string text(rest.begin(), rest.end());
      try {
        const auto named = NonFinite::named;
        const std::string written = write_json(read_json(text, named), named);
        if (write_json(read_json(written, named), named) != written) std::abort();
      } catch (const Error&) {
      }
      break;
    }
    default: {  // a good file with a few bytes of its header changed
      const std::string text =
          R"({"__metadata__":{"model":"sheep"},"a/kernel":{"dtype":"F32","shape":[1,2],)"
          R"("data_offsets":[0,8]},"b":{"dtype":"U8","shape":[3],"data_offsets":[8,11]},)"
          R"("c":{"dtype":"F64","shape":[0],"data_offsets":[11,11]}})";
      std::vector<uint8_t> file = with_header(text, std::vector<uint8_t>(11, 7));
      const size_t header = 8 + text.size();
      for (size_t i = 0; i + 1 < std::min<size_t>(rest.size(), 8); i += 2) {
        file[rest[i] % header] = rest[i + 1];
      }
      if (rest.size() > 9) file.resize(file.size() - rest[8] % 12 + rest[9] % 2);
      read_all(file);
    }
  }
  return 0;
}
