#include "train/fingerprint.h"

#include <map>
#include <set>

#include "data/json.h"

namespace sketchvae {
namespace {

using Parts = std::map<std::string, std::string>;  // name, value as JSON

// Adds the value's parts, named as a user of R would: "optimizer$learning_rate", "encoder[[2]]$units".
void add_parts(const std::string& name, const Json& value, Parts& parts) {
  if (value.is_object() && !value.object().empty()) {
    for (const auto& [key, item] : value.object()) {
      // Options are arguments of vae_fit(): their names need no more.
      const bool plain = name.empty() || name == "options";
      add_parts(plain ? key : name + "$" + key, item, parts);
    }
  } else if (value.is_array() && !value.array().empty()) {
    size_t number = 0;
    for (const Json& item : value.array()) {
      add_parts(name + "[[" + std::to_string(++number) + "]]", item, parts);
    }
  } else {
    parts[name] = write_json(value, NonFinite::named);
  }
}

// What the fingerprint holds, and its `defaults`.
struct Fingerprint {
  Parts parts, defaults;

  explicit Fingerprint(const std::string& text) {
    const Json json = read_json(text, NonFinite::named);
    for (const auto& [key, value] : json.object("fingerprint")) {
      add_parts(key == "defaults" ? "" : key, value, key == "defaults" ? defaults : parts);
    }
  }
};

// Defaults are those of every item of a list: "encoder[[2]]$units" is found as "encoder$units".
std::string without_numbers(const std::string& name) {
  std::string plain;
  int depth = 0;
  for (const char c : name) {
    depth += c == '[';
    if (depth == 0) plain += c;
    depth -= c == ']';
  }
  return plain;
}

std::string value_of(const std::string& name, const Fingerprint& own, const Fingerprint& other) {
  const auto part = own.parts.find(name);
  if (part != own.parts.end()) return part->second;
  for (const Fingerprint* from : {&own, &other}) {
    const auto found = from->defaults.find(without_numbers(name));
    if (found != from->defaults.end()) return found->second;
  }
  return "null";
}

std::string shown(const std::string& value) {
  constexpr size_t kLongest = 60;
  if (value == "null") return "not set";
  if (value.size() <= kLongest) return value;
  size_t end = kLongest;
  while ((static_cast<unsigned char>(value[end]) & 0xC0) == 0x80) --end;  // whole characters
  return value.substr(0, end) + "...";
}

std::string sentence(const std::string& name, const std::string& here, const std::string& there) {
  const auto hashes = " (hash " + here + " here, " + there + " there)";
  if (name == "x" || name == "validation") return name + " holds other drawings" + hashes;
  if (name == "weights") return "training starts from other weights" + hashes;
  return name + " is " + shown(here) + " here and " + shown(there) + " there";
}

}  // namespace

std::vector<std::string> fingerprint_differences(const std::string& here, const std::string& there) {
  std::vector<std::string> differences;
  if (here == there) return differences;
  const Fingerprint ours(here), theirs(there);
  std::set<std::string> names;
  for (const Fingerprint* side : {&ours, &theirs}) {
    for (const auto& [name, value] : side->parts) names.insert(name);
  }
  for (const std::string& name : names) {
    const std::string a = value_of(name, ours, theirs), b = value_of(name, theirs, ours);
    if (a != b) differences.push_back(sentence(name, a, b));
  }
  return differences;
}

}  // namespace sketchvae
