// The one place that opens files: what is no plain file (a pipe, a device, a socket, a folder) is refused
// before anything can wait for it. Tests: tests/cpp/test_plain_file.cpp.
#pragma once

#include <string>

namespace sketchvae {

// What `path` leads to when that exists and is no plain file: "a folder", "a named pipe (FIFO)",
// "a device", "a socket". Empty for plain files and for what does not exist or cannot be looked at.
std::string what_else_than_file(const std::string& path);

// Throws Error when `path` exists and is no plain file: a rename onto it would take its place, and
// opening it might wait for ever.
void refuse_all_but_file(const std::string& path);

// Opens a plain file with open(2)'s `flags`; close-on-exec, and never waiting. Returns the descriptor;
// -1 with errno where the system refuses. Throws Error for what is no plain file.
int open_plain(const std::string& path, int flags);

}  // namespace sketchvae
