// What every kind's file needs beside its class: its row of the table in layers/kinds.cpp.
#pragma once

#include <memory>

#include "error.h"
#include "spec/layer.h"
#include "spec/options.h"

namespace sketchvae {

template <typename Kind>
std::shared_ptr<const Layer> read_as(Options& options) {
  return std::make_shared<const Kind>(options);
}

// Throws Error unless the input has so many sizes.
inline void need_rank(const Shape& in, size_t rank, const char* what) {
  if (in.size() == rank) return;
  throw Error(std::string("needs ") + what + ", but gets " + to_string(in));
}

}  // namespace sketchvae
