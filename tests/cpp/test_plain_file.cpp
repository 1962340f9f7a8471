// What is no plain file is refused at once, for reading and for writing.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "data/bytes.h"
#include "data/files.h"
#include "data/plain_file.h"
#include "error.h"
#include "log/events.h"
#include "temporary.h"

using namespace sketchvae;

TEST_CASE("pipes, devices and folders are neither read nor written, and nothing waits for them") {
  const TemporaryFolder folder;
  const std::string pipe = folder.path("pipe");
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  for (const std::string& path : {pipe, std::string("/dev/zero"), std::string("/dev/null"),
                                  folder.path("")}) {
    CHECK_THROWS_WITH_AS(FileBytes{path}, doctest::Contains(", not a file."), Error);
    CHECK_THROWS_WITH_AS(read_file(path), doctest::Contains(", not a file."), Error);
    CHECK_THROWS_WITH_AS(write_file(path, {}), doctest::Contains(", not a file."), Error);
    CHECK_THROWS_WITH_AS(AtomicFile{path}, doctest::Contains(", not a file."), Error);
    CHECK_THROWS_WITH_AS(append_file(path, {}), doctest::Contains(", not a file."), Error);
  }
  CHECK(what_else_than_file(pipe) == "a named pipe (FIFO)");
  CHECK(what_else_than_file("/dev/null") == "a device");
  CHECK(what_else_than_file(folder.path("none")).empty());
  CHECK(what_else_than_file(folder.file("plain", "x")).empty());
  REQUIRE(::mkfifo(folder.path("lock").c_str(), 0600) == 0);
  CHECK_THROWS_AS(FolderLock{folder.path("")}, Error);
  CHECK(open_plain(folder.path("none"), O_RDONLY) == -1);
}
