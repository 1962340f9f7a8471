// See bytes.h.
#include "data/bytes.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "data/plain_file.h"
#include "error.h"

namespace sketchvae {
namespace {

[[noreturn]] void fail_reading(const std::string& name) {
  throw Error("Cannot read " + name + ": " + std::strerror(errno) + ".");
}

}  // namespace

void ByteSource::check_range(int64_t offset, int64_t count) const {
  if (offset < 0 || count < 0 || offset > size() || count > size() - offset) {
    throw Error(name_ + " ends too early: bytes " + std::to_string(offset) + " and the next " +
                std::to_string(count) + " are wanted, it has " + std::to_string(size()) + ".");
  }
}

FileBytes::FileBytes(const std::string& path)
    : ByteSource("'" + path + "'"), descriptor_(open_plain(path, O_RDONLY)) {
  if (descriptor_ < 0) fail_reading(name());
  size_ = ::lseek(descriptor_, 0, SEEK_END);
}

FileBytes::~FileBytes() {
  ::close(descriptor_);
}

void FileBytes::read(int64_t offset, uint8_t* out, int64_t count) const {
  check_range(offset, count);
  while (count > 0) {
    const ssize_t got = ::pread(descriptor_, out, static_cast<size_t>(count), offset);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail_reading(name());
    if (got == 0) throw Error(name() + " became shorter while it was read.");
    out += got;
    offset += got;
    count -= got;
  }
}

void MemoryBytes::read(int64_t offset, uint8_t* out, int64_t count) const {
  check_range(offset, count);
  std::copy_n(bytes_ + offset, count, out);
}

void refuse_strangers(const ByteSource& source, std::string_view format) {
  if (source.size() == 0) throw Error(source.name() + " is empty.");
  std::array<uint8_t, 64> start{};
  const int64_t known = std::min<int64_t>(source.size(), start.size());
  source.read(0, start.data(), known);
  const std::string_view text(reinterpret_cast<const char*>(start.data()),
                              static_cast<size_t>(known));
  if (text.starts_with("\x1f\x8b")) {
    throw Error(source.name() + " is compressed by gzip, not " + std::string(format) +
                ". Unpack it first (gunzip).");
  }
  if (text.starts_with("PK\x03\x04")) {
    throw Error(source.name() + " is a zip archive (an .npz?), not " + std::string(format) +
                ". Unpack it first (unzip).");
  }
  const size_t first = text.find_first_not_of("\xef\xbb\xbf \t\r\n");
  if (first != std::string_view::npos && text[first] == '<') {
    throw Error(source.name() +
                " is a web page (an error message of the server, or a link's own "
                "page), not " +
                std::string(format) + ". Download the file itself.");
  }
}

AtomicFile::AtomicFile(const std::string& path)
    : path_(path), temporary_(path + ".part" + std::to_string(::getpid())) {
  refuse_all_but_file(path);
  descriptor_ = open_plain(temporary_, O_WRONLY | O_CREAT | O_TRUNC);
  if (descriptor_ < 0) fail();
}

AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::fail() const {
  throw Error("Cannot write '" + path_ + "': " + std::strerror(errno) + ".");
}

void AtomicFile::write(const void* bytes, int64_t count) {
  const char* from = static_cast<const char*>(bytes);
  while (count > 0) {
    const ssize_t done = ::write(descriptor_, from, static_cast<size_t>(count));
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) fail();
    from += done;
    count -= done;
  }
}

void AtomicFile::commit() {
  if (::fsync(descriptor_) != 0) fail();
  if (::close(std::exchange(descriptor_, -1)) != 0) fail();
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) fail();
  temporary_.clear();
}

int64_t physical_memory() {
  const long pages = ::sysconf(_SC_PHYS_PAGES), bytes = ::sysconf(_SC_PAGESIZE);
  return pages > 0 && bytes > 0 ? int64_t{pages} * bytes : 0;
}

}  // namespace sketchvae
