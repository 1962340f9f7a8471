#include "data/plain_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"

namespace sketchvae {
namespace {

const char* what_else(mode_t mode) {
  if (S_ISREG(mode)) return "";
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISFIFO(mode)) return "a named pipe (FIFO)";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

void refuse(const std::string& path, const std::string& what) {
  if (!what.empty()) throw Error("'" + path + "' is " + what + ", not a file.");
}

}  // namespace

std::string what_else_than_file(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 ? what_else(info.st_mode) : "";
}

void refuse_all_but_file(const std::string& path) {
  refuse(path, what_else_than_file(path));
}

int open_plain(const std::string& path, int flags) {
  // Looked at before it is opened, for opening alone does something to some devices; and once more
  // after, for another thing may have come in between.
  refuse_all_but_file(path);
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0666);
  struct stat info {};
  if (fd < 0 || ::fstat(fd, &info) != 0 || S_ISREG(info.st_mode)) return fd;
  ::close(fd);
  refuse(path, what_else(info.st_mode));
  return -1;
}

}  // namespace sketchvae
