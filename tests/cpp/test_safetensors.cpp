// Safetensors files: ours, those of Hugging Face's own library, and damaged ones.
#include <doctest/doctest.h>

#include <cstring>
#include <string>
#include <vector>

#include "data/safetensors.h"
#include "error.h"

using namespace sketchvae;

namespace {

using Bytes = std::vector<std::byte>;

Bytes bytes_of(const std::string& text) {
  const auto* first = reinterpret_cast<const std::byte*>(text.data());
  return {first, first + text.size()};
}

// A file of the given header and `data` bytes of tensors.
Bytes file_of(const std::string& header, size_t data) {
  std::string text(8, '\0');
  for (size_t k = 0; k < 8; ++k) text[k] = static_cast<char>(header.size() >> (8 * k));
  return bytes_of(text + header + std::string(data, '\7'));
}

std::string tensor(const std::string& name, const std::string& dtype, const std::string& shape,
                   const std::string& offsets) {
  return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":[" + shape +
         "],\"data_offsets\":[" + offsets + "]}";
}

bool refused(const Bytes& file, const std::string& words) {
  std::string error = "no error";
  try {
    read_safetensors(file);
  } catch (const Error& e) {
    error = e.what();
  }
  if (error.find(words) == std::string::npos) MESSAGE("got: " << error);
  return error.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("tensors and metadata survive, whatever their names") {
  const std::vector<float> kernel{0.5f, -1.0f, 3e38f, 0.0f, 1e-40f, 2.0f};
  const Bytes codes = bytes_of("\x01\x02\x03");
  const std::vector<TensorView> tensors{
      {"encoder/kernel", "F32", {2, 3}, std::as_bytes(std::span(kernel))},
      {"caf\xc3\xa9 \"quoted\" \\ \n\t", "U8", {3}, codes},
      {"empty", "F64", {0, 4}, {}},
      {"scalar", "I32", {}, std::as_bytes(std::span(kernel)).first(4)}};
  const std::vector<std::pair<std::string, std::string>> metadata{{"model", "{\"kind\":\"sheep\"}"},
                                                                  {"", "\xf0\x9f\x90\x91"}};
  const Bytes file = write_safetensors(tensors, metadata);
  const Safetensors content = read_safetensors(file);
  CHECK(content.metadata == metadata);
  REQUIRE(content.tensors.size() == tensors.size());
  for (size_t i = 0; i < tensors.size(); ++i) {
    CHECK(content.tensors[i].name == tensors[i].name);
    CHECK(content.tensors[i].dtype == tensors[i].dtype);
    CHECK(content.tensors[i].shape == tensors[i].shape);
    CHECK(std::equal(tensors[i].bytes.begin(), tensors[i].bytes.end(),
                     content.tensors[i].bytes.begin(), content.tensors[i].bytes.end()));
  }
  CHECK(content.find("scalar") == &content.tensors[3]);
  CHECK(content.find("nobody") == nullptr);
  CHECK(*content.meta("model") == "{\"kind\":\"sheep\"}");
  CHECK(content.meta("nobody") == nullptr);
  uint64_t header = 0;
  std::memcpy(&header, file.data(), 8);
  CHECK(header % 8 == 0);  // so that the tensors begin on a multiple of 8
}

TEST_CASE("a file without anything is a file") {
  const Safetensors content = read_safetensors(write_safetensors({}, {}));
  CHECK(content.tensors.empty());
  CHECK(content.metadata.empty());
}

TEST_CASE("a file of Hugging Face's library is read") {
  // safetensors 0.8.0: save({"enc/kernel": float32 arange(6).reshape(2, 3) / 4, "b": uint8 [1, 2,
  // 3], "empty": zeros((0, 4))}, metadata={"model": '{"name":"sheep"}', "ü": "é\n"})
  std::string text("\xf0\0\0\0\0\0\0\0", 8);
  text += R"({"__metadata__":{"model":"{\"name\":\"sheep\"}",")"
          "\xc3\xbc"
          R"(":")"
          "\xc3\xa9"
          R"(\n"},"empty":{"dtype":"F64","shape":[0,4],"data_offsets":[0,0]},)"
          R"("enc/kernel":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},)"
          R"("b":{"dtype":"U8","shape":[3],"data_offsets":[24,27]}} )";
  const float kernel[] = {0, 0.25f, 0.5f, 0.75f, 1, 1.25f};
  text.append(reinterpret_cast<const char*>(kernel), sizeof kernel);
  text += "\x01\x02\x03";
  REQUIRE(text.size() == 275);
  const Bytes file = bytes_of(text);
  const Safetensors content = read_safetensors(file);
  CHECK(*content.meta("model") == "{\"name\":\"sheep\"}");
  CHECK(*content.meta("\xc3\xbc") == "\xc3\xa9\n");
  const TensorView* found = content.find("enc/kernel");
  REQUIRE(found);
  CHECK(found->shape == std::vector<int64_t>{2, 3});
  CHECK(std::memcmp(found->bytes.data(), kernel, sizeof kernel) == 0);
  CHECK(content.find("b")->bytes[2] == std::byte{3});
  CHECK(content.find("empty")->bytes.empty());
}

TEST_CASE("a file that is cut anywhere is refused") {
  const Bytes data = bytes_of(std::string(40, 'x'));
  const Bytes file = write_safetensors({{"a", "F32", {5, 2}, data}}, {{"k", "v"}});
  for (size_t n = 0; n < file.size(); ++n) {
    CHECK_THROWS_AS(read_safetensors(std::span(file).first(n)), Error);
  }
  CHECK_NOTHROW(read_safetensors(file));
  Bytes longer = file;
  longer.push_back(std::byte{0});
  CHECK(refused(longer, "bytes follow its last tensor"));
}

TEST_CASE("header lengths that lie are refused") {
  Bytes file = file_of("{}", 0);
  file[0] = std::byte{3};
  CHECK(refused(file, "its header says 3 bytes"));
  for (size_t k = 1; k < 8; ++k) {
    Bytes lying = file_of("{}", 0);
    lying[k] = std::byte{255};
    CHECK(refused(lying, "its header says"));
  }
  CHECK(refused(bytes_of("<html>"), "shorter than its header"));
  CHECK(refused(bytes_of("<html><body>not found</body></html>"), "its header says"));
}

TEST_CASE("offsets, shapes and types that do not fit are refused") {
  const auto one = [](const std::string& dtype, const std::string& shape,
                      const std::string& offsets, size_t data) {
    return file_of("{" + tensor("a", dtype, shape, offsets) + "}", data);
  };
  CHECK_NOTHROW(read_safetensors(one("F32", "2", "0,8", 8)));
  CHECK(refused(one("F32", "2", "0,8", 7), "past the end"));
  CHECK(refused(one("F32", "2", "0,4", 4), "another length than its shape"));
  CHECK(refused(one("F64", "2", "0,8", 8), "another length than its shape"));
  CHECK(refused(one("F32", "2", "8,0", 8), "past the end"));
  CHECK(refused(one("F32", "2", "-8,0", 8), "past the end"));
  CHECK(refused(one("F32", "2", "4,12", 12), "holes"));
  CHECK(refused(one("F32", "2", "0,8", 9), "bytes follow"));
  CHECK(refused(one("F32", "-2", "0,8", 8), "negative size"));
  CHECK(refused(one("F32", "4294967296,4294967296", "0,8", 8), "too large"));
  CHECK(refused(one("U8", "9007199254740991,9007199254740991", "0,8", 8), "too large"));
  CHECK_THROWS_AS(read_safetensors(one("F32", "2.5", "0,10", 10)), Error);
  CHECK_THROWS_AS(read_safetensors(one("F32", "1e300", "0,8", 8)), Error);
  CHECK_THROWS_AS(read_safetensors(one("F32", "2", "0,1e300", 8)), Error);
  CHECK_THROWS_AS(read_safetensors(one("F32", "2", "0", 8)), Error);
  CHECK_THROWS_AS(read_safetensors(one("F32", "2", "0,8,8", 8)), Error);
  CHECK_THROWS_AS(read_safetensors(one("PICKLE", "2", "0,8", 8)), Error);
  CHECK(refused(
      file_of("{" + tensor("a", "U8", "4", "0,4") + "," + tensor("b", "U8", "4", "3,7") + "}", 7),
      "overlap"));
  CHECK(refused(
      file_of("{" + tensor("a", "U8", "4", "0,4") + "," + tensor("b", "U8", "4", "0,4") + "}", 4),
      "overlap"));
  CHECK_THROWS_AS(
      read_safetensors(file_of(
          "{" + tensor("a", "U8", "1", "0,1") + "," + tensor("a", "U8", "1", "1,2") + "}", 2)),
      Error);
}

TEST_CASE("headers that are something else are refused") {
  for (const std::string header :
       {"", "[]", "{", "null", "{\"a\":1}", "{\"a\":{}}", "{\"__metadata__\":{\"k\":1}}",
        "{\"__metadata__\":[]}", "{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", "{} {}",
        "{\"a\":{\"dtype\":7,\"shape\":[1],\"data_offsets\":[0,4]}}"}) {
    INFO(header);
    CHECK_THROWS_AS(read_safetensors(file_of(header, 4)), Error);
  }
  CHECK_NOTHROW(read_safetensors(file_of("{}      ", 0)));
}
