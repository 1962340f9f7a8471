// The format: PKWARE's APPNOTE.TXT, 4.3 and 4.5.3.
#include "data/zip.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "error.h"

namespace sketchvae {
namespace {

constexpr int64_t kEnd = 22, kEnd64 = 56, kLocator64 = 20, kEntry = 46, kLocal = 30;
constexpr int64_t kMaxDirectory = 1 << 26;
constexpr uint32_t kIn64 = 0xffffffff;  // the number stands in the zip64 field

// Numbers of a piece of the file, little-endian; positions are from its beginning.
class Piece {
 public:
  Piece(const ByteSource& source, int64_t offset, int64_t count) : source_(source) {
    if (offset < 0 || count < 0 || offset > source.size() - count) bad();
    bytes_.resize(static_cast<size_t>(count));
    source.read(offset, bytes_.data(), count);
  }

  int64_t size() const { return static_cast<int64_t>(bytes_.size()); }
  uint64_t number(int64_t at, int64_t count) const {
    if (at < 0 || at > size() - count) bad();
    uint64_t value = 0;
    for (int64_t k = count - 1; k >= 0; --k) value = value << 8 | bytes_[static_cast<size_t>(at + k)];
    return value;
  }
  bool is(int64_t at, std::string_view signature) const {
    return at >= 0 && at + 4 <= size() && std::memcmp(bytes_.data() + at, signature.data(), 4) == 0;
  }
  std::string text(int64_t at, int64_t count) const {
    if (at < 0 || count < 0 || at > size() - count) bad();
    return {reinterpret_cast<const char*>(bytes_.data()) + at, static_cast<size_t>(count)};
  }
  [[noreturn]] void bad() const {
    throw Error(source_.name() + " is a damaged zip archive: its directory cannot be read (a download "
                "that did not end?).");
  }

