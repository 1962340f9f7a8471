// src/engine/data/sealed.h
#include "data/sealed.h"

#include <doctest/doctest.h>

#include <array>

using namespace sketchvae;

TEST_CASE("a sealed file is a safetensors file, and no bit of it can change unseen") {
  const std::array<std::byte, 13> bytes{std::byte{7}};
  const auto file = write_sealed({{"a", "U8", {13}, bytes}}, {{"key", "value"}});
  CHECK(seal_holds(file));
  const Safetensors content = read_safetensors(file);
  CHECK(content.tensors.size() == 2);
  CHECK(*content.meta("key") == "value");
  CHECK(content.tensors.back().name == "checksum");
  auto bad = file;
  for (size_t i = 0; i < 8 * file.size(); ++i) {
    const auto bit = static_cast<std::byte>(1 << (i % 8));
    bad[i / 8] ^= bit;
    CHECK_FALSE(seal_holds(bad));
    bad[i / 8] ^= bit;
  }
  for (size_t n = 0; n < file.size(); ++n) CHECK_FALSE(seal_holds(std::span(file).first(n)));
}
