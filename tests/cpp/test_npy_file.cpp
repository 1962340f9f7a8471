// Archives and compressed arrays: what is read, and what a wrong length, place or checksum says.
#include "data/npy_file.h"

#include <doctest/doctest.h>
#include <zlib.h>

#include <string>
#include <vector>

#include "data/inflate.h"
#include "data/strokes.h"
#include "data/zip.h"
#include "error.h"
#include "packed_files.h"

using namespace sketchvae;
using namespace sketchvae::packed_files;

namespace {

MemoryBytes source_of(const Bytes& bytes) {
  return {"x", bytes.data(), static_cast<int64_t>(bytes.size())};
}

// What a member says of itself, where that is not the truth.
struct Member {
  std::string name;
  Bytes bytes;
  int method = 8;
  int flags = 0;
  int64_t size = -1;
  int64_t offset = -1;
};

Bytes zip(const std::vector<Member>& members) {
  Bytes file, directory;
  for (const Member& m : members) {
    const Bytes inside = m.method == 8 ? packed(m.bytes, -15) : m.bytes;
    const uint64_t crc = crc32(0, m.bytes.data(), static_cast<uInt>(m.bytes.size()));
    const uint64_t offset = m.offset < 0 ? file.size() : static_cast<uint64_t>(m.offset);
    const uint64_t size = m.size < 0 ? m.bytes.size() : static_cast<uint64_t>(m.size);
    const auto fields = [&](Bytes& to) {
      put(to, 20, 2), put(to, static_cast<uint64_t>(m.flags), 2);
      put(to, static_cast<uint64_t>(m.method), 2), put(to, 0, 4), put(to, crc, 4);
      put(to, inside.size(), 4), put(to, size, 4), put(to, m.name.size(), 2), put(to, 0, 2);
    };
    put(file, 0x04034b50, 4);
    fields(file);
    file.insert(file.end(), m.name.begin(), m.name.end());
    file.insert(file.end(), inside.begin(), inside.end());
    put(directory, 0x02014b50, 4), put(directory, 20, 2);
    fields(directory);
    put(directory, 0, 10), put(directory, offset, 4);
    directory.insert(directory.end(), m.name.begin(), m.name.end());
  }
  const uint64_t start = file.size();
  file.insert(file.end(), directory.begin(), directory.end());
  put(file, 0x06054b50, 4), put(file, 0, 4);
  put(file, members.size(), 2), put(file, members.size(), 2);
  put(file, directory.size(), 4), put(file, start, 4), put(file, 0, 2);
  return file;
}

std::string says(const Bytes& file) {
  const MemoryBytes source = source_of(file);
  SilentHost host;
  try {
    NpyFile arrays(source);
    const ByteSource& bytes = arrays.bytes(host);
    Bytes out(static_cast<size_t>(arrays.drawings() * kPixels));
    read_npy_drawings(bytes, arrays.drawings(), out.data(), host);
  } catch (const Error& e) {
    return e.what();
  }
  return "nothing";
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("archives that lie are found out") {
  const Bytes x = npy("1, 784", Bytes(784, 3)), y = npy("2, 784", Bytes(1568, 3));
  CHECK(says(zip({{"x.npy", x}})) == "nothing");
  CHECK(says(zip({{"x.npy", x, 0}})) == "nothing");
  CHECK(has(says(zip({{"x.npy", x, 12}})), "packed by bzip2"));
  CHECK(has(says(zip({{"x.npy", x, 7}})), "packed by method 7"));
  CHECK(has(says(zip({{"x.npy", x, 8, 1}})), "encrypted"));
  CHECK(has(says(zip({{"x.npy", x, 8, 0, 700}})), "is cut off"));
  CHECK(has(says(zip({{"x.npy", x, 8, 0, 70000}})), "is too long"));
  CHECK(has(says(zip({{"x.npy", x, 0, 0, 700}})), "damaged zip archive"));
  CHECK(has(says(zip({{"x.npy", x, 8, 0, -1, 5}})), "damaged zip archive"));
  CHECK(has(says(zip({{"x.npy", x}, {"y.txt", x, 8, 0, -1, 0}})), "cover each other"));
  CHECK(has(says(zip({{"x.npy", x}, {"y.npy", y}})), "several arrays of drawings: x (1 x 784), y"));
  CHECK(has(says(zip({{"x.txt", x}})), "without arrays of NumPy"));
  CHECK(has(says(zip({})), "without arrays of NumPy"));
  // More packed than the header and the directory say, and less
  Bytes longer = x;
  longer.resize(1 << 20);
  CHECK(has(says(zip({{"x.npy", longer, 8, 0, static_cast<int64_t>(x.size())}})), "is too long"));
  CHECK(has(says(zip({{"x.npy", npy("9, 784", {}), 8, 0, static_cast<int64_t>(npy("9, 784", {}).size()) + 9 * 784}})),
            "is cut off"));
  Bytes damaged = zip({{"x.npy", x, 0}});
  damaged[500] ^= 1;
  CHECK(has(says(damaged), "checksum"));
}

TEST_CASE("what gzip packed is unpacked to the length of the array and no further") {
  const Bytes x = npy("1, 784", Bytes(784, 3));
  CHECK(says(packed(x, 31)) == "nothing");
  Bytes longer = x;
  longer.resize(50 << 20);
  CHECK(has(says(packed(longer, 31)), "is too long"));
  CHECK(has(says(packed(npy("99999999999, 784", {}), 31)), "x "));
  CHECK(has(says(packed(npy("1000, 784", {}), 31)), "cut off"));
  Bytes two = packed(Bytes(x.begin(), x.begin() + 99), 31);
  const Bytes rest = packed(Bytes(x.begin() + 99, x.end()), 31);
  two.insert(two.end(), rest.begin(), rest.end());
  CHECK(says(two) == "nothing");
  Bytes crc = packed(x, 31);
  crc[crc.size() - 6] ^= 1;
  CHECK(has(says(crc), "damaged"));
}
