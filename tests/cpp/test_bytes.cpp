// Sources of bytes, strangers among files, and the file that appears only when it is whole.
#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "data/bytes.h"
#include "error.h"
#include "temporary.h"

using namespace sketchvae;
namespace fs = std::filesystem;

TEST_CASE("a file and memory give the same bytes, and neither goes beyond its end") {
  const TemporaryFolder folder;
  const std::string path = folder.file("x", "0123456789");
  const FileBytes file(path);
  const std::string text = "0123456789";
  const MemoryBytes memory("memory", reinterpret_cast<const uint8_t*>(text.data()), 10);
  for (const ByteSource* source : std::vector<const ByteSource*>{&file, &memory}) {
    CHECK(source->size() == 10);
    std::vector<uint8_t> out(4);
    source->read(3, out.data(), 4);
    CHECK(std::string(out.begin(), out.end()) == "3456");
    source->read(10, out.data(), 0);
    CHECK_THROWS_AS(source->read(7, out.data(), 4), Error);
    CHECK_THROWS_AS(source->read(-1, out.data(), 1), Error);
    CHECK_THROWS_AS(source->read(0, out.data(), -1), Error);
    CHECK_THROWS_AS(source->read(INT64_MAX, out.data(), INT64_MAX), Error);
  }
  CHECK(file.name() == "'" + path + "'");
  CHECK_THROWS_AS(FileBytes(folder.path("nowhere")), Error);
  CHECK_THROWS_AS(FileBytes(folder.path("")), Error);
}

TEST_CASE("a file that shrinks while it is read is an error") {
  const TemporaryFolder folder;
  const std::string path = folder.file("x", "0123456789");
  const FileBytes file(path);
  fs::resize_file(path, 5);
  std::vector<uint8_t> out(10);
  CHECK_THROWS_WITH_AS(file.read(0, out.data(), 10), doctest::Contains("became shorter"), Error);
}

TEST_CASE("web pages, archives and empty files are called what they are") {
  const auto says = [](const std::string& text) -> std::string {
    const MemoryBytes source("x", reinterpret_cast<const uint8_t*>(text.data()),
                             static_cast<int64_t>(text.size()));
    try {
      refuse_strangers(source, "a .npy file");
    } catch (const Error& e) {
      return e.what();
    }
    return "";
  };
  CHECK(says("").find("is empty") != std::string::npos);
  CHECK(says("<html>").find("web page") != std::string::npos);
  CHECK(says("\xef\xbb\xbf\r\n  <?xml").find("web page") != std::string::npos);
  CHECK(says("\x1f\x8b\x08").find("gzip") != std::string::npos);
  CHECK(says("PK\x03\x04....").find("zip archive") != std::string::npos);
  CHECK(says("\x93NUMPY").empty());
  CHECK(says("1,2,3").empty());
}

TEST_CASE("an atomic file appears with commit() and not before") {
  const TemporaryFolder folder;
  const std::string path = folder.file("x", "old");
  {
    AtomicFile file(path);
    file.write("new", 3);
    CHECK(read_text(path) == "old");
  }  // given up
  CHECK(read_text(path) == "old");
  CHECK(folder.count() == 1);
  {
    AtomicFile file(path);
    file.write("new", 3);
    file.commit();
  }
  CHECK(read_text(path) == "new");
  CHECK(folder.count() == 1);
  CHECK_THROWS_AS(AtomicFile(folder.path("no/such/folder")), Error);
}

TEST_CASE("this machine has memory") {
  CHECK(physical_memory() > 1 << 20);
}
