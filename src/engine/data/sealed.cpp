#include "data/sealed.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "data/files.h"

namespace sketchvae {
namespace {

constexpr size_t kBytes = 8;

std::array<std::byte, kBytes> checksum_of(std::span<const std::byte> bytes) {
  const uint64_t hash = hash_bytes(bytes);
  std::array<std::byte, kBytes> sum;
  for (size_t i = 0; i < kBytes; ++i) sum[i] = static_cast<std::byte>((hash >> (8 * i)) & 255);
  return sum;
}

}  // namespace

std::vector<std::byte> write_sealed(std::vector<TensorView> tensors, const Metadata& metadata) {
  const std::array<std::byte, kBytes> room{};
  tensors.push_back({"checksum", "U8", {kBytes}, room});
  std::vector<std::byte> file = write_safetensors(tensors, metadata);
  const size_t end = file.size() - kBytes;
  const auto sum = checksum_of(std::span(file).first(end));
  std::copy(sum.begin(), sum.end(), file.begin() + static_cast<std::ptrdiff_t>(end));
  return file;
}

bool seal_holds(std::span<const std::byte> file) {
  if (file.size() < kBytes) return false;
  const auto sum = checksum_of(file.first(file.size() - kBytes));
  return std::equal(sum.begin(), sum.end(), file.end() - kBytes);
}

}  // namespace sketchvae
