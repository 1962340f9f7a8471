#include "net/torch_error.h"

#include "error.h"

namespace sketchvae {

std::string short_message(const std::exception& error) {
  const auto* torch = dynamic_cast<const c10::Error*>(&error);
  const std::string text = torch ? torch->what_without_backtrace() : error.what();
  return text.substr(0, text.find("\nException raised from"));
}

void rethrow_torch() {
  std::string text;
  try {
    throw;
  } catch (const std::bad_alloc&) {
    text = "out of memory";
  } catch (const std::exception& error) {
    text = short_message(error);
  }
  if (text.find("emory") != std::string::npos) {
    text = "there is not enough memory for this batch; try a smaller batch_size (" +
           text.substr(0, text.find('\n')) + ")";
  }
  throw Error("LibTorch: " + text);
}

}  // namespace sketchvae
