// A JSON value, its reader and its writer: the wire form of models and of a file's metadata.
// The reader trusts nothing (depth, length, UTF-8, numbers are checked). Fuzzed through
// tests/fuzz/fuzz_safetensors.cpp; tests: tests/cpp/test_json.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace sketchvae {

class Json {
 public:
  using Array = std::vector<Json>;
  using Object = std::vector<std::pair<std::string, Json>>;  // keeps the order of the text

  Json() = default;  // null
  Json(bool value) : value_(value) {}
  Json(double value) : value_(value) {}
  Json(int64_t value) : value_(static_cast<double>(value)) {}
  Json(int value) : value_(static_cast<double>(value)) {}
  Json(std::string value) : value_(std::move(value)) {}
  Json(const char* value) : value_(std::string(value)) {}
  Json(Array value) : value_(std::move(value)) {}
  Json(Object value) : value_(std::move(value)) {}

  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  bool is_boolean() const { return std::holds_alternative<bool>(value_); }
  bool is_number() const { return std::holds_alternative<double>(value_); }
  bool is_string() const { return std::holds_alternative<std::string>(value_); }
  bool is_array() const { return std::holds_alternative<Array>(value_); }
  bool is_object() const { return std::holds_alternative<Object>(value_); }

  // Typed access. Throws Error on another type; `what` names the value in that sentence.
  bool boolean(std::string_view what = "value") const;
  double number(std::string_view what = "value") const;
  int64_t integer(std::string_view what = "value") const;  // a whole number within +-2^53
  const std::string& string(std::string_view what = "value") const;
  const Array& array(std::string_view what = "value") const;
  const Object& object(std::string_view what = "value") const;

  // Member of an object; nullptr when it is absent.
  const Json* find(std::string_view key) const;
  // Member of an object; throws Error naming the key when it is absent.
  const Json& at(std::string_view key) const;

 private:
  std::variant<std::monostate, bool, double, std::string, Array, Object> value_;
};

// JSON has no words for numbers that are not finite. Files of our own have Python's: NaN, Infinity
// and -Infinity. Text from and for others is strict: the words are refused, null is written.
enum class NonFinite { refused, named };

// Reads one value and nothing after it but white space. Throws Error with the byte position.
// Depth is limited to 64; a key may occur once in an object.
Json read_json(std::string_view text, NonFinite non_finite = NonFinite::refused);

// Compact text; numbers round-trip exactly.
std::string write_json(const Json& value, NonFinite non_finite = NonFinite::refused);

}  // namespace sketchvae
