#include "data/inflate.h"

#include <zlib.h>

#include <algorithm>
#include <array>

#include "error.h"

namespace sketchvae {
namespace {

constexpr int64_t kPiece = 1 << 20;
constexpr int64_t kMostPacked = 1032;  // deflate: 258 bytes of two bits

}  // namespace

struct Inflater::State {
  z_stream stream{};
};

Inflater::Inflater(const ByteSource& source, int64_t offset, int64_t count, Format format)
    : source_(source), at_(offset), end_(offset + count), format_(format),
      state_(std::make_unique<State>()) {
  // zlib: 15 is the largest window, 16 more means gzip's frame, below 0 no frame.
  if (inflateInit2(&state_->stream, format == Format::gzip ? 15 + 16 : -15) != Z_OK) {
    throw Error("zlib cannot start for " + name() + ".");
  }
}

Inflater::~Inflater() {
  inflateEnd(&state_->stream);
}

bool Inflater::fill() {
  z_stream& stream = state_->stream;
  if (stream.avail_in > 0) return true;
  const int64_t count = std::min(kPiece, end_ - at_);
  if (count <= 0) return false;
  packed_.resize(static_cast<size_t>(count));
  source_.read(at_, packed_.data(), count);
  at_ += count;
  stream.next_in = packed_.data();
  stream.avail_in = static_cast<uInt>(count);
  return true;
}

// After a member of gzip's another may follow; other bytes (tapes fill up with zeros) do not count.
void Inflater::check_end() {
  done_ = true;
  z_stream& stream = state_->stream;
  if (format_ != Format::gzip || !fill() || *stream.next_in != 0x1f) return;
  done_ = false;
  inflateReset(&stream);
}

int64_t Inflater::read(uint8_t* out, int64_t count) {
  z_stream& stream = state_->stream;
  int64_t done = 0;
  while (done < count && !done_) {
    if (!fill()) throw Error(name() + " is cut off: what was packed into it does not end.");
    const int64_t room = std::min(kPiece, count - done);
    stream.next_out = out + done;
    stream.avail_out = static_cast<uInt>(room);
    const uInt had = stream.avail_in;
    const int result = inflate(&stream, Z_NO_FLUSH);
    taken_ += had - stream.avail_in;
    done += room - stream.avail_out;
    if (result == Z_STREAM_END) {
      check_end();
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
      throw Error(name() + " is damaged: what was packed into it cannot be unpacked.");
    }
  }
  return done;
}

void inflate_to(Inflater& from, int64_t packed, int64_t size, std::vector<uint8_t>& out,
                Host& host) {
  const auto have = [&] { return static_cast<int64_t>(out.size()); };
  if (const int64_t memory = physical_memory(); memory > 0 && size > memory) {
    throw Error(from.name() + " unpacks to " + std::to_string(size) +
                " bytes, this machine has " + std::to_string(memory) + " of memory.");
  }
  if (size / kMostPacked > packed + 64) {
    throw Error(from.name() + " is cut off: " + std::to_string(packed) +
                " packed bytes cannot hold the " + std::to_string(size) + " that it promises.");
  }
  while (have() < size) {
    if (host.should_stop()) throw Interrupted();
    // Grown as bytes come: what is promised is not reserved.
    const int64_t old = have(), piece = std::min(std::max(kPiece, old), size - old);
    out.resize(static_cast<size_t>(old + piece));
    for (int64_t got = 0; got < piece;) {
      if (host.should_stop()) throw Interrupted();
      const int64_t step = std::min(kPiece, piece - got);
      if (from.read(out.data() + old + got, step) < step) {
        throw Error(from.name() + " is cut off: it promises " + std::to_string(size) +
                    " bytes (unpacked) and has fewer.");
      }
      got += step;
    }
  }
}

uint32_t crc_of(const ByteSource& source, Host& host) {
  std::vector<uint8_t> piece(static_cast<size_t>(std::min(kPiece, source.size())));
  uLong crc = crc32(0, nullptr, 0);
  for (int64_t at = 0; at < source.size(); at += kPiece) {
    if (host.should_stop()) throw Interrupted();
    const int64_t count = std::min(kPiece, source.size() - at);
    source.read(at, piece.data(), count);
    crc = crc32(crc, piece.data(), static_cast<uInt>(count));
  }
  return static_cast<uint32_t>(crc);
}

bool is_gzip(const ByteSource& source) {
  std::array<uint8_t, 2> start{};
  source.read(0, start.data(), std::min<int64_t>(source.size(), 2));
  return start[0] == 0x1f && start[1] == 0x8b;
}

void OwnedBytes::read(int64_t offset, uint8_t* out, int64_t count) const {
  check_range(offset, count);
  std::copy_n(bytes_.data() + offset, count, out);
}

void SliceBytes::read(int64_t offset, uint8_t* out, int64_t count) const {
  check_range(offset, count);
  whole_.read(offset_ + offset, out, count);
}

}  // namespace sketchvae
