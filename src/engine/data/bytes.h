// Where the readers of drawings take their bytes from (a file, or memory), and a file that appears
// only when it is whole. Tested in tests/cpp/test_bytes.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sketchvae {

// Bytes with a known length that can be read from any place.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  virtual int64_t size() const = 0;

  // Writes the bytes [offset, offset + count) to `out`. Throws Error when they do not all exist
  // or cannot be read.
  virtual void read(int64_t offset, uint8_t* out, int64_t count) const = 0;

  // What error texts call it.
  const std::string& name() const { return name_; }

 protected:
  explicit ByteSource(std::string name) : name_(std::move(name)) {}
  void check_range(int64_t offset, int64_t count) const;

 private:
  std::string name_;
};

// A file, left open. Throws Error when it cannot be opened or is not a plain file.
class FileBytes final : public ByteSource {
 public:
  explicit FileBytes(const std::string& path);
  ~FileBytes() override;
  FileBytes(const FileBytes&) = delete;
  FileBytes& operator=(const FileBytes&) = delete;

  int64_t size() const override { return size_; }
  void read(int64_t offset, uint8_t* out, int64_t count) const override;

 private:
  int descriptor_ = -1;
  int64_t size_ = 0;
};

// Bytes that somebody else owns.
class MemoryBytes final : public ByteSource {
 public:
  MemoryBytes(std::string name, const uint8_t* bytes, int64_t size)
      : ByteSource(std::move(name)), bytes_(bytes), size_(size) {}

  int64_t size() const override { return size_; }
  void read(int64_t offset, uint8_t* out, int64_t count) const override;

 private:
  const uint8_t* bytes_;
  int64_t size_;
};

// Throws Error when the bytes are, by their beginning, none of the formats read here but something
// that people download or pass by mistake: nothing at all, a web page, a compressed file.
// `format` is what was wanted ("a .npy file").
void refuse_strangers(const ByteSource& source, std::string_view format);

// A file that is written in pieces under a temporary name and renamed by commit(); without commit()
// nothing is left of it. Throws Error with the system's reason.
class AtomicFile {
 public:
  explicit AtomicFile(const std::string& path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(const void* bytes, int64_t count);
  void commit();

 private:
  [[noreturn]] void fail() const;

  std::string path_;
  std::string temporary_;
  int descriptor_ = -1;
};

// Bytes of memory in this machine, 0 when unknown.
int64_t physical_memory();

}  // namespace sketchvae
