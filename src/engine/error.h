// The engine's one exception type. Its text is a finished sentence for the person who called.
#pragma once

#include <stdexcept>
#include <string>

namespace sketchvae {

class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Thrown when Host::should_stop() asked a call without a partial result to end.
class Interrupted : public std::exception {
 public:
  const char* what() const noexcept override { return "interrupted"; }
};

}  // namespace sketchvae
