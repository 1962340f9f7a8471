// Files of our own that must be known to be whole: a safetensors file whose last tensor, "checksum",
// is hash_bytes() of every byte before it, header and all. Tests: tests/cpp/test_sealed.cpp.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "data/safetensors.h"

namespace sketchvae {

// The file's bytes.
std::vector<std::byte> write_sealed(std::vector<TensorView> tensors, const Metadata& metadata);

// True when the file ends in the checksum of what stands before: no bit of it has changed.
bool seal_holds(std::span<const std::byte> file);

}  // namespace sketchvae
