// What gzip and zip archives have packed, through zlib. Tests: tests/cpp/test_inflate.cpp, fuzzed by
// tests/fuzz/fuzz_packed.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "data/bytes.h"
#include "host.h"

namespace sketchvae {

// The unpacked bytes, one after another.
class Inflater {
 public:
  enum class Format { gzip, deflate };

  // Of the bytes [offset, offset + count) of `source`, which must outlive it. gzip may have several
  // members, as `cat a.gz b.gz` makes them.
  Inflater(const ByteSource& source, int64_t offset, int64_t count, Format format);
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // Writes the next bytes to `out`, at most `count`; fewer only at the end. Throws Error for what is
  // damaged (gzip's own checksum included) or cut off.
  int64_t read(uint8_t* out, int64_t count);

  // How many packed bytes lie behind.
  int64_t taken() const { return taken_; }
  const std::string& name() const { return source_.name(); }

 private:
  struct State;
  bool fill();
  void check_end();

  const ByteSource& source_;
  int64_t at_, end_, taken_ = 0;
  Format format_;
  bool done_ = false;
  std::vector<uint8_t> packed_;
  std::unique_ptr<State> state_;
};

// Appends to `out` until it holds `size` bytes. Throws Error when there are fewer, or when `size` is more
// than this machine's memory or than `packed` bytes can hold; Interrupted when the host asks.
void inflate_to(Inflater& from, int64_t packed, int64_t size, std::vector<uint8_t>& out, Host& host);

// zlib's checksum of all bytes of a source.
uint32_t crc_of(const ByteSource& source, Host& host);

bool is_gzip(const ByteSource& source);

// Bytes of its own.
class OwnedBytes final : public ByteSource {
 public:
  OwnedBytes(std::string name, std::vector<uint8_t> bytes)
      : ByteSource(std::move(name)), bytes_(std::move(bytes)) {}

  int64_t size() const override { return static_cast<int64_t>(bytes_.size()); }
  void read(int64_t offset, uint8_t* out, int64_t count) const override;

 private:
  std::vector<uint8_t> bytes_;
};

// The bytes [offset, offset + size) of another source, which must outlive it and have them.
class SliceBytes final : public ByteSource {
 public:
  SliceBytes(std::string name, const ByteSource& whole, int64_t offset, int64_t size)
      : ByteSource(std::move(name)), whole_(whole), offset_(offset), size_(size) {}

  int64_t size() const override { return size_; }
  void read(int64_t offset, uint8_t* out, int64_t count) const override;

 private:
  const ByteSource& whole_;
  int64_t offset_, size_;
};

}  // namespace sketchvae
