// Whole files in and out, and the fingerprint of bytes. Tests: tests/cpp/test_files.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace sketchvae {

// The file's bytes. Throws Error naming the path and the system's reason.
std::vector<std::byte> read_file(const std::string& path);

// Writes under a temporary name in the same folder, syncs, renames: a reader sees the old file or
// the new one, never half of one, and a failure leaves the old one. Throws Error as above.
void write_file(const std::string& path, std::span<const std::byte> bytes);

// Makes a folder, and those above it, where it is missing. Throws Error naming it and the reason.
void make_folder(const std::string& folder);

// A lock on one file, which is made, among processes and within one. The system lets go of it when the
// process ends in any way. Neither programs that are started nor forked children inherit it: a child that
// lives on holds nothing. Used on the main thread only.
class FileLock {
 public:
  // none: no lock can be had (a read-only folder, a file system without locks)
  enum class State { held, busy, none };
  explicit FileLock(const std::string& path);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  State state() const { return state_; }
  // False once the file was removed or replaced.
  bool is_there() const;

 private:
  const std::string path_;
  int descriptor_ = -1;
  State state_ = State::none;
};

// Holds a folder for one user at a time, by a lock on the file `lock` in it.
class FolderLock {
 public:
  // Throws Error when the folder is held, by another process or by this one. Where no lock can be had
  // it holds nothing.
  explicit FolderLock(const std::string& folder);

  // False once the folder, or its file `lock`, was removed.
  bool is_there() const { return lock_.is_there(); }

 private:
  FileLock lock_;
};

// 64 bits that tell one run of bytes from another (not from an adversary's).
uint64_t hash_bytes(std::span<const std::byte> bytes, uint64_t seed = 0);

// The like of a file's first `bytes`, however many: another number than hash_bytes() gives. Throws
// Error when there are not so many.
uint64_t hash_file(const std::string& path, int64_t bytes);

}  // namespace sketchvae
