// A folder for a test's files, gone with the test.
#pragma once

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

// std::filesystem::remove_all(), of which LibTorch 2.11 for CUDA brings a twin that crashes.
inline void remove_tree(const std::filesystem::path& path) {
  std::error_code none;
  if (std::filesystem::is_directory(path, none)) {
    std::vector<std::filesystem::path> inside;
    for (const auto& entry : std::filesystem::directory_iterator(path, none)) {
      inside.push_back(entry.path());
    }
    for (const auto& entry : inside) remove_tree(entry);
  }
  std::filesystem::remove(path, none);
}

class TemporaryFolder {
 public:
  TemporaryFolder() {
    static std::atomic<int> next = 0;
    folder_ = std::filesystem::temp_directory_path() /
              ("sketchvae-test-" + std::to_string(::getpid()) + "-" + std::to_string(next++));
    std::filesystem::create_directories(folder_);
  }
  ~TemporaryFolder() { remove_tree(folder_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  // Writes a file and returns its path.
  std::string file(const std::string& name, const std::string& content) const {
    std::ofstream(path(name), std::ios::binary) << content;
    return path(name);
  }
  // How many files it holds.
  long count() const {
    return std::distance(std::filesystem::directory_iterator(folder_),
                         std::filesystem::directory_iterator());
  }

 private:
  std::filesystem::path folder_;
};

inline std::string read_text(const std::string& path) {
  std::ifstream from(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(from), std::istreambuf_iterator<char>()};
}
