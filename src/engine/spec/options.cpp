#include "spec/options.h"

namespace sketchvae {

double number_in(const Json& value, const std::string& what, double low, double high) {
  const double number = value.number(what);
  if (!(number >= low && number <= high)) {
    throw Error(what + " is out of range");
  }
  return number;
}

int64_t count(const Json& value, const std::string& what) {
  const int64_t number = value.integer(what);
  if (number < 1 || number > 1'000'000'000) {
    throw Error(what + " must be a whole number from 1 to 1e9, not " + std::to_string(number));
  }
  return number;
}

Shape shape_of(const Json& value, const std::string& what) {
  Shape shape;
  if (value.is_number()) return {count(value, what)};
  for (const Json& size : value.array(what)) shape.push_back(count(size, what));
  return shape;
}

const Json* Options::find(const std::string& name) {
  asked_.push_back(name);
  const Json* value = layer_.find(name);
  return value && !value->is_null() ? value : nullptr;
}

const Json& Options::given(const std::string& name) {
  if (const Json* value = find(name)) return *value;
  throw Error(name + " is missing");
}

int64_t Options::count(const std::string& name) { return sketchvae::count(given(name), name); }

std::array<int64_t, 2> Options::pair(const std::string& name) {
  const Json* value = find(name);
  if (value == nullptr) return {1, 1};
  const Shape sizes = shape_of(*value, name);
  if (sizes.empty() || sizes.size() > 2) throw Error(name + " must be one or two numbers");
  return {sizes.front(), sizes.back()};
}

Shape Options::shape(const std::string& name) { return shape_of(given(name), name); }

double Options::number(const std::string& name, double otherwise, double low, double high) {
  const Json* value = find(name);
  return value ? number_in(*value, name, low, high) : otherwise;
}

void Options::finish() const {
  for (const auto& [key, value] : layer_.object()) {
    if (!value.is_null() && std::find(asked_.begin(), asked_.end(), key) == asked_.end()) {
      throw Error("'" + key + "' is not an option");
    }
  }
}

}  // namespace sketchvae
