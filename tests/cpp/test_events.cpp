// src/engine/log/events.h
#include "log/events.h"

#include <doctest/doctest.h>

#include <cstring>
#include <filesystem>
#include <string_view>
#include <vector>

#include "data/files.h"
#include "error.h"
#include "temporary.h"

using namespace sketchvae;

namespace {

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

uint64_t fixed(const std::vector<std::byte>& bytes, size_t at, int n) {
  uint64_t value = 0;
  for (int i = 0; i < n; ++i) value |= std::to_integer<uint64_t>(bytes[at + static_cast<size_t>(i)]) << (8 * i);
  return value;
}

}  // namespace

TEST_CASE("CRC-32C gives the published values") {
  // RFC 3720, B.4.
  CHECK(crc32c(bytes_of("123456789")) == 0xE3069283u);
  const std::vector<std::byte> zeros(32), ones(32, std::byte{0xFF});
  CHECK(crc32c(zeros) == 0x8A9136AAu);
  CHECK(crc32c(ones) == 0x62A8AB43u);
  CHECK(crc32c({}) == 0);
}

TEST_CASE("a record is its length, its data and their masked checksums") {
  const auto record = event_file_start(12.5);
  const size_t length = fixed(record, 0, 8);
  REQUIRE(record.size() == length + 16);
  CHECK(fixed(record, 8, 4) == masked_crc32c(std::span(record).first(8)));
  CHECK(fixed(record, 12 + length, 4) == masked_crc32c(std::span(record).subspan(12, length)));
  // Event{1: double 12.5, 3: "brain.Event:2"}
  const std::string expected = std::string("\x09\x00\x00\x00\x00\x00\x00\x29\x40\x1A\x0D", 11) + "brain.Event:2";
  CHECK(std::memcmp(record.data() + 12, expected.data(), length) == 0);
  CHECK(length == expected.size());
}

TEST_CASE("scalars and images are messages of summary.proto, byte by byte") {
  const auto record = event_record(0, 300, {{"a", 1.5, {}, 0, 0}, {"b", 0, {std::byte{7}}, 2, 3}});
  const std::string scalar = std::string("\x0A\x01\x61\x15\x00\x00\xC0\x3F\x4A\x0B\x0A\x09\x0A\x07", 14) + "scalars";
  const std::string image =
      std::string("\x0A\x01\x62\x22\x09\x08\x03\x10\x02\x18\x03\x22\x01\x07\x4A\x0A\x0A\x08\x0A\x06", 20) + "images";
  const std::string values = std::string("\x0A") + static_cast<char>(scalar.size()) + scalar + "\x0A" +
                             static_cast<char>(image.size()) + image;
  const std::string event = std::string("\x09\0\0\0\0\0\0\0\0\x10\xAC\x02\x2A", 13) +
                            static_cast<char>(values.size()) + values;
  REQUIRE(record.size() == event.size() + 16);
  CHECK(std::memcmp(record.data() + 12, event.data(), event.size()) == 0);
}

TEST_CASE("records are added to a file, and a folder that is not there is named") {
  const auto folder = std::filesystem::temp_directory_path() / "sketchvae-test-events";
  remove_tree(folder);
  const std::string path = (folder / "events").string();
  CHECK_THROWS_WITH_AS(append_file(path, bytes_of("x")),
                       ("cannot write '" + path + "': No such file or directory").c_str(), Error);
  std::filesystem::create_directories(folder);
  append_file(path, bytes_of("one"));
  append_file(path, bytes_of("two"));
  const auto content = read_file(path);
  CHECK(std::string(reinterpret_cast<const char*>(content.data()), content.size()) == "onetwo");
  remove_tree(folder);
}
