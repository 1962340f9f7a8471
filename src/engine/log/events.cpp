#include "log/events.h"

#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "data/plain_file.h"
#include "error.h"

namespace sketchvae {
namespace {

std::array<uint32_t, 256> make_table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t c = i;
    for (int k = 0; k < 8; ++k) c = (c >> 1) ^ (c & 1 ? 0x82F63B78u : 0);
    table[i] = c;
  }
  return table;
}

// A protocol buffer message in the making. Field numbers are those of tensorboard's event.proto
// and summary.proto.
class Message {
 public:
  void varint(uint64_t value) {
    for (; value >= 128; value >>= 7) byte(static_cast<uint8_t>(value | 128));
    byte(static_cast<uint8_t>(value));
  }
  void integer(uint32_t field, int64_t value) {
    key(field, 0);
    varint(static_cast<uint64_t>(value));
  }
  void float64(uint32_t field, double value) {
    key(field, 1);
    fixed(std::bit_cast<uint64_t>(value), 8);
  }
  void float32(uint32_t field, float value) {
    key(field, 5);
    fixed(std::bit_cast<uint32_t>(value), 4);
  }
  void bytes(uint32_t field, std::span<const std::byte> value) {
    key(field, 2);
    varint(value.size());
    data_.insert(data_.end(), value.begin(), value.end());
  }
  void text(uint32_t field, std::string_view value) {
    bytes(field, std::as_bytes(std::span(value)));
  }
  void message(uint32_t field, const Message& value) { bytes(field, value.data_); }

  // Little-endian, whatever the machine.
  void fixed(uint64_t value, int n) {
    for (int i = 0; i < n; ++i) byte(static_cast<uint8_t>(value >> (8 * i)));
  }
  std::vector<std::byte>& data() { return data_; }

 private:
  void byte(uint8_t value) { data_.push_back(std::byte{value}); }
  void key(uint32_t field, uint32_t type) { varint(field << 3 | type); }

  std::vector<std::byte> data_;
};

// What names a plugin in SummaryMetadata, so that TensorBoard shows the point as what it is.
Message metadata(std::string_view plugin) {
  Message data, all;
  data.text(1, plugin);
  all.message(1, data);
  return all;
}

// Value{tag = 1, simple_value = 2, image = 4 {height, width, colorspace, encoded}, metadata = 9}
Message value(const Summary& summary) {
  Message value;
  value.text(1, summary.tag);
  if (summary.png.empty()) {
    value.float32(2, static_cast<float>(summary.value));
    value.message(9, metadata("scalars"));
  } else {
    Message image;
    image.integer(1, summary.height);
    image.integer(2, summary.width);
    image.integer(3, 3);  // RGB
    image.bytes(4, summary.png);
    value.message(4, image);
    value.message(9, metadata("images"));
  }
  return value;
}

// length, its checksum, data, its checksum
std::vector<std::byte> framed(const std::vector<std::byte>& data) {
  Message length;
  length.fixed(data.size(), 8);
  const uint32_t sum = masked_crc32c(length.data());
  Message record = length;
  record.fixed(sum, 4);
  record.data().insert(record.data().end(), data.begin(), data.end());
  record.fixed(masked_crc32c(data), 4);
  return std::move(record.data());
}

}  // namespace

uint32_t crc32c(std::span<const std::byte> bytes) {
  static const std::array<uint32_t, 256> table = make_table();
  uint32_t crc = 0xFFFFFFFFu;
  for (const std::byte b : bytes) crc = (crc >> 8) ^ table[(crc ^ std::to_integer<uint32_t>(b)) & 255];
  return crc ^ 0xFFFFFFFFu;
}

uint32_t masked_crc32c(std::span<const std::byte> bytes) {
  const uint32_t crc = crc32c(bytes);
  return ((crc >> 15) | (crc << 17)) + 0xA282EAD8u;
}

std::vector<std::byte> event_file_start(double wall_time) {
  Message event;  // Event{wall_time = 1, step = 2, file_version = 3, summary = 5}
  event.float64(1, wall_time);
  event.text(3, "brain.Event:2");
  return framed(event.data());
}

std::vector<std::byte> event_record(double wall_time, int64_t step,
                                    const std::vector<Summary>& summaries) {
  Message all;
  for (const Summary& summary : summaries) all.message(1, value(summary));
  Message event;
  event.float64(1, wall_time);
  event.integer(2, step);
  event.message(5, all);
  return framed(event.data());
}

void append_file(const std::string& path, std::span<const std::byte> bytes) {
  const auto fail = [&path] {
    throw Error("cannot write '" + path + "': " + std::strerror(errno));
  };
  const int fd = open_plain(path, O_WRONLY | O_CREAT | O_APPEND);
  if (fd < 0) fail();
  const off_t before = ::lseek(fd, 0, SEEK_END);
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = ::write(fd, bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    done += static_cast<size_t>(n);
  }
  const int why = errno;
  // A record that does not fit on the disk is taken back: readers stop at half of one.
  const bool whole = done == bytes.size() || ::ftruncate(fd, before) != 0;
  ::close(fd);
  errno = why;
  if (!whole || done < bytes.size()) fail();
}

}  // namespace sketchvae
