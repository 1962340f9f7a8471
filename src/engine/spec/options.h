// Checked values of the wire form. Throws Error naming the value. Tests: tests/cpp/test_spec.cpp.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "data/json.h"
#include "error.h"
#include "spec/spec.h"

namespace sketchvae {

template <typename T>
T one_of(const Json& value, const std::vector<std::pair<const char*, T>>& names,
         const std::string& what) {
  const std::string& given = value.string(what);
  std::string known;
  for (const auto& [name, meaning] : names) {
    if (given == name) return meaning;
    known += (known.empty() ? "" : ", ") + std::string(name);
  }
  throw Error(what + " must be one of " + known + ", not '" + given + "'");
}

double number_in(const Json& value, const std::string& what, double low, double high);
int64_t count(const Json& value, const std::string& what);  // 1 to 1e9
Shape shape_of(const Json& value, const std::string& what);

// What one layer was given. A kind asks for the options it has; others are refused.
class Options {
 public:
  explicit Options(const Json& layer) : layer_(layer) {}

  // Null where it is not given.
  const Json* find(const std::string& name);
  int64_t count(const std::string& name);                      // has to be given
  std::array<int64_t, 2> pair(const std::string& name);        // one number stands for both; {1, 1}
  Shape shape(const std::string& name);                        // has to be given
  double number(const std::string& name, double otherwise, double low, double high);
  template <typename T>
  T one_of(const std::string& name, const std::vector<std::pair<const char*, T>>& names) {
    const Json* value = find(name);  // the first where it is not given
    return value ? sketchvae::one_of(*value, names, name) : names.front().second;
  }

  // Throws Error when something was given that nobody asked for.
  void finish() const;

 private:
  const Json& given(const std::string& name);

  const Json& layer_;
  std::vector<std::string> asked_;
};

}  // namespace sketchvae