 private:
  const ByteSource& source_;
  std::vector<uint8_t> bytes_;
};

struct Directory {
  uint64_t members = 0, offset = 0, size = 0;
};

Directory find_directory(const ByteSource& source) {
  const int64_t tail = std::min<int64_t>(source.size(), kEnd + 65535);
  const Piece end(source, source.size() - tail, tail);
  int64_t at = tail - kEnd;
  while (at >= 0 && !(end.is(at, "PK\x05\x06") &&
                      at + kEnd + static_cast<int64_t>(end.number(at + 20, 2)) == tail)) {
    --at;
  }
  if (at < 0) end.bad();
  Directory found{end.number(at + 10, 2), end.number(at + 16, 4), end.number(at + 12, 4)};
  uint64_t disk = end.number(at + 4, 2);
  if (end.is(at - kLocator64, "PK\x06\x07")) {
    const uint64_t where = end.number(at - kLocator64 + 8, 8);
    if (where > static_cast<uint64_t>(source.size())) end.bad();
    const Piece end64(source, static_cast<int64_t>(where), kEnd64);
    if (!end64.is(0, "PK\x06\x06")) end.bad();
    found = {end64.number(32, 8), end64.number(48, 8), end64.number(40, 8)};
    disk = end64.number(16, 4);
  }
  if (disk != 0) throw Error(source.name() + " is a part of a zip archive of several files.");
  if (found.size > kMaxDirectory || found.members > found.size / kEntry) end.bad();
  return found;
}

std::string packing(uint64_t method) {
  static const std::array<std::pair<uint64_t, const char*>, 6> kNames{
      {{9, "Deflate64"}, {12, "bzip2"}, {14, "LZMA"}, {93, "Zstandard"}, {95, "xz"}, {99, "AES"}}};
  for (const auto& [number, name] : kNames) {
    if (number == method) return name;
  }
  return "method " + std::to_string(method);
}

// A size or place of an entry: in its own four bytes, or the next eight of the zip64 field.
int64_t size_of_entry(const Piece& piece, int64_t at, int64_t& in64, int64_t end64) {
  uint64_t value = piece.number(at, 4);
  if (value == kIn64 && in64 >= 0) {
    if (in64 + 8 > end64) piece.bad();
    value = piece.number(in64, 8);
    in64 += 8;
  }
  if (value > uint64_t{1} << 60) piece.bad();
  return static_cast<int64_t>(value);
}

// The entry at `at`, and where the next begins; its offset is still that of its local header.
ZipMember read_entry(const ByteSource& source, const Piece& piece, int64_t& at) {
  if (!piece.is(at, "PK\x01\x02")) piece.bad();
  const auto name_bytes = static_cast<int64_t>(piece.number(at + 28, 2));
  const auto extra_bytes = static_cast<int64_t>(piece.number(at + 30, 2));
  const auto comment_bytes = static_cast<int64_t>(piece.number(at + 32, 2));
  const int64_t extra = at + kEntry + name_bytes, extra_end = extra + extra_bytes;
  if (extra_end + comment_bytes > piece.size()) piece.bad();
  ZipMember member;
  member.name = piece.text(at + kEntry, name_bytes);
  const std::string what = source.name() + ": its member '" + member.name + "' is ";
  if (piece.number(at + 8, 2) & 1) throw Error(what + "encrypted. Unpack the archive first.");
  const uint64_t method = piece.number(at + 10, 2);
  if (method != 0 && method != 8) {
    throw Error(what + "packed by " + packing(method) +
                ", which is not read here; NumPy stores or deflates. Unpack the archive first.");
  }
  member.deflated = method == 8;
  member.crc = static_cast<uint32_t>(piece.number(at + 16, 4));
  int64_t in64 = -1, end64 = -1;
  for (int64_t field = extra; field + 4 <= extra_end;) {
    const auto size = static_cast<int64_t>(piece.number(field + 2, 2));
    if (field + 4 + size > extra_end) break;
    if (piece.number(field, 2) == 1) in64 = field + 4, end64 = field + 4 + size;
    field += 4 + size;
  }
  member.size = size_of_entry(piece, at + 24, in64, end64);
  member.packed = size_of_entry(piece, at + 20, in64, end64);
  member.offset = size_of_entry(piece, at + 42, in64, end64);
  if (!member.deflated && member.size != member.packed) piece.bad();
  at = extra_end + comment_bytes;
  return member;
}

// From local headers' places to those of the bytes behind them, none of which may cover another.
void find_bytes(const ByteSource& source, int64_t directory, std::vector<ZipMember>& members) {
  std::vector<ZipMember*> by_place;
  for (ZipMember& member : members) by_place.push_back(&member);
  std::sort(by_place.begin(), by_place.end(),
            [](const ZipMember* a, const ZipMember* b) { return a->offset < b->offset; });
  int64_t free = 0;
  for (ZipMember* member : by_place) {
    const Piece local(source, member->offset, kLocal);
    if (!local.is(0, "PK\x03\x04")) local.bad();
    if (member->offset < free) {
      throw Error(source.name() + " is no honest zip archive: its members cover each other.");
    }
    member->offset += kLocal + static_cast<int64_t>(local.number(26, 2) + local.number(28, 2));
    if (member->packed > directory - member->offset) local.bad();
    free = member->offset + member->packed;
  }
}

}  // namespace

bool is_zip(const ByteSource& source) {
  if (source.size() < 4) return false;
  const Piece start(source, 0, 4);
  return start.is(0, "PK\x03\x04") || start.is(0, "PK\x05\x06");
}

std::vector<ZipMember> read_zip(const ByteSource& source) {
  const Directory directory = find_directory(source);
  if (directory.offset > static_cast<uint64_t>(source.size())) Piece(source, 0, 0).bad();
  const auto offset = static_cast<int64_t>(directory.offset);
  const Piece piece(source, offset, static_cast<int64_t>(directory.size));
  std::vector<ZipMember> members;
  int64_t at = 0;
  for (uint64_t k = 0; k < directory.members; ++k) members.push_back(read_entry(source, piece, at));
  find_bytes(source, offset, members);
  return members;
}

}  // namespace sketchvae
