// Fuzzes the readers of zip archives and of what gzip packed: any bytes, and good archives (stored and
// deflated, made here with zlib) with a few bytes changed or cut off.
#include <zlib.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "../cpp/packed_files.h"
#include "data/npy_file.h"
#include "data/strokes.h"
#include "error.h"

using namespace sketchvae;
using namespace sketchvae::packed_files;

namespace {

void read_all(const Bytes& file) {
  const MemoryBytes source("input", file.data(), static_cast<int64_t>(file.size()));
  SilentHost host;
  for (const char* array : {"", "x", "y"}) {
    try {
      NpyFile arrays(source, array);
      const int64_t n = arrays.drawings();
      const ByteSource& bytes = arrays.bytes(host);
      Bytes out(static_cast<size_t>(n * arrays.picture().pixels()));
      read_npy_drawings(bytes, n, out.data(), host);
      const std::vector<double> labels = arrays.labels(host);
      if (!labels.empty() && static_cast<int64_t>(labels.size()) != n) std::abort();
    } catch (const Error&) {
    }
  }
}

Bytes zip(const std::vector<std::pair<std::string, Bytes>>& members, bool deflated, bool in64) {
  Bytes file, directory;
  for (const auto& member : members) {
    const std::string& name = member.first;
    const Bytes& bytes = member.second;
    const Bytes inside = deflated ? packed(bytes, -15) : bytes;
    const uint64_t crc = crc32(crc32(0, nullptr, 0), bytes.data(), static_cast<uInt>(bytes.size()));
    const uint64_t offset = file.size();
    const auto fields = [&](Bytes& to) {
      put(to, 20, 2), put(to, 0, 2), put(to, deflated ? 8 : 0, 2), put(to, 0, 4), put(to, crc, 4);
      put(to, in64 ? 0xffffffff : inside.size(), 4), put(to, in64 ? 0xffffffff : bytes.size(), 4);
      put(to, name.size(), 2);
    };
    put(file, 0x04034b50, 4);
    fields(file);
    put(file, 0, 2);
    file.insert(file.end(), name.begin(), name.end());
    file.insert(file.end(), inside.begin(), inside.end());
    put(directory, 0x02014b50, 4), put(directory, 20, 2);
    fields(directory);
    put(directory, in64 ? 28 : 0, 2), put(directory, 0, 2), put(directory, 0, 8);
    put(directory, in64 ? 0xffffffff : offset, 4);
    directory.insert(directory.end(), name.begin(), name.end());
    if (in64) {
      put(directory, 1, 2), put(directory, 24, 2);
      put(directory, bytes.size(), 8), put(directory, inside.size(), 8), put(directory, offset, 8);
    }
  }
  const uint64_t start = file.size();
  file.insert(file.end(), directory.begin(), directory.end());
  if (in64) {
    const uint64_t at = file.size();
    put(file, 0x06064b50, 4), put(file, 44, 8), put(file, 45, 2), put(file, 45, 2), put(file, 0, 8);
    put(file, members.size(), 8), put(file, members.size(), 8);
    put(file, directory.size(), 8), put(file, start, 8);
    put(file, 0x07064b50, 4), put(file, 0, 4), put(file, at, 8), put(file, 1, 4);
  }
  put(file, 0x06054b50, 4), put(file, 0, 4);
  put(file, members.size(), 2), put(file, members.size(), 2);
  put(file, directory.size(), 4), put(file, start, 4), put(file, 0, 2);
  return file;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 8) return 0;
  const Bytes rest(data + 1, data + size);
  if (data[0] % 8 == 0) {
    read_all(rest);
    return 0;
  }
  Bytes values(2 * static_cast<size_t>(kPixels));
  for (size_t i = 0; i < values.size(); ++i) values[i] = rest[i % rest.size()];
  const Bytes x = npy("2, 784", values), y = npy("2,", {7, 9});
  Bytes file;
  if (data[0] % 8 == 1) {
    file = packed(x, 15 + 16);
  } else if (data[0] % 8 == 2) {  // any header
    file = packed(npy(std::string(rest.begin(), rest.end()), values), 15 + 16);
  } else {
    file = zip({{"x.npy", x}, {"y.npy", y}}, data[0] & 16, data[0] & 32);
  }
  if (data[0] & 64) {  // changed from the beginning, or (where the directory is) from the end
    for (size_t i = 0; i + 1 < std::min<size_t>(rest.size(), 7); i += 2) {
      const size_t at = rest[i] % file.size();
      file[data[0] & 128 ? file.size() - 1 - at : at] ^= rest[i + 1];
    }
  } else if (data[0] & 128) {
    file.resize(file.size() * rest[0] / 256);
  } else if (data[0] % 8 != 0 && data[0] % 8 != 2) {  // whole: it must be read
    const MemoryBytes source("input", file.data(), static_cast<int64_t>(file.size()));
    SilentHost host;
    NpyFile arrays(source);
    Bytes out(values.size());
    read_npy_drawings(arrays.bytes(host), 2, out.data(), host);
    if (out != values) std::abort();
    if (data[0] % 8 > 2 && arrays.labels(host) != std::vector<double>{7, 9}) std::abort();
  }
  read_all(file);
  return 0;
}
