// The one place where LibTorch's errors become ours: one or two lines, no backtrace.
#pragma once

#include <exception>
#include <string>

namespace sketchvae {

// What an exception says, LibTorch's backtrace cut off.
std::string short_message(const std::exception& error);

// To be called in a catch block: throws Error in place of what was caught.
[[noreturn]] void rethrow_torch();

}  // namespace sketchvae
