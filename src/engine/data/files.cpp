#include "data/files.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "data/bytes.h"
#include "data/plain_file.h"
#include "error.h"

namespace sketchvae {
namespace {

[[noreturn]] void fail(const char* what, const std::string& path) {
  throw Error(std::string("cannot ") + what + " '" + path + "': " + std::strerror(errno));
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }
  bool close() { return fd_ < 0 || ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

bool write_all(int fd, std::span<const std::byte> bytes) {
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = ::write(fd, bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    done += static_cast<size_t>(n);
  }
  return true;
}

uint64_t mix(uint64_t h) {
  h ^= h >> 32;
  h *= 0xD6E8FEB86659FD93ULL;
  h ^= h >> 32;
  return h;
}

}  // namespace

std::vector<std::byte> read_file(const std::string& path) {
  const Descriptor file(open_plain(path, O_RDONLY));
  struct stat info {};
  if (!file.ok() || ::fstat(file.get(), &info) != 0) fail("read", path);
  std::vector<std::byte> bytes(static_cast<size_t>(info.st_size));
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = ::read(file.get(), bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("read", path);
    if (n == 0) break;
    done += static_cast<size_t>(n);
  }
  bytes.resize(done);
  return bytes;
}

void write_file(const std::string& path, std::span<const std::byte> bytes) {
  // One writer a process and path: the name needs to be told from other processes' only.
  const std::string temporary = path + ".part" + std::to_string(::getpid());
  refuse_all_but_file(path);
  {
    Descriptor file(open_plain(temporary, O_WRONLY | O_CREAT | O_TRUNC));
    if (!file.ok()) fail("write", path);
    if (!write_all(file.get(), bytes) || ::fsync(file.get()) != 0 || !file.close()) {
      const int why = errno;
      ::unlink(temporary.c_str());
      errno = why;
      fail("write", path);
    }
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    const int why = errno;
    ::unlink(temporary.c_str());
    errno = why;
    fail("write", path);
  }
  // Makes the new name itself durable; file systems that refuse to sync a folder don't need it.
  const size_t slash = path.find_last_of('/');
  const std::string in = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const Descriptor folder(::open(in.c_str(), O_RDONLY | O_CLOEXEC));
  if (folder.ok()) ::fsync(folder.get());
}

void make_folder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw Error("cannot make the folder '" + folder + "': " + error.message());
}

namespace {

// The locks of this process. A forked child shares them, and would hold what its parent
// let go of long ago: it closes its copies at once.
std::vector<int>& held_locks() {
  static std::vector<int> held = [] {
    ::pthread_atfork(nullptr, nullptr, [] {
      for (const int descriptor : held_locks()) ::close(descriptor);
      held_locks().clear();
    });
    return std::vector<int>();
  }();
  return held;
}

}  // namespace

FileLock::FileLock(const std::string& path)
    : path_(path), descriptor_(open_plain(path, O_RDWR | O_CREAT)) {
  if (descriptor_ < 0) return;
  // flock() belongs to the open file: a second user in this process is another user, too.
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) {
    state_ = State::held;
  } else if (errno == EWOULDBLOCK) {
    state_ = State::busy;
  }
  held_locks().push_back(descriptor_);
}

FileLock::~FileLock() {
  if (std::erase(held_locks(), descriptor_) == 0) return;
  // Let go explicitly: a child that was forked a moment ago may not have closed its copy yet.
  if (state_ == State::held) ::flock(descriptor_, LOCK_UN);
  ::close(descriptor_);
}

bool FileLock::is_there() const {
  struct stat ours {}, there {};
  return descriptor_ < 0 || (::fstat(descriptor_, &ours) == 0 && ::stat(path_.c_str(), &there) == 0 &&
                             ours.st_ino == there.st_ino && ours.st_dev == there.st_dev);
}

FolderLock::FolderLock(const std::string& folder) : lock_(folder + "/lock") {
  if (lock_.state() == FileLock::State::busy) {
    throw Error("the folder '" + folder +
                "' is in use by another fit. Wait for its end, or give this one a folder of its own");
  }
}

uint64_t hash_bytes(std::span<const std::byte> bytes, uint64_t seed) {
  // Four independent lanes keep the multiplier busy: gigabytes a second.
  uint64_t lane[4] = {seed ^ 1, seed ^ 2, seed ^ 3, seed ^ 4};
  size_t i = 0;
  for (; i + 32 <= bytes.size(); i += 32) {
    for (size_t k = 0; k < 4; ++k) {
      uint64_t word;
      std::memcpy(&word, bytes.data() + i + 8 * k, 8);
      lane[k] = (lane[k] ^ word) * 0x9E3779B97F4A7C15ULL;
      lane[k] ^= lane[k] >> 29;
    }
  }
  uint64_t h = bytes.size();
  for (; i < bytes.size(); ++i) h = mix(h ^ std::to_integer<uint64_t>(bytes[i]));
  for (const uint64_t l : lane) h = mix(h ^ l);
  return h;
}

uint64_t hash_file(const std::string& path, int64_t bytes) {
  constexpr int64_t kPiece = 1 << 20;
  const FileBytes file(path);
  std::vector<uint8_t> piece(static_cast<size_t>(std::min(bytes, kPiece)));
  uint64_t hash = 0;
  for (int64_t at = 0; at < bytes; at += kPiece) {
    const int64_t n = std::min(kPiece, bytes - at);
    file.read(at, piece.data(), n);
    hash = hash_bytes(std::as_bytes(std::span(piece).first(static_cast<size_t>(n))), hash);
  }
  return hash;
}

}  // namespace sketchvae
