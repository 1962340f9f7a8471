// Files that hold arrays of NumPy: .npy, .npy.gz, and .npz with one or several, stored or deflated.
// Tests: tests/cpp/test_npy_file.cpp, fuzzed by tests/fuzz/fuzz_packed.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/bytes.h"
#include "data/npy.h"
#include "data/zip.h"
#include "host.h"

namespace sketchvae {

// The drawings among a file's arrays. `file` must outlive it.
class NpyFile {
 public:
  // `array`: the name of the one that is meant, for archives that hold several of drawings; "" the only
  // one. `size`: see npy_shape(). Reads no more than headers. Throws Error where nothing or several fit, and as
  // read_npy_header(), whole_drawings_in() and read_zip() do.
  explicit NpyFile(const ByteSource& file, const std::string& array = "",
                   std::optional<PictureSize> size = {});

  int64_t drawings() const { return held_.drawings; }
  PictureSize picture() const { return held_.size; }

  // The array as a .npy file, to be read with the same `size`. What is packed is unpacked into memory, at most to the length that its own
  // header promises; the rest is read when it is asked for. Checksums are looked at.
  const ByteSource& bytes(Host& host);

  // A whole number for each drawing from another array of the archive: the only one of a number for each
  // drawing, or the one named as the drawings' own is (x_train, y_train; train_images, train_labels).
  // Empty when there is none.
  std::vector<double> labels(Host& host) const;

 private:
  struct Array {
    std::string name;
    ZipMember member;
    std::optional<NpyHeader> header;
    std::string problem;  // why there is no header
  };

  void choose(const std::string& array);
  std::string list_of(const std::vector<const Array*>& some) const;
  std::unique_ptr<ByteSource> open(const Array& array, Host& host) const;

  const ByteSource& file_;
  std::vector<Array> arrays_;  // of an archive
  size_t chosen_ = 0;
  bool zip_ = false, gzip_ = false;
  std::optional<PictureSize> size_;
  NpyShape held_;
  std::unique_ptr<ByteSource> opened_;
};

}  // namespace sketchvae
