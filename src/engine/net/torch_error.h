// The one place where LibTorch's errors become ours: one or two lines, no backtrace.
#pragma once

#include <c10/util/Exception.h>

#include <exception>
#include <new>
#include <string>

namespace sketchvae {

// What an exception says, LibTorch's backtrace cut off.
std::string short_message(const std::exception& error);

// To be called in a catch block: throws Error in place of what was caught.
[[noreturn]] void rethrow_torch();

// What call() gives, LibTorch's errors turned into ours.
template <typename Call>
auto translated(Call call) {
  try {
    return call();
  } catch (const c10::Error&) {
    rethrow_torch();
  } catch (const std::bad_alloc&) {
    rethrow_torch();
  }
}

}  // namespace sketchvae
